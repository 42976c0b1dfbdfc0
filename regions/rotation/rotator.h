// Rotator: runs the rotations of one region's secrets. One for each life of the store.
//
// A rotation is four invocations of the secret's function: createSecret, setSecret, testSecret,
// finishSecret. What is to be done next lies in the secret's record (RotationUnderWay), so that a
// region that died goes on with the step at which it was; functions are made so that a step can be
// done twice.
//
// Fails    when a step fails, the rotation is tried again as a whole, after the service's
//          retry_base, twice that, … up to retry_cap, each with up to a quarter more, max_attempts
//          times in all. Then it is left as it is, AWSPENDING included, until the next window comes
//          or RotateSecret is called. The numbers are ours.
// Ends     finishSecret has made the new version AWSCURRENT: AWSPENDING is taken away,
//          LastRotatedDate is now, and the next window is looked up. Abandoned when its version
//          loses AWSPENDING: someone made another one AWSCURRENT, or took the label away.
// Due      at a moment in the window that is drawn once (keyed by secret); a timer in the
//          background, so that it does not keep a run going. The clock is the region's own.
// Replicas do not rotate; nor does a secret that is scheduled for deletion: it goes on when it is
//          restored.
// Trace    ROTATION: RotationStarted, createSecret, setSecret, testSecret, finishSecret (with how
//          they ended), RotationSucceeded, RotationFailed, RotationAbandoned; TestRotationStarted,
//          TestRotationSucceeded, TestRotationFailed.
// Source   AWS Secrets Manager User Guide, "Rotate secrets", "Rotation schedules", "Log events with
//          CloudTrail"; API Reference, API_RotateSecret.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/actor.h"
#include "proto/storage.pb.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions {

// Timer keys of a rotator have both of the two highest bits; no other timer of a region has.
inline constexpr std::uint64_t kRotationTimer = std::uint64_t{3} << 62U;

class Rotator {
 public:
  // Outlived by the region's services.
  explicit Rotator(RegionServices& region);
  // Takes back its timers.
  ~Rotator();
  Rotator(const Rotator&) = delete;
  Rotator& operator=(const Rotator&) = delete;

  // Once, before anything else: the store was opened; go on with what lies there.
  void recover();
  // An operation has committed a change of this secret.
  void secret_changed(const std::string& secret_name);
  // `key`: below kRotationTimer.
  void on_timer(std::uint64_t key);
  // An invocation has ended; nothing: well. One that this life did not ask for is ignored.
  void answered(std::uint64_t invocation, const std::optional<Error>& error);
  // RotateSecret found a rotation that is not complete: it is tried again now if nobody is at it.
  void try_again(const std::string& secret_name);

 private:
  // What is under way for one secret in this life; and what it is waiting for.
  struct Work {
    std::string name;
    std::string arn;
    std::string version_id;        // empty: no rotation is under way
    std::uint64_t invocation = 0;  // 0: none is waited for
    engine::TimerId timer = 0;     // until the next attempt, or until a rotation is due
    std::uint64_t key = 0;
    std::int64_t due_unix_ns = 0;
  };
  using RecordPtr = std::shared_ptr<const v1::StoredSecret>;

  // The record, if it may rotate here; null: it may not, or the store has failed.
  RecordPtr look(const std::string& name);
  Work& work_for(const v1::StoredSecret& secret);
  void forget(const std::string& name);
  void stop_timer(Work& work);
  void wait(Work& work, engine::Duration after, engine::TimerClass urgency);
  void arm_due(Work& work, const v1::StoredSecret& secret);
  void start_due(const std::string& name);
  void invoke(Work& work, const v1::StoredSecret& secret);
  void step_done(Work& work, const v1::StoredSecret& secret);
  void step_failed(Work& work, const v1::StoredSecret& secret, const Error& error);
  void succeed(Work& work, const v1::StoredSecret& secret);
  void end_test(Work& work, const v1::StoredSecret& secret, const std::optional<Error>& error);
  // False: the store has failed; the rotator does nothing more.
  bool commit(v1::StoredSecret secret, std::string_view why, bool concerns_replicas,
              const std::vector<std::string>& erased_versions = {});
  void record(std::string_view secret_name, std::string_view verb, std::string_view outcome,
              std::string_view version_id);

  RegionServices& region_;
  std::map<std::string, Work> works_;  // by the secret's name
  std::map<std::uint64_t, std::string> by_invocation_;
  std::map<std::uint64_t, std::string> by_key_;
  std::uint64_t last_key_ = 0;
};

}  // namespace faultline::regions
