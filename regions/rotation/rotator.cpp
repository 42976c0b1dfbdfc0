#include "regions/rotation/rotator.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "kms/identifiers.h"
#include "proto/trace.pb.h"
#include "regions/api/commit_or_retry.h"
#include "regions/rotation/functions.h"
#include "regions/rotation/records.h"
#include "regions/secret_store.h"
#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::TimerClass;

std::string_view after_step(std::string_view step) {
  if (step == kCreateStep) return kSetStep;
  if (step == kSetStep) return kTestStep;
  return kFinishStep;
}

bool holds(const v1::StoredSecret& secret, std::string_view version_id, std::string_view label) {
  const v1::VersionInfo* const version = find_version(secret, version_id);
  return version != nullptr && has_label(*version, label);
}

}  // namespace

Rotator::Rotator(RegionServices& region) : region_(region) {}

Rotator::~Rotator() {
  for (auto& [name, work] : works_) stop_timer(work);
}

// ---- what a secret's record asks for ------------------------------------------------------------

Rotator::RecordPtr Rotator::look(const std::string& name) {
  if (!region_.store.is_open()) return nullptr;
  const auto found = region_.store.look(name);
  if (!found.has_value()) {
    region_.store_failed(found.error().message);
    return nullptr;
  }
  const RecordPtr secret = *found;
  const bool may_rotate = secret != nullptr && secret->has_rotation() &&
                          secret->role() != v1::Replica && !secret->has_deletion_unix_ns();
  return may_rotate ? secret : nullptr;
}

Rotator::Work& Rotator::work_for(const v1::StoredSecret& secret) {
  const auto known = works_.find(secret.name());
  if (known != works_.end() && known->second.arn == secret.arn()) return known->second;
  forget(secret.name());
  Work& work = works_[secret.name()];
  work.name = secret.name();
  work.arn = secret.arn();
  work.key = ++last_key_;
  by_key_[work.key] = secret.name();
  return work;
}

void Rotator::forget(const std::string& name) {
  const auto known = works_.find(name);
  if (known == works_.end()) return;
  stop_timer(known->second);
  by_invocation_.erase(known->second.invocation);
  by_key_.erase(known->second.key);
  works_.erase(known);
}

void Rotator::recover() {
  const auto secrets = region_.store.secrets();
  if (!secrets.has_value()) return region_.store_failed(secrets.error().message);
  for (const v1::StoredSecret& secret : *secrets) {
    if (secret.has_rotation()) secret_changed(secret.name());
  }
}

void Rotator::secret_changed(const std::string& secret_name) {
  const RecordPtr secret = look(secret_name);
  if (secret == nullptr) return forget(secret_name);
  const v1::StoredRotation& rotation = secret->rotation();
  const std::string& version_id = rotation.under_way().version_id();
  if (version_id.empty() && !rotation.enabled() && !works_.contains(secret_name)) return;
  Work& work = work_for(*secret);
  if (work.version_id != version_id) {
    // Not by us: we know before we commit. Cancelling is not abandoning.
    if (!work.version_id.empty() && rotation.enabled()) {
      record(secret_name, "RotationAbandoned", "OK", work.version_id);
    }
    by_invocation_.erase(work.invocation);
    work.invocation = 0;
    stop_timer(work);
    work.version_id = version_id;
    if (!version_id.empty()) {
      const bool begins = rotation.under_way().started_unix_ns() == region_.wall_unix_ns();
      const std::string_view verb =
          rotation.under_way().test_only() ? "TestRotationStarted" : "RotationStarted";
      if (begins) record(secret_name, verb, "OK", version_id);
      if (rotation.under_way().failures() < region_.config.max_attempts) {
        return invoke(work, *secret);
      }
    }
  }
  const bool at_rest = work.invocation == 0 && (work.timer == 0 || work.due_unix_ns != 0);
  if (at_rest) arm_due(work, *secret);
}

// ---- time ---------------------------------------------------------------------------------------

void Rotator::stop_timer(Work& work) {
  if (work.timer != 0) region_.ctx.cancel_timer(work.timer);
  work.timer = 0;
  work.due_unix_ns = 0;
}

void Rotator::wait(Work& work, Duration after, TimerClass urgency) {
  stop_timer(work);
  work.timer = region_.ctx.set_timer(after, kRotationTimer | work.key, urgency);
}

void Rotator::arm_due(Work& work, const v1::StoredSecret& secret) {
  const std::int64_t due = secret.rotation().enabled() ? secret.rotation().due_unix_ns() : 0;
  if (work.timer != 0 && work.due_unix_ns == due) return;
  stop_timer(work);
  if (due == 0) {
    if (work.version_id.empty()) forget(secret.name());
    return;
  }
  const std::int64_t wait_ns = std::max<std::int64_t>(0, due - region_.wall_unix_ns());
  wait(work, Duration::nanos(wait_ns), TimerClass::Background);
  work.due_unix_ns = due;
}

void Rotator::on_timer(std::uint64_t key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const std::string name = found->second;
  Work& work = works_.at(name);
  const bool is_due = work.due_unix_ns != 0;
  work.timer = 0;
  work.due_unix_ns = 0;
  const RecordPtr secret = look(name);
  if (secret == nullptr || secret->arn() != work.arn) return forget(name);
  if (!is_due) {
    if (!work.version_id.empty()) invoke(work, *secret);
    return;
  }
  // The region's clock may have been put back meanwhile.
  if (secret->rotation().due_unix_ns() > region_.wall_unix_ns()) return arm_due(work, *secret);
  if (!work.version_id.empty()) return try_again(name);
  start_due(name);
}

void Rotator::start_due(const std::string& name) {
  const RecordPtr found = look(name);
  if (found == nullptr || !found->rotation().enabled()) return;
  v1::StoredSecret secret = *found;
  if (is_incomplete(secret) || holder_of(secret, kCurrent) == nullptr) {
    // Somebody's AWSPENDING is in the way, or there is nothing to rotate: not this time.
    record(name, "RotationFailed", "A previous rotation isn't complete.", "");
    plan_next(region_, secret, region_.wall_unix_ns());
    commit(std::move(secret), "rotation", false);
    return;
  }
  const std::string purpose = "rotation/token/" + secret.arn();
  std::string token;
  do {
    // A world that was built again on its disks may have the luck that it had.
    std::array<std::byte, 16> bytes{};
    region_.ctx.random(purpose).fill(region_.ctx.next_index(purpose), bytes);
    token = kms::format_uuid(bytes);
  } while (find_version(std::as_const(secret), token) != nullptr);
  secret.set_sequence(secret.sequence() + 1);
  const auto pruned = begin_rotation(region_, secret, token, Trial::No);
  commit(std::move(secret), "rotation", true, pruned);
}

void Rotator::try_again(const std::string& secret_name) {
  const RecordPtr secret = look(secret_name);
  if (secret == nullptr || !secret->rotation().enabled()) return;
  if (secret->rotation().under_way().version_id().empty()) return;
  Work& work = work_for(*secret);
  const bool is_at_rest = work.invocation == 0 && (work.timer == 0 || work.due_unix_ns != 0);
  if (!is_at_rest) return;
  v1::StoredSecret again = *secret;
  again.mutable_rotation()->mutable_under_way()->set_failures(0);
  again.mutable_rotation()->mutable_under_way()->set_step(std::string(kCreateStep));
  stop_timer(work);
  work.version_id = again.rotation().under_way().version_id();
  if (commit(again, "rotation", false)) invoke(work, again);
}

// ---- steps --------------------------------------------------------------------------------------

void Rotator::invoke(Work& work, const v1::StoredSecret& secret) {
  const v1::StoredRotation& rotation = secret.rotation();
  if (!region_.rotation_functions.can_invoke(region_.region, rotation.lambda_arn())) {
    return step_failed(work, secret, cannot_invoke());
  }
  stop_timer(work);
  RotationEvent event{.function_arn = rotation.lambda_arn(),
                      .step = rotation.under_way().step(),
                      .secret_arn = secret.arn(),
                      .token = rotation.under_way().version_id()};
  work.invocation = region_.rotation_functions.invoke(region_.region, std::move(event));
  by_invocation_[work.invocation] = work.name;
}

void Rotator::answered(std::uint64_t invocation, const std::optional<Error>& error) {
  const auto asked = by_invocation_.extract(invocation);
  if (asked.empty()) return;
  const std::string& name = asked.mapped();
  const auto known = works_.find(name);
  if (known == works_.end() || known->second.invocation != invocation) return;
  Work& work = known->second;
  work.invocation = 0;
  const RecordPtr secret = look(name);
  if (secret == nullptr || secret->arn() != work.arn) return forget(name);
  const v1::RotationUnderWay& under_way = secret->rotation().under_way();
  if (under_way.version_id() != work.version_id) return secret_changed(name);
  if (error) return step_failed(work, *secret, *error);
  record(name, under_way.step(), "OK", under_way.version_id());
  step_done(work, *secret);
}

void Rotator::step_done(Work& work, const v1::StoredSecret& secret) {
  const v1::RotationUnderWay& under_way = secret.rotation().under_way();
  if (under_way.test_only()) return end_test(work, secret, std::nullopt);
  if (under_way.step() == kFinishStep) {
    if (holds(secret, under_way.version_id(), kCurrent)) return succeed(work, secret);
    return step_failed(work, secret, {"FunctionError", "AWSCURRENT was not moved."});
  }
  v1::StoredSecret next = secret;
  next.mutable_rotation()->mutable_under_way()->set_step(std::string(after_step(under_way.step())));
  if (commit(next, "rotation", false)) invoke(work, next);
}

void Rotator::step_failed(Work& work, const v1::StoredSecret& secret, const Error& error) {
  const v1::StoredRotation& rotation = secret.rotation();
  const v1::RotationUnderWay& under_way = rotation.under_way();
  record(secret.name(), under_way.step(), error.code, under_way.version_id());
  if (under_way.test_only()) return end_test(work, secret, error);
  record(secret.name(), "RotationFailed",
         "Error when executing lambda " + rotation.lambda_arn() + " during " + under_way.step() +
             " step",
         under_way.version_id());
  v1::StoredSecret failed = secret;
  v1::RotationUnderWay& next = *failed.mutable_rotation()->mutable_under_way();
  next.set_failures(next.failures() + 1);
  next.set_step(std::string(kCreateStep));
  const std::uint32_t failures = next.failures();
  const bool goes_on = failures < region_.config.max_attempts;
  if (!goes_on && failed.rotation().enabled()) {
    // What is shown stays: it was due then, and has not come to pass.
    const std::int64_t shown = failed.rotation().next_rotation_unix_ns();
    plan_next(region_, failed, region_.wall_unix_ns());
    failed.mutable_rotation()->set_next_rotation_unix_ns(shown);
  }
  if (!commit(failed, "rotation", false)) return;
  if (!goes_on) return arm_due(work, failed);
  Duration pause = region_.config.retry_base;
  for (std::uint32_t doubled = 1; doubled < failures && pause < region_.config.retry_cap; ++doubled)
    pause = pause + pause;
  pause = std::min(pause, region_.config.retry_cap);
  const std::string purpose = "rotation/retry/" + secret.arn();
  const Duration more = region_.ctx.random(purpose).between(
      region_.ctx.next_index(purpose), Duration::zero(), Duration::nanos(pause.ns() / 4));
  wait(work, pause + more, TimerClass::Foreground);
}

void Rotator::succeed(Work& work, const v1::StoredSecret& secret) {
  const std::string version_id = std::exchange(work.version_id, {});
  v1::StoredSecret done = secret;
  done.mutable_rotation()->clear_under_way();
  done.mutable_rotation()->set_last_rotated_unix_ns(region_.wall_unix_ns());
  plan_next(region_, done, region_.wall_unix_ns());
  if (holds(done, version_id, kPending)) detach_label(done, kPending);
  done.set_sequence(done.sequence() + 1);
  record(secret.name(), "RotationSucceeded", "OK", version_id);
  commit(std::move(done), "rotation", true);
}

// The temporary version goes, whatever came of it.
void Rotator::end_test(Work& work, const v1::StoredSecret& secret,
                       const std::optional<Error>& error) {
  const std::string version_id = std::exchange(work.version_id, {});
  v1::StoredSecret done = secret;
  const auto erased = end_trial(done);
  done.set_sequence(done.sequence() + 1);
  record(secret.name(), error ? "TestRotationFailed" : "TestRotationSucceeded",
         error ? error->code : "OK", version_id);
  commit(std::move(done), "rotation", true, erased);
}

// ---- the store and the trace --------------------------------------------------------------------

bool Rotator::commit(v1::StoredSecret secret, std::string_view why, bool concerns_replicas,
                     const std::vector<std::string>& erased_versions) {
  Transaction transaction{std::string(why)};
  for (const std::string& version : erased_versions) {
    transaction.erase_version(secret.name(), version);
  }
  if (concerns_replicas) {
    const Caller caller{.principal_arn = secret.rotation().principal_arn(), .call_id = 0};
    const auto written = api::write_changed(region_, caller, secret, transaction);
    if (!written.has_value()) return false;
  } else {
    transaction.put_secret(secret);
  }
  api::Writes writes = api::Writes::of(secret, std::move(transaction));
  writes.concerns_replicas = concerns_replicas;
  const auto committed = api::commit(region_, std::move(writes));
  return committed.has_value() && *committed == Commit::Done;
}

void Rotator::record(std::string_view secret_name, std::string_view verb, std::string_view outcome,
                     std::string_view version_id) {
  region_.ctx.record({.kind = v1::ROTATION,
                      .subject = secret_name,
                      .verb = verb,
                      .outcome = outcome,
                      .text = version_id});
}

}  // namespace faultline::regions
