// Session: the world that a server serves. Clients' calls, faults and the clock all come through
// here; nothing else touches the world while it is served.
//
// Time      follows the ServerClock: before anything is done the world catches up with it, and
//           what is due happens. With a manual clock a call moves the world's time until it is
//           answered, at most by kLongestCall, and nothing else does but advance().
// Replies   come exactly once, during the call or later (from catch_up, advance or another call).
//           A reply leaves only after make_durable has made durable what it tells of.
// Record    with a recorder every call, fault and operator's deed is written down as a step of a
//           scenario at its instant; `faultline run` of that file gives the same trace, hash and
//           all, because live and replayed steps are performed by the same code, and no two things
//           that were not ordered by the world happen at one instant.
// Threads   one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "proto/control.pb.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_steps.h"
#include "regions/scenario_world.h"
#include "regions/step_performer.h"
#include "regions/world.h"
#include "regions/world_image.h"
#include "tools/serve/aws_front.h"
#include "tools/serve/recorder.h"
#include "tools/serve/server_clock.h"

namespace faultline::tools {

struct SessionOptions {
  // The world, and what happens in it without clients. Checked.
  regions::LoadedScenario scenario;
  std::uint64_t seed = 1;
  ServerClock clock;
  regions::SharedParts shared;
  // Called after a call was answered and before its reply leaves. Errors: a sentence; the client is
  // told InternalServiceError, for whether the call will be remembered is not known.
  std::function<Expected<void, std::string>(regions::World&)> make_durable;
  // Null: nothing is recorded, unless the session remembers.
  std::unique_ptr<Recorder> recorder;
  // Records in memory if there is no recorder; one that there is must remember. A world that is older
  // than the session cannot be repeated: then there is no memory (Session::remembers).
  bool remembers = false;
};

class Session final : public AwsBackend {
 public:
  // How much of the world's time a call may take with a manual clock.
  static constexpr engine::Duration kLongestCall = engine::Duration::seconds(60);

  explicit Session(SessionOptions options);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ---- AwsBackend -------------------------------------------------------------------------------
  void call(std::string_view region, std::string_view principal, v1::ApiRequest request,
            SecretsReply reply) override;
  void call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                KmsReply reply) override;
  void call_account(std::string_view principal, v1::AccountRequest request,
                    AccountReply reply) override;
  [[nodiscard]] std::optional<AccessKey> find_access_key(
      std::string_view access_key_id) const override;
  [[nodiscard]] bool knows_region(std::string_view region) const override;
  // Clients sign with the machine's clock: with a clock that does not follow it, that one.
  [[nodiscard]] std::int64_t wall_unix_ns() const override;

  // ---- time -------------------------------------------------------------------------------------
  // What is due by now happens. Nothing with a manual clock.
  void catch_up();
  // When catch_up() should be called next, though nobody calls; nothing: there is nothing to wait
  // for.
  [[nodiscard]] std::optional<ServerClock::Machine::time_point> next_due() const;

  // ---- control ----------------------------------------------------------------------------------
  [[nodiscard]] v1::ControlResponse control(const v1::ControlRequest& request);

  // Ends the recording, if there is one: the last instant, and the hash that its replay must have.
  // Returns what to tell the user; empty: nothing was recorded.
  [[nodiscard]] std::string end_recording();

  [[nodiscard]] regions::World& world() { return *world_; }
  // Called now, and whenever the session goes on in another world, before anything happens in it. The
  // one before is gone then.
  void on_new_world(std::function<void(regions::World&)> hook);

  [[nodiscard]] std::uint64_t calls_answered() const { return calls_answered_; }
  // Of clients who still wait.
  [[nodiscard]] std::uint64_t calls_in_flight() const { return calls_in_flight_; }
  [[nodiscard]] const ServerClock& clock() const { return options_.clock; }
  [[nodiscard]] std::uint64_t seed() const { return options_.seed; }
  [[nodiscard]] const v1::Scenario& scenario() const { return options_.scenario.scenario; }
  // Whether it can be rewound and saved.
  [[nodiscard]] bool remembers() const;
  // In a sentence, why not. REQUIRES: !remembers().
  [[nodiscard]] std::string why_it_forgets() const;

 private:
  using Answer = regions::StepPerformer::Answer;
  template <class T>
  using Result = regions::Result<T>;

  class Watch;

  // A world as it is when the server starts, or as `image` says. Who waits for an answer of the old
  // one gets none.
  void rebuild(std::shared_ptr<const regions::WorldImage> image);
  // What the scenario brings along, and its properties: looked at after every event.
  void after_event();
  // What the recorder remembers happens again, each at its instant.
  void schedule_remembered_steps();
  // Moves the world to an instant of its own for what is to be done next, and does it there.
  void at_own_instant(const std::function<void()>& deed);
  void settle(const bool* answered);
  // What is due now happens: the run of what was recorded ends here, and not at its very beginning.
  engine::Instant end_now();
  // Performs the step and writes it down. REQUIRES: a recorder.
  void perform(v1::Step step, std::function<void(const Answer&)> answered);
  template <class Response>
  std::function<void(Result<Response>)> durably(std::function<void(Result<Response>)> reply);
  template <class Response, class Step, class Direct>
  void serve(std::function<void(Result<Response>)> reply, const Step& step, const Direct& direct);
  // What an operator does, now.
  void operate(v1::Step step);

  // ---- session_control.cpp ----------------------------------------------------------------------
  void apply_fault(const v1::ControlRequest::ApplyFault& request, v1::ControlResponse& response);
  void list_faults(v1::ControlResponse& response);
  void clear_faults(const v1::ControlRequest::ClearFaults& request, v1::ControlResponse& response);
  void status(const v1::ControlRequest::GetStatus& request, v1::ControlResponse& response);
  void advance(const v1::ControlRequest::AdvanceClock& request, v1::ControlResponse& response);
  void take_snapshot(const v1::ControlRequest::TakeSnapshot& request,
                     v1::ControlResponse& response);
  void reset(const v1::ControlRequest::ResetWorld& request, v1::ControlResponse& response);
  void life_of(v1::Step step, const std::string& region, v1::ControlResponse& response);

  // ---- session_memory.cpp -----------------------------------------------------------------------
  void set_clock(const v1::ControlRequest::SetClock& request, v1::ControlResponse& response);
  void step_events(const v1::ControlRequest::StepEvents& request, v1::ControlResponse& response);
  void rewind(const v1::ControlRequest::Rewind& request, v1::ControlResponse& response);
  void save(v1::ControlResponse& response);
  [[nodiscard]] std::string what_is_wrong_with(const v1::Fault& fault) const;
  [[nodiscard]] v1::FaultInForce in_force(const engine::ActiveFault& fault) const;

  SessionOptions options_;
  std::unique_ptr<regions::World> world_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<regions::StepPerformer> performer_;
  // Null in a world in which they have been done before.
  std::unique_ptr<regions::ScenarioSteps> own_steps_;
  std::function<void(regions::World&)> new_world_hook_;
  std::map<std::string, std::shared_ptr<const regions::WorldImage>> snapshots_;
  std::uint64_t calls_answered_ = 0;
  std::uint64_t calls_in_flight_ = 0;
  std::uint64_t faults_named_ = 0;
};

}  // namespace faultline::tools
