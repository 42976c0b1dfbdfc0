#include "regions/step_performer.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

constexpr const char* kWorld = R"(
seed: 7
region { name: "us-west-2" }
region { name: "us-east-1" }
key { region: "us-west-2" alias: "alias/db" }
)";

v1::Step parsed(std::string_view text) {
  v1::Step step;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &step)) << text;
  return step;
}

LoadedScenario loaded(const std::string& steps) {
  auto scenario = load_scenario("test.textproto", kWorld + steps);
  if (scenario) return *std::move(scenario);
  for (const InputError& error : scenario.error()) ADD_FAILURE() << error.to_string();
  return {};
}

// What each step of the live session was answered, "OK" or the code.
class LiveSession {
 public:
  LiveSession() : scenario_(loaded("")), world_(make_world(scenario_.scenario, 7)) {}

  std::string perform(std::string_view text) {
    std::string answer = "nothing";
    performer_.perform(parsed(text), [&](const StepPerformer::Answer& result) {
      answer = result ? "OK" : result.error().code;
    });
    world_->run_until_idle();
    return answer;
  }
  World& world() { return *world_; }

 private:
  LoadedScenario scenario_;
  std::unique_ptr<World> world_;
  StepPerformer performer_{*world_};
};

TEST(StepPerformerTest, PerformsCallsOfThreeServicesAndDeeds) {
  LiveSession live;
  EXPECT_EQ(live.perform("region: 'us-west-2' create_secret { name: 'db' secret_string: 'x' }"),
            "OK");
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { describe_key { key_id: 'alias/db' } }"), "OK");
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { describe_key { key_id: 'alias/no' } }"),
            "NotFoundException");
  EXPECT_EQ(live.perform("account { get_region_opt_status { region_name: 'us-east-1' } }"), "OK");
  EXPECT_EQ(live.perform("disable_key { region: 'us-west-2' key: 'alias/db' }"), "OK");
  EXPECT_EQ(live.perform("crash { region: 'us-west-2' }"), "OK");
  EXPECT_EQ(live.perform("region: 'us-west-2' get_secret_value { secret_id: 'db' }"),
            "ConnectionClosed");
}

TEST(StepPerformerTest, StandInsNameKeysThatNoClientCouldName) {
  LiveSession live;
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { disable_key { key_id: 'alias/db' } }"),
            "NotFoundException");
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { disable_key { key_id: '{alias/db}' } }"), "OK");
  EXPECT_EQ(live.world().kms("us-west-2").describe_key("alias/db")->state, v1::Disabled);
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { create_key { } }"), "OK");
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { create_alias { alias_name: 'alias/new' "
                         "target_key_id: '{created 1}' } }"),
            "OK");
  EXPECT_EQ(live.perform("region: 'us-west-2' kms { enable_key { key_id: '{created 2}' } }"),
            "NotFoundException");
}

TEST(StepPerformerTest, ReadsStandIns) {
  EXPECT_EQ(parse_key_stand_in("{alias/db}")->alias, "alias/db");
  EXPECT_EQ(parse_key_stand_in("{created 12}")->created, 12U);
  for (const char* text : {"alias/db", "{}", "{", "}", "{created }", "{created 0}", "{created 1x}",
                           "{db}", "{created -1}"}) {
    EXPECT_FALSE(parse_key_stand_in(text).has_value()) << text;
  }
}

// A session that was performed live and the run of what was written down are the same run.
TEST(StepPerformerTest, ARecordedSessionRunsToTheSameHash) {
  const std::vector<std::string> texts = {
      "region: 'us-west-2' create_secret { name: 'db' secret_string: 'x' kms_key_id: 'alias/db' "
      "add_replica_regions { region: 'us-east-1' } client_request_token: "
      "'11111111111111111111111111111111' }",
      "region: 'us-west-2' kms { encrypt { key_id: 'alias/db' plaintext: 'y' } }",
      "region: 'us-west-2' kms { create_key { multi_region: true } }",
      "region: 'us-west-2' kms { replicate_key { key_id: '{created 1}' replica_region: "
      "'us-east-1' } }",
      "account { list_regions { } }",
      "fault { name: 'outage' cut { from: 'us-west-2' to: 'us-east-1' } }",
      "heal { fault: 'outage' }",
  };
  const LoadedScenario empty = loaded("");
  const auto world = make_world(empty.scenario, 7);
  StepPerformer performer(*world);
  std::string steps;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string at = std::to_string(i * 400) + "ms";
    const v1::Step step = parsed("at: '" + at + "' " + texts[i]);
    world->simulation().at(
        engine::Instant() + *engine::parse_duration(at),
        [&performer, step] { performer.perform(step, {}); }, "step");
    steps += "step { " + step.ShortDebugString() + " }\n";
  }
  world->run_until_idle();
  const LoadedScenario recorded = loaded(steps);
  const v1::RunReport report = ScenarioRun(recorded, {.seed = 7}).finish();
  EXPECT_EQ(report.violations_size(), 0) << report.ShortDebugString();
  EXPECT_EQ(report.hash(), world->simulation().trace().hash().to_hex());
}

TEST(StepPerformerTest, AStepMaySayThatItsClientMakesUpNoToken) {
  const LoadedScenario empty = loaded("");
  const auto world = make_world(empty.scenario, 7);
  v1::Step step = parsed("region: 'us-west-2' put_secret_value { secret_id: 'db' }");
  EXPECT_TRUE(with_token(step, *world).put_secret_value().has_client_request_token());
  step.set_no_token(true);
  EXPECT_FALSE(with_token(step, *world).put_secret_value().has_client_request_token());
}

}  // namespace
}  // namespace faultline::regions
