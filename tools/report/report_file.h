// Reports as files: which formats there are, what a report is held against, and writing it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/result.h"
#include "regions/scenario/check.h"
#include "regions/scenario_world.h"
#include "tools/report/payload.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

enum class ReportFormat { Html, Perfetto, ShiViz, Mermaid, JsonLines };

// "html", "perfetto" …, in the order of the enumeration.
[[nodiscard]] const std::vector<std::string>& report_format_names();
// Nothing: there is none of this name.
[[nodiscard]] std::optional<ReportFormat> find_report_format(std::string_view name);

// Errors   a sentence: no pages in this build, a run without events, too long for Mermaid.
[[nodiscard]] Expected<std::string, std::string> report_text(const RunRecord& record,
                                                             ReportFormat format,
                                                             const PayloadOptions& options);

// The same run, seed and all, with the sound protocol. Nothing: it has no defect, or cannot be run
// without.
[[nodiscard]] std::optional<RunRecord> sound_twin(const RunRecord& record,
                                                  const regions::SharedParts& shared,
                                                  const regions::CheckOptions& check,
                                                  std::optional<engine::Duration> until = {});
inline constexpr std::string_view kSoundProtocol = "sound protocol";
inline constexpr std::string_view kFullRun = "full run";

}  // namespace faultline::tools
