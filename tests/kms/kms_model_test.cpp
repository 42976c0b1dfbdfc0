// Histories of keys, grants and rotations against a model that is simple enough to be believed, and
// multi-Region keys whose news travels slowly.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "kms/kms.h"
#include "proto/deterministic_bytes.h"
#include "proto/kms.pb.h"
#include "tests/kms/test_environment.h"

namespace faultline::kms {
namespace {

constexpr const char* kAccount = "111122223333";
constexpr std::int64_t kMinute = std::int64_t{60} * 1'000'000'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kPropagation = 5 * kMinute;
const Caller kAlice{.principal_arn = "arn:aws:iam::111122223333:user/alice"};
const Caller kBob{.principal_arn = "arn:aws:iam::111122223333:user/bob"};

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "ok" : result.error().code;
}

// ---- one region ---------------------------------------------------------------------------------

enum class Verb {
  Enable,
  Disable,
  ScheduleDeletion,
  CancelDeletion,
  RotateOnDemand,
  EnableRotation,
  DisableRotation,
  Grant,
  Revoke,
  WaitMinutes,
  WaitDays,
  Encrypt,
};
constexpr std::array kVerbNames{"Enable",          "Disable",        "ScheduleDeletion",
                                "CancelDeletion",  "RotateOnDemand", "EnableRotation",
                                "DisableRotation", "Grant",          "Revoke",
                                "WaitMinutes",     "WaitDays",       "Encrypt"};

struct Step {
  Verb verb{};
  int key = 0;     // 0 or 1
  int amount = 0;  // 0 to 99
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << kVerbNames[static_cast<std::size_t>(step.verb)] << " key " << step.key << " by "
             << step.amount;
}

rc::Gen<std::vector<Step>> any_history() {
  const auto verb =
      rc::gen::map(rc::gen::inRange(0, 12), [](int number) { return static_cast<Verb>(number); });
  return rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
      rc::gen::set(&Step::verb, verb), rc::gen::set(&Step::key, rc::gen::inRange(0, 2)),
      rc::gen::set(&Step::amount, rc::gen::inRange(0, 100))));
}

struct KeyModel {
  enum State { Enabled, Disabled, Pending, Gone } state = Enabled;
  std::int64_t gone_at = 0;
  bool rotates = false;
  int period = 0;
  std::int64_t next_rotation = 0;
  int materials = 1;
  int on_demand = 0;
  struct Grant {
    std::string id;
    std::int64_t from = 0;
    std::int64_t until = INT64_MAX;
  };
  std::vector<Grant> grants;
  std::vector<std::string> blobs;

  void pass(std::int64_t now) {
    if (state == Pending && gone_at <= now) state = Gone;
    while (state == Enabled && rotates && next_rotation <= now) {
      ++materials;
      next_rotation += period * kDay;
    }
  }
  [[nodiscard]] std::string unless_enabled() const {
    constexpr std::array kAnswers{"ok", "DisabledException", "KMSInvalidStateException",
                                  "NotFoundException"};
    return kAnswers[state];
  }
  [[nodiscard]] std::string unless_pending() const {
    return state == Disabled ? "ok" : unless_enabled();
  }
  [[nodiscard]] bool lets_bob(std::int64_t now) const {
    return std::any_of(grants.begin(), grants.end(),
                       [&](const Grant& grant) { return grant.from <= now && now < grant.until; });
  }
};

class OneRegion {
 public:
  OneRegion() {
    kms.set_grant_propagation(kPropagation);
    v1::Policy policy;
    auto& statement = *policy.add_statements();
    statement.set_effect(v1::Policy::Statement::Allow);
    statement.add_principals(kAlice.principal_arn);
    statement.add_actions("kms:*");
    for (std::string& id : ids) id = kms.create_key({.policy = &policy})->key_id;
  }

  void take(const Step& step) {
    const std::string before = deterministic_bytes(kms.snapshot());
    const std::uint64_t changes = kms.changes();
    const std::string answer = act(step);
    for (KeyModel& model : models) model.pass(now());
    RC_LOG() << step << ": " << answer << std::endl;
    for (std::size_t i = 0; i < ids.size(); ++i) compare(ids[i], models[i]);
    RC_ASSERT(kms.changes() != changes || deterministic_bytes(kms.snapshot()) == before);
  }

  void compare_restored() {
    Kms restored(kAccount, "us-west-2", environment);
    RC_ASSERT(restored.restore(kms.snapshot()).has_value());
    RC_ASSERT(deterministic_bytes(restored.snapshot()) == deterministic_bytes(kms.snapshot()));
  }

 private:
  std::int64_t now() const { return environment.now_unix_ns(); }

  // Does it to both, and compares what they answer.
  std::string act(const Step& step) {
    const std::string& id = ids[static_cast<std::size_t>(step.key)];
    KeyModel& model = models[static_cast<std::size_t>(step.key)];
    std::string wanted = "ok";
    std::string answer = "ok";
    switch (step.verb) {
      case Verb::Enable:
        wanted = model.unless_pending();
        answer = code_of(kms.enable_key(id));
        if (model.state != KeyModel::Disabled) break;
        model.state = KeyModel::Enabled;
        if (model.rotates && model.next_rotation <= now()) {
          ++model.materials;
          model.next_rotation = now() + model.period * kDay;
        }
        break;
      case Verb::Disable:
        wanted = model.unless_pending();
        answer = code_of(kms.disable_key(id));
        if (wanted == "ok") model.state = KeyModel::Disabled;
        break;
      case Verb::ScheduleDeletion:
        wanted = model.unless_pending();
        answer = code_of(kms.schedule_key_deletion(id, 7 + step.amount % 24));
        if (wanted != "ok") break;
        model.state = KeyModel::Pending;
        model.gone_at = now() + (7 + step.amount % 24) * kDay;
        break;
      case Verb::CancelDeletion:
        wanted = model.state == KeyModel::Gone      ? "NotFoundException"
                 : model.state == KeyModel::Pending ? "ok"
                                                    : "KMSInvalidStateException";
        answer = code_of(kms.cancel_key_deletion(id));
        if (wanted == "ok") model.state = KeyModel::Disabled;
        break;
      case Verb::RotateOnDemand:
        wanted = model.unless_enabled();
        if (wanted == "ok" && model.on_demand == 25) wanted = "LimitExceededException";
        if (wanted == "ok" && model.rotates && model.next_rotation - now() <= 20 * kMinute) {
          wanted = "ConflictException";
        }
        answer = code_of(kms.rotate_key_on_demand(id));
        if (wanted != "ok") break;
        ++model.materials;
        ++model.on_demand;
        break;
      case Verb::EnableRotation: {
        wanted = model.unless_enabled();
        const int period = 90 + step.amount % 2;
        answer = code_of(kms.enable_key_rotation(id, period));
        if (wanted != "ok" || (model.rotates && model.period == period)) break;
        model.rotates = true;
        model.period = period;
        model.next_rotation = now() + period * kDay;
        break;
      }
      case Verb::DisableRotation:
        wanted = model.unless_enabled();
        answer = code_of(kms.disable_key_rotation(id));
        if (wanted == "ok") model.rotates = false;
        break;
      case Verb::Grant: {
        wanted = model.unless_enabled();
        const auto made = kms.create_grant(
            kAlice, id, {.grantee_principal = kBob.principal_arn, .operations = {"Decrypt"}});
        answer = code_of(made);
        if (made) model.grants.push_back({made->grant_id, now() + kPropagation});
        break;
      }
      case Verb::Revoke: {
        const auto live = std::find_if(model.grants.begin(), model.grants.end(),
                                       [](const auto& each) { return each.until == INT64_MAX; });
        if (live == model.grants.end()) break;
        wanted = model.state == KeyModel::Gone ? "NotFoundException" : "ok";
        answer = code_of(kms.revoke_grant(kAlice, id, live->id));
        if (wanted == "ok") live->until = now() + kPropagation;
        break;
      }
      case Verb::WaitMinutes:
        environment.advance_ns(step.amount % 10 * kMinute);
        break;
      case Verb::WaitDays:
        environment.advance_days(step.amount);
        break;
      case Verb::Encrypt: {
        wanted = model.unless_enabled();
        const auto sealed = kms.encrypt(kAlice, id, {}, "hunter2");
        answer = code_of(sealed);
        if (sealed) model.blobs.push_back(sealed->blob);
        break;
      }
    }
    RC_ASSERT(answer == wanted);
    return answer;
  }

  void compare(const std::string& id, const KeyModel& model) {
    const auto described = kms.describe_key(id);
    RC_ASSERT(described.has_value() == (model.state != KeyModel::Gone));
    const std::string cannot_open =
        model.state == KeyModel::Gone ? "AccessDeniedException" : model.unless_enabled();
    for (const std::string& blob : model.blobs) {
      RC_ASSERT(code_of(kms.decrypt(kAlice, blob, {})) == cannot_open);
      RC_ASSERT(code_of(kms.decrypt(kBob, blob, {})) ==
                (model.lets_bob(now()) ? cannot_open : "AccessDeniedException"));
    }
    if (!described) return;
    constexpr std::array kStates{v1::Enabled, v1::Disabled, v1::PendingDeletion};
    RC_ASSERT(described->state == kStates[model.state]);
    RC_ASSERT(kms.list_key_rotations(id, true)->size() ==
              static_cast<std::size_t>(model.materials));
    const auto status = *kms.get_key_rotation_status(id);
    const bool shows = model.rotates && model.state != KeyModel::Pending;
    RC_ASSERT(status.enabled == shows);
    RC_ASSERT(status.next_unix_ns == (shows ? model.next_rotation : 0));
    const auto listed = kms.list_grants(id)->size();
    RC_ASSERT(listed == static_cast<std::size_t>(std::count_if(
                            model.grants.begin(), model.grants.end(),
                            [](const auto& grant) { return grant.until == INT64_MAX; })));
  }

  TestEnvironment environment;
  Kms kms{kAccount, "us-west-2", environment};
  std::array<std::string, 2> ids;
  std::array<KeyModel, 2> models;
};

RC_GTEST_PROP(KmsModel, EveryHistoryIsAsTheModelSays, ()) {
  OneRegion region;
  for (const Step& step : *any_history()) region.take(step);
  region.compare_restored();
}

// ---- several regions ----------------------------------------------------------------------------

constexpr std::array kRegions{"us-west-2", "us-east-1", "sa-east-1"};

struct Move {
  int verb = 0;
  std::size_t region = 0;
};

std::ostream& operator<<(std::ostream& out, const Move& move) {
  return out << "move " << move.verb << " in " << kRegions[move.region];
}

rc::Gen<std::vector<Move>> any_moves() {
  return rc::gen::container<std::vector<Move>>(rc::gen::build<Move>(
      rc::gen::set(&Move::verb, rc::gen::inRange(0, 11)),
      rc::gen::set(&Move::region, rc::gen::inRange<std::size_t>(0, kRegions.size()))));
}

// A coordinator that does each thing as late as it likes, but in the order that kms.h demands.
class SlowRegions {
 public:
  SlowRegions() {
    for (const char* region : kRegions) {
      environments.push_back(std::make_unique<TestEnvironment>(environments.size() + 1));
      kms.push_back(std::make_unique<Kms>(kAccount, region, *environments.back()));
    }
    key = kms[0]->create_key({.multi_region = true})->key_id;
    (void)kms[0]->enable_key_rotation(key, 90);
  }

  void take(const Move& move) {
    Kms& there = *kms[move.region];
    switch (move.verb) {
      case 0:
        begin_replica(move.region);
        break;
      case 1:
        create_replica(move.region);
        break;
      case 2:
        (void)there.finish_creating(key);
        break;
      case 3:
        (void)primary().rotate_key_on_demand(key);
        break;
      case 4:
      case 5:
        sync(move.region);
        break;
      case 6:
        if (new_material_is_everywhere()) (void)there.activate_material(key);
        break;
      case 7:
        for (auto& environment : environments) environment->advance_days(30);
        break;
      case 8:
        delete_replica(move.region);
        break;
      case 9:
        change_primary(move.region);
        break;
      default:
        if (const auto sealed = there.encrypt(kAlice, key, {}, "hunter2")) {
          blobs.push_back(sealed->blob);
        }
        break;
    }
  }

  // "Single use of an old id must never fail", nor that of a new one.
  void everything_opens_everywhere() {
    for (auto& at : kms) {
      const auto described = at->describe_key(key);
      if (!described || !described->is_usable()) continue;
      for (const std::string& blob : blobs) RC_ASSERT(at->decrypt(kAlice, blob, {}).has_value());
    }
  }

 private:
  std::size_t primary_at() const {
    for (std::size_t i = 0; i < kms.size(); ++i) {
      const auto described = kms[i]->describe_key(key);
      if (described && described->multi_region == MultiRegionKeyType::Primary) return i;
    }
    RC_FAIL("no region is the primary one");
  }
  Kms& primary() { return *kms[primary_at()]; }
  std::size_t materials_at(std::size_t region) {
    const auto listed = kms[region]->list_key_rotations(key, true);
    return listed ? listed->size() : 0;
  }
  bool new_material_is_everywhere() {
    const auto replicas = primary().describe_key(key)->replica_regions;
    return std::all_of(replicas.begin(), replicas.end(), [&](const std::string& region) {
      const auto at = static_cast<std::size_t>(std::find(kRegions.begin(), kRegions.end(), region) -
                                               kRegions.begin());
      return materials_at(at) == materials_at(primary_at());
    });
  }
  void begin_replica(std::size_t region) {
    if (const auto shared = primary().begin_replication(key, kRegions[region])) {
      travelling[region] = *shared;
    }
  }
  void create_replica(std::size_t region) {
    const auto found = travelling.find(region);
    if (found == travelling.end()) return;
    RC_ASSERT(kms[region]->create_replica({.shared = &found->second}).has_value());
    travelling.erase(found);
  }
  void sync(std::size_t region) {
    if (region == primary_at() || !kms[region]->describe_key(key)) return;
    RC_ASSERT(kms[region]->apply_shared(*primary().shared_part(key)).has_value());
  }
  void delete_replica(std::size_t region) {
    if (region == primary_at() || !kms[region]->schedule_key_deletion(key, 7)) return;
    for (auto& environment : environments) environment->advance_days(7);
    RC_ASSERT(!kms[region]->describe_key(key).has_value());
    RC_ASSERT(primary().replica_deleted(key, kRegions[region]).has_value());
  }
  void change_primary(std::size_t region) {
    if (!travelling.empty() || region == primary_at()) return;
    Kms& old = primary();
    if (!kms[region]->begin_update_primary(key, kRegions[region])) return;
    if (!old.begin_update_primary(key, kRegions[region])) {
      RC_ASSERT(kms[region]->cancel_update_primary(key).has_value());
      return;
    }
    everything_opens_everywhere();
    RC_ASSERT(kms[region]->apply_shared(*old.shared_part(key)).has_value());
    for (Kms* at : {&old, kms[region].get()}) {
      RC_ASSERT(at->finish_update_primary(key, kRegions[region]).has_value());
    }
    for (std::size_t other = 0; other < kms.size(); ++other) sync(other);
  }

  std::vector<std::unique_ptr<TestEnvironment>> environments;
  std::vector<std::unique_ptr<Kms>> kms;
  std::string key;
  std::map<std::size_t, v1::StoredKey> travelling;
  std::vector<std::string> blobs;
};

RC_GTEST_PROP(KmsModel, WhatOneRegionSealsEveryRelatedRegionOpens, ()) {
  SlowRegions regions;
  for (const Move& move : *any_moves()) {
    regions.take(move);
    RC_LOG() << move << std::endl;
    regions.everything_opens_everywhere();
  }
}

}  // namespace
}  // namespace faultline::kms
