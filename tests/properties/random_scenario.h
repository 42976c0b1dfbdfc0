// Random scenarios for properties: a world of two to four regions, one secret or two, calls and
// faults in any order, and at the end everything is healed and asked for again. RapidCheck shrinks
// the list of things that happen; a counterexample is printed as scenario text that can be pasted
// into a file and run.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/text_format.h>

#include "proto/scenario.pb.h"

namespace faultline::random_scenario {

inline const std::vector<std::string>& region_names() {
  static const std::vector<std::string> names = {"us-west-2", "us-east-1", "eu-west-1",
                                                 "ap-south-1"};
  return names;
}

// Every secret value begins with this: what must never be seen on a disk or on a wire.
inline constexpr const char* kCanary = "CANARY-5f1d0c3a9be2-";

enum class Action {
  Put,
  Tag,
  Describe,
  AddReplica,
  RemoveReplica,
  Promote,
  MoveLabel,
  Cut,
  Isolate,
  Degrade,
  Crash,
  TearCrash,
  DisableRegion,
  DenyKeys,
  KmsDown,
  SlowDisk,
  Read,
  DelayNext,
};

struct Happening {
  Action action = Action::Put;
  int gap_ms = 0;  // after the one before
  int where = 0;   // picks regions
  int what = 0;    // picks the rest
};

struct Plan {
  int regions = 2;
  std::uint32_t seed = 1;
  // Without this a Promote is a Read.
  bool promotes = false;
  std::vector<Happening> happenings;
};

inline v1::Scenario to_scenario(const Plan& plan) {
  v1::Scenario scenario;
  scenario.set_title("a random world");
  scenario.set_seed(plan.seed);
  const auto region = [&](int pick) {
    return region_names()[static_cast<std::size_t>(pick % plan.regions)];
  };
  const std::string primary = region(0);
  for (int i = 0; i < plan.regions; ++i) scenario.add_region()->set_name(region(i));
  v1::KeySpec& key = *scenario.add_key();
  key.set_region(region(1));
  key.set_alias("alias/replica");

  long now_ms = 0;
  const auto step = [&]() -> v1::Step& {
    v1::Step& added = *scenario.add_step();
    added.set_at(std::to_string(now_ms) + "ms");
    added.mutable_want()->set_anything(true);
    return added;
  };
  const auto call = [&](const std::string& at) -> v1::Step& {
    v1::Step& added = step();
    added.set_region(at);
    return added;
  };
  const auto fault = [&](int lasts_ms) -> v1::Fault& {
    v1::Step& added = step();
    added.clear_want();
    added.mutable_fault()->set_for_(std::to_string(lasts_ms) + "ms");
    return *added.mutable_fault();
  };

  v1::CreateSecretRequest& create = *call(primary).mutable_create_secret();
  create.set_name("db");
  create.set_secret_string(std::string(kCanary) + "0");
  for (int i = 1; i < plan.regions; ++i) {
    v1::ReplicaRegionType& replica = *create.add_add_replica_regions();
    replica.set_region(region(i));
    if (i == 1) replica.set_kms_key_id("alias/replica");
  }

  int values = 0;
  for (const Happening& next : plan.happenings) {
    now_ms += next.gap_ms;
    const std::string other = region(1 + next.where % (plan.regions - 1));
    const int lasts_ms = 50 + next.what * 40;
    switch (next.action) {
      case Action::Put: {
        v1::PutSecretValueRequest& put = *call(primary).mutable_put_secret_value();
        put.set_secret_id("db");
        put.set_secret_string(std::string(kCanary) + std::to_string(++values));
        if (next.what % 3 == 1) put.add_version_stages("BLUE");
        break;
      }
      case Action::Tag: {
        v1::TagResourceRequest& tag = *call(primary).mutable_tag_resource();
        tag.set_secret_id("db");
        v1::Tag& one = *tag.add_tags();
        one.set_key("team");
        one.set_value(std::to_string(next.what));
        break;
      }
      case Action::MoveLabel: {
        v1::UpdateSecretRequest& update = *call(primary).mutable_update_secret();
        update.set_secret_id("db");
        update.set_description("change " + std::to_string(next.what));
        break;
      }
      case Action::Describe:
        call(primary).mutable_describe_secret()->set_secret_id("db");
        break;
      case Action::Read:
        call(region(next.where)).mutable_get_secret_value()->set_secret_id("db");
        break;
      case Action::AddReplica: {
        v1::ReplicateSecretToRegionsRequest& add =
            *call(primary).mutable_replicate_secret_to_regions();
        add.set_secret_id("db");
        add.add_add_replica_regions()->set_region(other);
        break;
      }
      case Action::RemoveReplica: {
        v1::RemoveRegionsFromReplicationRequest& remove =
            *call(primary).mutable_remove_regions_from_replication();
        remove.set_secret_id("db");
        remove.add_remove_replica_regions(other);
        break;
      }
      case Action::Promote:
        if (!plan.promotes) {
          call(other).mutable_get_secret_value()->set_secret_id("db");
          break;
        }
        call(other).mutable_stop_replication_to_replica()->set_secret_id("db");
        break;
      case Action::Cut: {
        v1::Cut& cut = *fault(lasts_ms).mutable_cut();
        cut.set_from(primary);
        cut.set_to(other);
        cut.set_one_way(next.what % 2 == 0);
        cut.set_in_flight(next.what % 3 == 0 ? v1::SURVIVE : v1::DIE);
        break;
      }
      case Action::Isolate:
        fault(lasts_ms).mutable_isolate()->set_region(region(next.where));
        break;
      case Action::DelayNext: {
        v1::Step& added = step();
        added.clear_want();
        v1::DelayNext& delay = *added.mutable_fault()->mutable_delay_next();
        delay.set_from(next.what % 4 == 0 ? other : primary);
        delay.set_to(next.what % 4 == 0 ? primary : other);
        delay.set_delay(std::to_string(200 + next.what * 30) + "ms");
        break;
      }
      case Action::Degrade: {
        v1::Degrade& degrade = *fault(lasts_ms * 3).mutable_degrade();
        degrade.set_from(primary);
        degrade.set_to(other);
        degrade.set_loss("1/4");
        degrade.set_duplicate("1/3");
        degrade.set_reorder("1/3");
        degrade.set_reorder_delay("400ms");
        break;
      }
      case Action::Crash:
      case Action::TearCrash: {
        v1::Crash& crash = *fault(lasts_ms).mutable_crash();
        crash.set_region(region(next.where));
        crash.set_torn_tail(next.action == Action::Crash ? v1::LOSE_ALL : v1::TEAR);
        break;
      }
      case Action::DisableRegion:
        fault(lasts_ms * 4).mutable_region_disabled()->set_region(other);
        break;
      case Action::DenyKeys:
        fault(lasts_ms * 4).mutable_key_denied()->set_region(region(next.where));
        break;
      case Action::KmsDown:
        fault(lasts_ms * 2).mutable_kms_unavailable()->set_region(region(next.where));
        break;
      case Action::SlowDisk: {
        v1::DiskFault& disk = *fault(lasts_ms).mutable_disk();
        disk.set_region(region(next.where));
        if (next.what % 3 == 0) disk.set_fail_syncs(true);
        if (next.what % 3 == 1) disk.set_full(true);
        if (next.what % 3 == 2) disk.set_slow_sync("200ms");
        break;
      }
    }
  }

  // Heal, wait for what is under way, and ask for every region once more. Only where a replica was promoted it must be forced:
  // forcing sends everything anew, and would mend what must not need mending.
  now_ms += 20'000;
  v1::Step& heal = step();
  heal.clear_want();
  heal.mutable_heal();
  now_ms += 40'000;
  v1::ReplicateSecretToRegionsRequest& again = *call(primary).mutable_replicate_secret_to_regions();
  again.set_secret_id("db");
  again.set_force_overwrite_replica_secret(plan.promotes);
  for (int i = 1; i < plan.regions; ++i) again.add_add_replica_regions()->set_region(region(i));
  v1::Expect& expect = *scenario.add_expect();
  expect.set_at_end(true);
  expect.mutable_converged()->set_secret_id("db");
  return scenario;
}

inline std::string to_text(const v1::Scenario& scenario) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(scenario, &text);
  return text;
}

}  // namespace faultline::random_scenario

namespace rc {

template <>
struct Arbitrary<faultline::random_scenario::Happening> {
  static Gen<faultline::random_scenario::Happening> arbitrary() {
    using faultline::random_scenario::Action;
    using faultline::random_scenario::Happening;
    return gen::build<Happening>(
        gen::set(
            &Happening::action,  // A third of what happens is a new value.
            gen::map(gen::inRange(-9, static_cast<int>(Action::DelayNext) + 1),
                     [](int pick) { return pick < 0 ? Action::Put : static_cast<Action>(pick); })),
        gen::set(&Happening::gap_ms, gen::inRange(0, 600)),
        gen::set(&Happening::where, gen::inRange(0, 12)),
        gen::set(&Happening::what, gen::inRange(0, 60)));
  }
};

template <>
struct Arbitrary<faultline::random_scenario::Plan> {
  static Gen<faultline::random_scenario::Plan> arbitrary() {
    using faultline::random_scenario::Happening;
    using faultline::random_scenario::Plan;
    return gen::build<Plan>(
        gen::set(&Plan::regions, gen::inRange(2, 5)),
        gen::set(&Plan::seed, gen::inRange<std::uint32_t>(1, 1'000'000)),
        gen::set(&Plan::promotes, gen::map(gen::inRange(0, 4), [](int pick) { return pick == 0; })),
        gen::set(&Plan::happenings,
                 gen::container<std::vector<Happening>>(gen::arbitrary<Happening>())));
  }
};

}  // namespace rc

namespace faultline::random_scenario {

inline void showValue(const Plan& plan, std::ostream& out) { out << to_text(to_scenario(plan)); }

}  // namespace faultline::random_scenario
