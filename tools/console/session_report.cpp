#include "tools/console/session_report.h"

#include "regions/scenario_loader.h"
#include "tools/report/html.h"
#include "tools/report/report_file.h"
#include "tools/report/run_record.h"

namespace faultline::tools {

std::string session_file_name(const v1::SavedSession& saved) {
  return "session-" + saved.trace_hash().substr(0, 8) + ".textproto";
}

Expected<std::string, std::string> session_report(const v1::SavedSession& saved,
                                                  const regions::SharedParts& shared,
                                                  const regions::CheckOptions& check) {
  const std::string file = session_file_name(saved);
  const auto loaded = regions::load_scenario(file, saved.scenario(), check);
  if (!loaded) return tl::make_unexpected(loaded.error().front().to_string());
  regions::RunOptions options;
  options.shared = shared;
  const RunRecord record = record_run(*loaded, options);
  const auto twin = sound_twin(record, shared, check);
  return report_page(record, {.command = "faultline run " + file,
                              .twin = twin ? &*twin : nullptr,
                              .twin_label = std::string(kSoundProtocol),
                              .twin_command = {}});
}

}  // namespace faultline::tools
