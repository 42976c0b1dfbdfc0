#include "tools/report/report_file.h"

#include <algorithm>

#include "tools/report/exports.h"
#include "tools/report/html.h"
#include "tools/report/partakers.h"

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
  if (format == ReportFormat::Html) return report_page(record, options);
  // Every event.
  if (format == ReportFormat::JsonLines) return json_lines(record);
  const auto reduced = without_idle_regions(record, nullptr);
  const RunRecord& shown = reduced ? reduced->record : record;
  if (format == ReportFormat::Perfetto) return perfetto_json(shown);
  if (format == ReportFormat::ShiViz) return shiviz_log(shown);
  return mermaid_text(shown);
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
