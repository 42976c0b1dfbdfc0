// The world that is served: clocks, faults, snapshots, and sessions that are written down and run again.
#include "tools/serve/session.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/simulation.h"
#include "regions/runner.h"
#include "tools/serve/fault_words.h"
#include "tools/serve/served_world.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("faultline-session-" + std::to_string(getpid()));
    fs::create_directories(directory_);
    recording_ = directory_ / "session.textproto";
    fs::remove(recording_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  // A session of three regions.
  std::unique_ptr<Session> open(const char* clock = "manual", bool recorded = false,
                                std::uint64_t seed = 7) {
    const ServerClock parsed = ServerClock::parse(clock).value();
    auto world = served_world(
        {
            .scenario_file = {           },
            .regions = {"us-west-2",  "us-east-1", "eu-west-1"},
            .account = {           },
            .seed = seed,
            .follows_machine = !parsed.is_manual(),
            .now_unix_ns = 1'790'000'000'000'000'000
    },
        {});
    EXPECT_TRUE(world.has_value());
    std::unique_ptr<Recorder> recorder;
    if (recorded) recorder = Recorder::create(recording_, world->scenario, remembers_).value();
    return std::make_unique<Session>(SessionOptions{.scenario = std::move(*world),
                                                    .seed = seed,
                                                    .clock = parsed,
                                                    .shared = {},
                                                    .make_durable = {},
                                                    .recorder = std::move(recorder),
                                                    .remembers = remembers_});
  }

  // A session that remembers, of a world that a scenario describes.
  std::unique_ptr<Session> open_scenario(const std::string& text, bool recorded = false) {
    const std::string file = directory_ / "served.textproto";
    std::ofstream(file) << text;
    auto world = served_world({.scenario_file = file,
                               .regions = {},
                               .account = {},
                               .seed = 3,
                               .follows_machine = false,
                               .now_unix_ns = 0},
                              {});
    if (!world) {
      ADD_FAILURE() << world.error().front().to_string();
      return nullptr;
    }
    std::unique_ptr<Recorder> recorder;
    if (recorded) recorder = Recorder::create(recording_, world->scenario, true).value();
    return std::make_unique<Session>(SessionOptions{.scenario = std::move(*world),
                                                    .seed = 3,
                                                    .clock = ServerClock::parse("manual").value(),
                                                    .shared = {},
                                                    .make_durable = {},
                                                    .recorder = std::move(recorder),
                                                    .remembers = true});
  }

  // The answer's error, or "OK". Fails if there is none during the call.
  static std::string call(Session& session, const std::string& region, v1::ApiRequest request) {
    std::string outcome = "no answer";
    session.call(region, "admin", std::move(request), [&](const auto& result) {
      outcome = result ? "OK" : result.error().code;
      if (result && result->has_get_secret_value()) {
        outcome = result->get_secret_value().secret_string();
      }
    });
    return outcome;
  }
  static std::string create(Session& session, const std::string& name,
                            const std::vector<std::string>& replicas = {}) {
    v1::ApiRequest request;
    auto& create = *request.mutable_create_secret();
    create.set_name(name);
    create.set_secret_string("hunter2");
    create.set_client_request_token(name + std::string(32, 't'));
    for (const auto& region : replicas) create.add_add_replica_regions()->set_region(region);
    return call(session, "us-west-2", std::move(request));
  }
  static std::string read(Session& session, const std::string& region, const std::string& name) {
    v1::ApiRequest request;
    request.mutable_get_secret_value()->set_secret_id(name);
    return call(session, region, std::move(request));
  }
  static v1::ControlResponse fault(Session& session, const std::vector<std::string>& words) {
    v1::ControlRequest request;
    *request.mutable_apply_fault()->mutable_fault() = fault_of(words).value();
    return session.control(request);
  }
  static v1::ControlResponse advance(Session& session, engine::Duration by) {
    v1::ControlRequest request;
    request.mutable_advance_clock()->set_by_ns(by.ns());
    return session.control(request);
  }
  static std::string state_hash(Session& session) {
    v1::ControlRequest request;
    request.mutable_get_status()->set_state_hash(true);
    return session.control(request).status().state_hash();
  }

  static std::string control(Session& session, const v1::ControlRequest& request) {
    return session.control(request).error();
  }
  static std::string set_clock(Session& session, const std::string& text) {
    v1::ControlRequest request;
    request.mutable_set_clock()->set_text(text);
    return control(session, request);
  }
  static std::string step_events(Session& session, std::uint32_t count) {
    v1::ControlRequest request;
    request.mutable_step_events()->set_count(count);
    return control(session, request);
  }
  static std::string rewind(Session& session, std::uint64_t event) {
    v1::ControlRequest request;
    request.mutable_rewind()->set_event(event);
    return control(session, request);
  }
  static v1::SavedSession save(Session& session) {
    v1::ControlRequest request;
    request.mutable_save_session();
    const v1::ControlResponse response = session.control(request);
    EXPECT_EQ(response.error(), "");
    return response.saved();
  }
  static std::string hash_of(Session& session) {
    return session.world().simulation().trace().hash().to_hex();
  }
  // What `faultline run` says of a saved session: the hash, if it holds.
  static std::string hash_of_run(const std::string& scenario) {
    const auto loaded = regions::load_scenario("saved", scenario);
    if (!loaded) return loaded.error().front().to_string();
    regions::ScenarioRun run(*loaded, {});
    const v1::RunReport report = run.finish();
    return report.verdict() == v1::HOLDS ? report.hash() : v1::Verdict_Name(report.verdict());
  }

  bool remembers_ = false;  // of the sessions that open() opens
  fs::path directory_;
  std::string recording_;
};

// ---- clocks -------------------------------------------------------------------------------------

TEST_F(SessionTest, AManualClockMovesWithCallsAndWithNothingElse) {
  const auto session = open();
  ASSERT_EQ(create(*session, "db", {"us-east-1"}), "OK");
  const engine::Instant after_call = session->world().now();
  EXPECT_GT(after_call, engine::Instant());
  session->catch_up();
  EXPECT_EQ(session->world().now(), after_call);
  EXPECT_EQ(session->next_due(), std::nullopt);
  EXPECT_EQ(read(*session, "us-east-1", "db"), "ResourceNotFoundException") << "not there yet";
  EXPECT_EQ(advance(*session, engine::Duration::seconds(5)).error(), "");
  EXPECT_EQ(read(*session, "us-east-1", "db"), "hunter2");
}

TEST_F(SessionTest, AManualClockGoesForwardsOnly) {
  const auto session = open();
  EXPECT_NE(advance(*session, engine::Duration::zero()).error(), "");
  EXPECT_NE(advance(*session, engine::Duration::seconds(-1)).error(), "");
  EXPECT_EQ(session->world().now(), engine::Instant());
}

TEST_F(SessionTest, AClockThatFollowsTheMachineIsNotToBeMoved) {
  const auto session = open("real");
  EXPECT_NE(advance(*session, engine::Duration::seconds(1)).error().find("--clock manual"),
            std::string::npos);
}

TEST_F(SessionTest, AFastClockRunsAheadOfTheMachine) {
  const auto session = open("x1000000");
  ASSERT_EQ(create(*session, "db", {"us-east-1"}), "OK");
  const auto due = session->next_due();
  ASSERT_TRUE(due.has_value()) << "the replica's message is on its way";
  EXPECT_LT(*due - ServerClock::Machine::now(), std::chrono::seconds(1));
}

TEST_F(SessionTest, ACallThatNobodyAnswersIsGivenUpAndAnsweredLater) {
  const auto session = open();
  ASSERT_EQ(create(*session, "db"), "OK");
  ASSERT_EQ(fault(*session, {"pause", "--region", "us-west-2", "--for", "2h"}).error(), "");
  std::string outcome = "no answer";
  v1::ApiRequest request;
  request.mutable_describe_secret()->set_secret_id("db");
  session->call("us-west-2", "admin", request,
                [&](const auto& result) { outcome = result ? "OK" : result.error().code; });
  EXPECT_EQ(outcome, "no answer");
  EXPECT_LE(session->world().now() - engine::Instant(), Session::kLongestCall * 2);
  advance(*session, engine::Duration::hours(3));
  EXPECT_EQ(outcome, "OK");
}

// ---- faults -------------------------------------------------------------------------------------

TEST_F(SessionTest, AFaultIsAppliedListedAndCleared) {
  const auto session = open();
  ASSERT_EQ(create(*session, "db"), "OK");
  const auto applied = fault(*session, {"key-denied", "--region=us-west-2", "--name", "locked"});
  ASSERT_EQ(applied.error(), "");
  ASSERT_EQ(applied.faults_size(), 1);
  EXPECT_EQ(applied.faults(0).fault().name(), "locked");
  EXPECT_EQ(read(*session, "us-west-2", "db"), "AccessDeniedException");
  v1::ControlRequest list;
  list.mutable_list_faults();
  EXPECT_EQ(session->control(list).faults_size(), 1);
  v1::ControlRequest clear;
  clear.mutable_clear_faults()->set_name("locked");
  EXPECT_EQ(session->control(clear).faults_size(), 1);
  EXPECT_EQ(read(*session, "us-west-2", "db"), "hunter2");
  EXPECT_NE(session->control(clear).error().find("\"locked\""), std::string::npos);
}

TEST_F(SessionTest, AFaultThatNamesWhatIsNotThereIsRefused) {
  const auto session = open();
  EXPECT_NE(fault(*session, {"crash", "--region", "us-wst-2"}).error().find("us-west-2"),
            std::string::npos);
  EXPECT_NE(fault(*session, {"key-disabled", "--region", "us-west-2", "--key", "alias/no"}).error(),
            "");
  EXPECT_NE(fault(*session, {"kms-slow", "--region", "us-west-2", "--delay", "soon"}).error(), "");
  EXPECT_NE(fault(*session, {"kms-slow", "--region", "us-west-2"}).error(), "");
  EXPECT_EQ(session->world().simulation().faults().active().size(), 0U);
}

TEST_F(SessionTest, ANameIsTakenWhileItsFaultIsInForce) {
  const auto session = open();
  ASSERT_EQ(fault(*session, {"pause", "--region", "us-west-2", "--name", "p"}).error(), "");
  EXPECT_NE(fault(*session, {"pause", "--region", "us-east-1", "--name", "p"}).error(), "");
}

// ---- snapshots ----------------------------------------------------------------------------------

TEST_F(SessionTest, AResetBringsBackWhatASnapshotHeld) {
  const auto session = open();
  ASSERT_EQ(create(*session, "kept"), "OK");
  v1::ControlRequest snapshot;
  snapshot.mutable_take_snapshot()->set_name("before");
  ASSERT_EQ(session->control(snapshot).error(), "");
  const std::string before = state_hash(*session);
  ASSERT_EQ(create(*session, "lost"), "OK");
  EXPECT_NE(state_hash(*session), before);
  v1::ControlRequest reset;
  reset.mutable_reset_world()->set_snapshot("before");
  ASSERT_EQ(session->control(reset).error(), "");
  EXPECT_EQ(state_hash(*session), before);
  EXPECT_EQ(read(*session, "us-west-2", "kept"), "hunter2");
  EXPECT_EQ(read(*session, "us-west-2", "lost"), "ResourceNotFoundException");
  reset.mutable_reset_world()->clear_snapshot();
  ASSERT_EQ(session->control(reset).error(), "");
  EXPECT_EQ(read(*session, "us-west-2", "kept"), "ResourceNotFoundException");
  reset.mutable_reset_world()->set_snapshot("no such");
  EXPECT_NE(session->control(reset).error(), "");
}

// ---- recordings ---------------------------------------------------------------------------------

TEST_F(SessionTest, ARecordedSessionRunsAgainToTheSameHash) {
  for (const char* clock : {"manual", "real", "x1000"}) {
    fs::remove(recording_);
    std::string recorded_hash;
    {
      const auto session = open(clock, true);
      const auto pause = [&] {
        if (std::string_view(clock) == "manual") advance(*session, engine::Duration::seconds(2));
        usleep(20'000);
        session->catch_up();
      };
      const auto kms = [&](v1::KmsRequest request) {
        std::string outcome = "no answer";
        session->call_kms("us-east-1", "admin", std::move(request), [&](const auto& result) {
          outcome = result ? "OK" : result.error().code;
        });
        return outcome;
      };
      EXPECT_EQ(create(*session, "db", {"us-east-1", "eu-west-1"}), "OK");
      pause();
      EXPECT_EQ(read(*session, "us-west-2", "nobody"), "ResourceNotFoundException");
      v1::KmsRequest make;
      make.mutable_create_key()->set_description("for the replica");
      EXPECT_EQ(kms(make), "OK");
      v1::KmsRequest none;
      none.mutable_describe_key()->set_key_id("alias/nobody");
      EXPECT_EQ(kms(none), "NotFoundException");
      pause();
      EXPECT_EQ(fault(*session, {"cut", "--from", "us-west-2", "--to", "eu-west-1"}).error(), "");
      EXPECT_EQ(create(*session, "other", {"eu-west-1"}), "OK");
      pause();
      EXPECT_EQ(fault(*session, {"crash", "--region", "us-east-1", "--for", "10ms"}).error(), "");
      read(*session, "us-east-1", "db");
      pause();
      v1::ApiRequest no_token;
      no_token.mutable_create_secret()->set_name("raw");
      EXPECT_EQ(call(*session, "us-west-2", no_token), "InvalidRequestException");
      v1::ApiRequest password;
      password.mutable_get_random_password();
      EXPECT_EQ(call(*session, "eu-west-1", password), "OK");
      v1::ControlRequest clear;
      clear.mutable_clear_faults();
      EXPECT_EQ(session->control(clear).error(), "");
      pause();
      v1::ControlRequest reset;
      reset.mutable_reset_world();
      EXPECT_NE(session->control(reset).error(), "") << "it could not be replayed";
      EXPECT_NE(session->end_recording(), "");
      recorded_hash = session->world().simulation().trace().hash().to_hex();
    }
    const auto loaded = regions::load_scenario_file(recording_);
    ASSERT_TRUE(loaded.has_value()) << clock << ": " << loaded.error().front().to_string();
    regions::ScenarioRun run(*loaded, {});
    const v1::RunReport report = run.finish();
    EXPECT_EQ(v1::Verdict_Name(report.verdict()), "HOLDS") << clock;
    EXPECT_EQ(report.hash(), recorded_hash) << clock;
  }
}

TEST_F(SessionTest, ARecordingThatIsThereAlreadyIsNotWrittenOver) {
  std::ofstream(recording_) << "mine";
  const auto created = Recorder::create(recording_, {});
  ASSERT_FALSE(created.has_value());
  EXPECT_NE(created.error().find("already"), std::string::npos);
}

TEST_F(SessionTest, ARecordingIsItsOwnersOnly) {
  const auto session = open("manual", true);
  EXPECT_EQ(fs::status(recording_).permissions() & (fs::perms::group_all | fs::perms::others_all),
            fs::perms::none);
}

// A file that was not finished, because the server was killed, runs up to its last step.
TEST_F(SessionTest, AnUnfinishedRecordingCanBeRun) {
  const auto session = open("manual", true);
  ASSERT_EQ(create(*session, "db"), "OK");
  const auto loaded = regions::load_scenario_file(recording_);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_EQ(loaded->scenario.step_size(), 1);
}

// ---- memory -------------------------------------------------------------------------------------

// Hears the hash after each event.
class HashKeeper final : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override { hashes[event.id()] = event.chain(); }
  std::map<std::uint64_t, std::string> hashes;
};

TEST_F(SessionTest, ARememberedSessionIsSavedAndRunsAgainToTheSameHash) {
  remembers_ = true;
  for (const char* clock : {"manual", "real", "x1000"}) {
    const auto session = open(clock);
    EXPECT_TRUE(session->remembers());
    EXPECT_EQ(create(*session, "db", {"us-east-1"}), "OK");
    const auto first = save(*session);
    EXPECT_EQ(first.steps(), 1U);
    EXPECT_EQ(first.trace_hash(), hash_of(*session));
    EXPECT_EQ(hash_of_run(first.scenario()), first.trace_hash()) << clock;
    usleep(20'000);
    EXPECT_EQ(fault(*session, {"crash", "--region", "us-east-1", "--for", "10ms"}).error(), "");
    EXPECT_EQ(read(*session, "us-west-2", "nobody"), "ResourceNotFoundException");
    EXPECT_EQ(set_clock(*session, "manual"), "");
    EXPECT_EQ(create(*session, "other", {"eu-west-1"}), "OK");
    EXPECT_EQ(step_events(*session, 3), "");
    const auto second = save(*session);
    EXPECT_EQ(hash_of_run(second.scenario()), second.trace_hash()) << clock;
  }
}

// What breaks a property says so at once, as it does in the run of what was saved.
TEST_F(SessionTest, ABrokenPropertyIsInTheTraceOfTheSession) {
  const auto opened = open_scenario(R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    service { defect: "D22" })");
  ASSERT_NE(opened, nullptr);
  Session& session = *opened;
  std::vector<std::string> broken;
  class Listens final : public engine::TraceSink {
   public:
    explicit Listens(std::vector<std::string>& broken) : broken_(broken) {}
    void on_event(const v1::TraceEvent& event) override {
      if (event.kind() == v1::VIOLATION) broken_.push_back(event.subject());
    }

   private:
    std::vector<std::string>& broken_;
  } listens(broken);
  session.world().simulation().trace().add_sink(&listens);
  EXPECT_EQ(create(session, "db", {"us-east-1"}), "OK");
  advance(session, engine::Duration::seconds(2));
  v1::ApiRequest put;
  put.mutable_put_secret_value()->set_secret_id("db");
  put.mutable_put_secret_value()->set_secret_string("written to the replica");
  put.mutable_put_secret_value()->set_client_request_token(std::string(32, 'p'));
  call(session, "us-east-1", std::move(put));
  ASSERT_FALSE(broken.empty());
  const auto saved = save(session);
  const auto loaded = regions::load_scenario("saved", saved.scenario());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  regions::ScenarioRun run(*loaded, {});
  const v1::RunReport report = run.finish();
  EXPECT_EQ(v1::Verdict_Name(report.verdict()), "BROKEN");
  EXPECT_EQ(report.hash(), saved.trace_hash());
  session.world().simulation().trace().remove_sink(&listens);
}

TEST_F(SessionTest, NothingButABeginningCanBeSavedToo) {
  remembers_ = true;
  const auto session = open();
  const auto saved = save(*session);
  EXPECT_EQ(hash_of_run(saved.scenario()), saved.trace_hash());
}

constexpr const char* kTwoRegions = R"(
    region { name: "us-west-2" } region { name: "us-east-1" }
    key { region: "us-east-1" alias: "alias/app" }
    step { at: "1s" region: "us-west-2" create_secret {
        name: "db" secret_string: "hunter2"
        add_replica_regions { region: "us-east-1" kms_key_id: "alias/app" } } }
)";

// A step that waits for another event comes with it, whoever has caused the event.
TEST_F(SessionTest, StepsOfTheScenarioThatWaitForAnEventAreDone) {
  const auto session = open_scenario(std::string(kTwoRegions) + R"(
    step { on { event: "CALL_ENDED" verb: "PutSecretValue" delay: "10ms" }
           fault { name: "gone" crash { region: "us-east-1" } } }
    step { on { event: "MESSAGE_SENT" peer: "us-east-1" nth: 2 } crash { region: "us-west-2" } }
    step { at: "4s" restart { region: "us-west-2" } })");
  ASSERT_NE(session, nullptr);
  advance(*session, engine::Duration::seconds(2));
  const auto is_up = [&](const char* region) {
    auto& simulation = session->world().simulation();
    return simulation.is_up(*simulation.find(region));
  };
  EXPECT_TRUE(is_up("us-west-2") && is_up("us-east-1"));
  v1::ApiRequest put;
  put.mutable_put_secret_value()->set_secret_id("db");
  put.mutable_put_secret_value()->set_secret_string("hunter3");
  put.mutable_put_secret_value()->set_client_request_token(std::string(32, 'p'));
  call(*session, "us-west-2", std::move(put));
  advance(*session, engine::Duration::seconds(1));
  EXPECT_FALSE(is_up("us-west-2"));
  EXPECT_FALSE(is_up("us-east-1"));
  advance(*session, engine::Duration::seconds(10));
  const auto saved = save(*session);
  EXPECT_EQ(hash_of_run(saved.scenario()), saved.trace_hash());
  EXPECT_NE(saved.scenario().find("restart"), std::string::npos);
  // Gone back to before it, it has not happened; and happens again.
  EXPECT_EQ(rewind(*session, 1), "");
  EXPECT_TRUE(is_up("us-west-2") && is_up("us-east-1"));
  const auto again = save(*session);
  EXPECT_EQ(hash_of_run(again.scenario()), again.trace_hash());
  EXPECT_EQ(again.scenario().find("restart"), std::string::npos) << "it was not done yet";
}

// What the scenario's own steps come to depends on what its users do meanwhile: nobody expects
// anything of them any more, and calls that are made again are in the replay, too.
TEST_F(SessionTest, WhatUsersDoToTheStepsOfTheScenarioIsInTheReplay) {
  const auto session = open_scenario(std::string(kTwoRegions) + R"(
    step { at: "10s" region: "us-east-1" retries: 2 get_secret_value { secret_id: "db" }
           want { secret_string: "hunter2" } }
    step { at: "20s" disable_key { region: "us-east-1" key: "alias/app" } })");
  ASSERT_NE(session, nullptr);
  advance(*session, engine::Duration::seconds(5));
  v1::KmsRequest request;
  request.mutable_list_aliases();
  std::string key;
  session->call_kms("us-east-1", "admin", std::move(request), [&](const auto& result) {
    if (result) key = result->list_aliases().aliases(0).target_key_id();
  });
  v1::KmsRequest deletion;
  deletion.mutable_schedule_key_deletion()->set_key_id(key);
  session->call_kms("us-east-1", "admin", std::move(deletion),
                    [](const auto& result) { EXPECT_TRUE(result.has_value()); });
  EXPECT_EQ(fault(*session, {"crash", "--region", "us-east-1", "--for", "1m"}).error(), "");
  advance(*session, engine::Duration::seconds(60));
  const auto saved = save(*session);
  const auto loaded = regions::load_scenario("saved", saved.scenario());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  regions::ScenarioRun run(*loaded, {});
  const v1::RunReport report = run.finish();
  EXPECT_EQ(report.hash(), saved.trace_hash());
  ASSERT_EQ(report.violations_size(), 1) << "the deed of an operator, and nothing else";
  EXPECT_EQ(report.violations(0).expectation(), "DisableKey alias/app in us-east-1 succeeds");
}

// A recording ends before something that its scenario would have done.
TEST_F(SessionTest, WhatTheScenarioWouldHaveDoneLaterIsNotInTheRecording) {
  const auto session = open_scenario(std::string(kTwoRegions) + R"(
    step { at: "30s" crash { region: "us-east-1" } })",
                                     true);
  ASSERT_NE(session, nullptr);
  advance(*session, engine::Duration::seconds(2));
  EXPECT_EQ(read(*session, "us-east-1", "db"), "hunter2");
  const std::string said = session->end_recording();
  const auto loaded = regions::load_scenario_file(recording_);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_EQ(loaded->scenario.step_size(), 2);
  regions::ScenarioRun run(*loaded, {});
  EXPECT_NE(said.find(run.finish().hash()), std::string::npos) << said;
}

TEST_F(SessionTest, ARewoundSessionIsWhatItWas) {
  remembers_ = true;
  const auto session = open("manual");
  HashKeeper live;
  session->world().simulation().trace().add_sink(&live);
  EXPECT_EQ(create(*session, "db", {"us-east-1", "eu-west-1"}), "OK");
  EXPECT_EQ(fault(*session, {"cut", "--from", "us-west-2", "--to", "eu-west-1"}).error(), "");
  EXPECT_EQ(step_events(*session, 10), "");
  EXPECT_EQ(create(*session, "other", {"eu-west-1"}), "OK");
  advance(*session, engine::Duration::seconds(2));
  session->world().simulation().trace().remove_sink(&live);

  // Back and back again, down to the beginning.
  std::uint64_t event = session->world().simulation().trace().count();
  ASSERT_GT(event, 40U);
  while (event > 0) {
    HashKeeper again;
    session->on_new_world(
        [&](regions::World& world) { world.simulation().trace().add_sink(&again); });
    ASSERT_EQ(rewind(*session, event), "");
    const std::uint64_t there = session->world().simulation().trace().count();
    EXPECT_GE(there, event);
    EXPECT_EQ(again.hashes[there], live.hashes[there]) << event;
    EXPECT_TRUE(session->clock().is_manual());
    session->on_new_world([](regions::World&) {});
    event = event > 13 ? event - 13 : 0;
  }
  ASSERT_EQ(rewind(*session, 0), "");
  EXPECT_EQ(save(*session).steps(), 0U);
  EXPECT_EQ(read(*session, "us-west-2", "db"), "ResourceNotFoundException");
  EXPECT_NE(rewind(*session, 1'000'000), "");
}

TEST_F(SessionTest, ARewoundSessionGoesOnAnotherWay) {
  remembers_ = true;
  const auto session = open("manual", true);
  EXPECT_EQ(create(*session, "db", {"us-east-1"}), "OK");
  advance(*session, engine::Duration::seconds(2));
  const std::uint64_t here = session->world().simulation().trace().count();
  EXPECT_EQ(create(*session, "mistake"), "OK");
  ASSERT_EQ(rewind(*session, here), "");
  EXPECT_EQ(read(*session, "us-west-2", "mistake"), "ResourceNotFoundException");
  EXPECT_EQ(create(*session, "better", {"eu-west-1"}), "OK");
  advance(*session, engine::Duration::seconds(2));
  const auto saved = save(*session);
  EXPECT_EQ(saved.scenario().find("mistake\""), saved.scenario().rfind("mistake\""))
      << "only the read of it is left";
  EXPECT_EQ(hash_of_run(saved.scenario()), saved.trace_hash());
  // The file that is written meanwhile says the same.
  EXPECT_NE(session->end_recording(), "");
  std::ifstream file(recording_);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(hash_of_run(text.str()), saved.trace_hash());
}

TEST_F(SessionTest, WhoRemembersNothingSaysSo) {
  const auto session = open("manual");
  EXPECT_FALSE(session->remembers());
  EXPECT_NE(rewind(*session, 0), "");
  EXPECT_NE(step_events(*session, 1), "");
  v1::ControlRequest request;
  request.mutable_save_session();
  EXPECT_NE(control(*session, request).find("--console"), std::string::npos);
}

TEST_F(SessionTest, TheClockChangesOnRequest) {
  remembers_ = true;
  const auto session = open("real");
  EXPECT_EQ(create(*session, "db", {"us-east-1"}), "OK");
  EXPECT_NE(step_events(*session, 1), "") << "it is not paused";
  EXPECT_NE(set_clock(*session, "quick"), "");
  EXPECT_EQ(set_clock(*session, "manual"), "");
  const auto before = session->world().now();
  usleep(5'000);
  session->catch_up();
  EXPECT_EQ(session->world().now(), before);
  EXPECT_EQ(set_clock(*session, "x1000"), "");
  usleep(5'000);
  session->catch_up();
  EXPECT_GE(session->world().now() - before, engine::Duration::seconds(5));
}

TEST_F(SessionTest, AStepIsNoLeapOverDays) {
  remembers_ = true;
  const auto session = open("manual");
  EXPECT_EQ(create(*session, "db"), "OK");
  advance(*session, engine::Duration::seconds(100));
  EXPECT_NE(step_events(*session, 1), "");
}

// ---- clocks and faults in words -----------------------------------------------------------------

TEST(ServerClockTest, ReadsWhatItWrites) {
  for (const char* text : {"real", "manual", "x2", "x60", "x1000000", "x1/2", "x1/1000"}) {
    EXPECT_EQ(ServerClock::parse(text).value().text(), text);
  }
  for (const char* text : {"", "x", "x0", "x1", "x1000001", "x-5", "x2.5", "x1/1", "x1/0",
                           "x1/1001", "x1/", "x2/3", "fast", "Real", "60"}) {
    EXPECT_FALSE(ServerClock::parse(text).has_value()) << text;
  }
}

TEST(FaultWordsTest, SayWhatAScenarioSays) {
  const auto fault = fault_of({"degrade", "--from", "us-west-2", "--one-way", "--loss", "1/20",
                               "--bytes-per-second=1000", "--for", "30s", "--name", "slow"});
  ASSERT_TRUE(fault.has_value()) << fault.error();
  EXPECT_EQ(fault->ShortDebugString(),
            "name: \"slow\" for: \"30s\" degrade { from: \"us-west-2\" one_way: true loss: "
            "\"1/20\" bytes_per_second: 1000 }");
  EXPECT_EQ(fault_of({"crash", "--torn-tail", "keep-all"})->crash().torn_tail(), v1::KEEP_ALL);
  EXPECT_EQ(fault_of({"clock-skew", "--region", "a", "--region", "b"})->clock_skew().region_size(),
            2);
}

TEST(FaultWordsTest, NameWhatWasLikelyMeant) {
  EXPECT_NE(fault_of({"key-dnied"}).error().find("key-denied"), std::string::npos);
  EXPECT_NE(fault_of({"crash", "--regoin", "x"}).error().find("--region"), std::string::npos);
  EXPECT_NE(fault_of({"crash", "--region"}).error().find("needs a value"), std::string::npos);
  EXPECT_NE(fault_of({"drop-next", "--count", "many"}).error().find("a number"), std::string::npos);
  EXPECT_NE(fault_of({"crash", "--torn-tail", "all"}).error().find("lose-all"), std::string::npos);
  EXPECT_NE(fault_of({}).error(), "");
}

TEST(FaultWordsTest, EveryKindHasItsUsage) {
  EXPECT_EQ(
      fault_kinds().size(),
      static_cast<std::size_t>(v1::Fault::descriptor()->FindOneofByName("kind")->field_count()));
  for (const std::string& kind : fault_kinds()) EXPECT_NE(fault_usage(kind), "") << kind;
}

TEST(ServedWorldTest, HasEveryRegionOfAwsUnlessItIsToldWhich) {
  const auto all =
      served_world({.scenario_file = {}, .regions = {}, .account = {}, .seed = {}}, {});
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->scenario.region_size(), 34);
  EXPECT_NE(all->scenario.seed(), 0U);
  const auto wrong =
      served_world({.scenario_file = {}, .regions = {"us-west-9"}, .account = {}, .seed = {}}, {});
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().front().message.find("us-west-"), std::string::npos);
}

}  // namespace
}  // namespace faultline::tools
