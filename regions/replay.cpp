#include "regions/replay.h"

#include <google/protobuf/util/message_differencer.h>

#include "regions/build_id.h"
#include "regions/narrator.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"

namespace faultline::regions {
namespace {

using google::protobuf::util::MessageDifferencer;

// Holds each event of the run against the recorded one.
class Comparison : public engine::TraceSink {
 public:
  explicit Comparison(const std::vector<v1::TraceEvent>& recorded) : recorded_(recorded) {}

  void on_event(const v1::TraceEvent& event) override {
    if (difference) return;
    if (next_ >= recorded_.size()) {
      difference = Difference{event.id(), "", event_text(event)};
    } else if (const v1::TraceEvent& expected = recorded_[next_++];
               !MessageDifferencer::Equals(expected, event)) {
      difference = Difference{event.id(), event_text(expected), event_text(event)};
    }
  }

  void end() {
    if (difference || next_ == recorded_.size()) return;
    difference = Difference{recorded_[next_].id(), event_text(recorded_[next_]), ""};
  }

  std::optional<Difference> difference;

 private:
  const std::vector<v1::TraceEvent>& recorded_;
  std::size_t next_ = 0;
};

}  // namespace

Expected<ReplayResult, InputError> replay(const std::string& file, const RecordedRun& recorded,
                                          const SharedParts& shared) {
  v1::Scenario scenario;
  if (!scenario.ParseFromString(recorded.header.scenario())) {
    return tl::make_unexpected(InputError{file, 0, 0, "the scenario in it cannot be read"});
  }
  CheckOptions options;
  if (shared.protocols != nullptr) options.protocols = shared.protocols->names();
  auto loaded = adopt_scenario(recorded.header.scenario_name(), std::move(scenario), options);
  if (!loaded) {
    return tl::make_unexpected(InputError{
        file, 0, 0, "the scenario in it is not valid: " + loaded.error().front().message});
  }
  Comparison comparison(recorded.events);
  RunOptions run_options{.seed = recorded.header.seed(), .sinks = {&comparison}, .shared = shared};
  if (recorded.header.until_ns() > 0) {
    run_options.until = engine::Duration::nanos(recorded.header.until_ns());
  }
  ScenarioRun run(*loaded, std::move(run_options));
  ReplayResult result;
  result.report = run.finish();
  comparison.end();
  result.difference = std::move(comparison.difference);
  result.other_build = recorded.header.build() != build_id();
  return result;
}

}  // namespace faultline::regions
