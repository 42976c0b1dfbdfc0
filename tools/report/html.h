// A report: one run as one HTML page that needs nothing else: no server, no network.
//
//     const auto page = report_page(record, {.command = "faultline run …"});
//
// The page is tools/web/report's shell with its style and its script, and the payload (payload.h) as
// gzip and base64. Titles with markup are text. Stable: equal runs, builds and pages give equal bytes.
#pragma once

#include <string>
#include <string_view>

#include "proto/result.h"
#include "tools/report/payload.h"

namespace faultline::tools {

// Errors   this build has no pages (tools/web/assets.h); a run without events.
[[nodiscard]] Expected<std::string, std::string> report_page(const RunRecord& record,
                                                             const PayloadOptions& options);
// Whether this build has pages at all, and what to say if not.
[[nodiscard]] bool has_report_page();
inline constexpr std::string_view kNoReportPage =
    "this build has no pages: it was built without Node.js, which bundles them; install nodejs and "
    "npm and build again, or take --format jsonl, perfetto, shiviz or mermaid";

// Text as it stands in HTML, also between quotation marks.
[[nodiscard]] std::string html_escaped(std::string_view text);
// As gzip (RFC 1952) with a header that says nothing of time, name or system.
[[nodiscard]] std::string gzipped(std::string_view bytes);

}  // namespace faultline::tools
