// A run in the languages of other tools. Pure, and stable: the same run gives the same bytes. No secret
// value is in them, for none is in a trace.
#pragma once

#include <cstddef>
#include <string>

#include "proto/result.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

// Chrome's Trace Event Format, for ui.perfetto.dev and chrome://tracing: a process a region, calls as
// async slices, messages as flows, and how many changes each replica is behind as a counter.
// Source  "Trace Event Format" (Chromium), "Other trace formats" (Perfetto).
[[nodiscard]] std::string perfetto_json(const RunRecord& record);

// A log with vector clocks, for ShiViz; its parser's default expression reads it.
// Source  ShiViz, "(?<host>\S*) (?<clock>{.*})\n(?<event>.*)".
[[nodiscard]] std::string shiviz_log(const RunRecord& record);

// A sequence diagram as Mermaid text, to paste into an issue.
// Errors   a run of more than kMermaidMost arrows and notes: shrink it first.
inline constexpr std::size_t kMermaidMost = 60;
[[nodiscard]] Expected<std::string, std::string> mermaid_text(const RunRecord& record);

// One v1::TraceEvent a line, as JSON with the names of proto/trace.proto.
[[nodiscard]] std::string json_lines(const RunRecord& record);

// A text as a JSON string, quotes included.
[[nodiscard]] std::string json_quoted(std::string_view text);
void append_json_quoted(std::string_view text, std::string& out);

}  // namespace faultline::tools
