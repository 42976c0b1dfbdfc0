#include "tools/report/report_file.h"

#include <algorithm>

#include "tools/report/exports.h"
#include "tools/report/html.h"

namespace faultline::tools {

const std::vector<std::string>& report_format_names() {
  static const std::vector<std::string> kNames = {"html", "perfetto", "shiviz", "mermaid", "jsonl"};
  return kNames;
}

std::optional<ReportFormat> find_report_format(std::string_view name) {
  const auto& names = report_format_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<ReportFormat>(found - names.begin());
}

Expected<std::string, std::string> report_text(const RunRecord& record, ReportFormat format,
                                               const PayloadOptions& options) {
  if (record.events.empty()) {
    return tl::make_unexpected(
        std::string("nothing happens in this run: there is nothing to report"));
  }
  switch (format) {
    case ReportFormat::Html:
      return report_page(record, options);
    case ReportFormat::Perfetto:
      return perfetto_json(record);
    case ReportFormat::ShiViz:
      return shiviz_log(record);
    case ReportFormat::Mermaid:
      return mermaid_text(record);
    case ReportFormat::JsonLines:
      break;
  }
  return json_lines(record);
}

std::optional<RunRecord> sound_twin(const RunRecord& record, const regions::SharedParts& shared,
                                    const regions::CheckOptions& check,
                                    std::optional<engine::Duration> until) {
  if (record.scenario.service().defect().empty()) return std::nullopt;
  v1::Scenario scenario = record.scenario;
  scenario.mutable_service()->clear_defect();
  const auto loaded = regions::adopt_scenario(record.file, std::move(scenario), check);
  if (!loaded) return std::nullopt;
  regions::RunOptions options;
  options.seed = record.report.seed();
  options.until = until;
  options.shared = shared;
  return record_run(*loaded, std::move(options));
}

}  // namespace faultline::tools
