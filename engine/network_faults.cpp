// What faults do to links and to single messages.
#include <algorithm>
#include <utility>

#include "engine/fault_fields.h"
#include "engine/fault_injector.h"
#include "engine/network.h"
#include "engine/simulation.h"

namespace faultline::engine {
namespace {

using Deed = OneShot::Deed;

LinkChanges changes_of(const v1::Degrade& degrade) {
  LinkChanges changes;
  changes.latency = duration_if_set(degrade.latency());
  changes.jitter = duration_if_set(degrade.jitter());
  changes.reorder_delay = duration_if_set(degrade.reorder_delay());
  changes.loss = ratio_if_set(degrade.loss());
  changes.duplicate = ratio_if_set(degrade.duplicate());
  changes.reorder = ratio_if_set(degrade.reorder());
  if (degrade.bytes_per_second() != 0) changes.bytes_per_second = degrade.bytes_per_second();
  return changes;
}

InFlight in_flight_of(v1::InFlight in_flight) {
  return in_flight == v1::SURVIVE ? InFlight::Survive : InFlight::Die;
}

// `part` of `parts` equal shares.
Duration share(Duration whole, std::size_t part, std::size_t parts) {
  return Duration::nanos(whole.ns() / static_cast<int64_t>(parts) * static_cast<int64_t>(part));
}

template <class T>
void shuffle(std::vector<T>& items, const RandomStream& luck) {
  for (std::size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[luck.below(left, left)]);
  }
}

}  // namespace

// Of the kinds that concern the next messages of a link.
template <class Shot>
void FaultInjector::add_one_shot(uint64_t id, const Shot& shot, uint32_t count, OneShot rest) {
  rest.from = actor(shot.from());
  rest.to = actor(shot.to());
  rest.type = shot.message();
  rest.count = std::max(1U, count);
  simulation_.network().add_one_shot(id, rest);
}

bool FaultInjector::start_network(const v1::Fault& fault, uint64_t id) {
  Network& network = simulation_.network();
  const auto pair = [this](const auto& link, bool both_ways) {
    return LinkPattern{actor(link.from()), actor(link.to()), both_ways};
  };
  switch (fault.kind_case()) {
    case v1::Fault::kCut:
      network.add_cut(id, pair(fault.cut(), !fault.cut().one_way()),
                      in_flight_of(fault.cut().in_flight()));
      return true;
    case v1::Fault::kIsolate:
      network.add_cut(id, {.from = actor(fault.isolate().region())},
                      in_flight_of(fault.isolate().in_flight()));
      return true;
    case v1::Fault::kDegrade: {
      const v1::Degrade& degrade = fault.degrade();
      network.add_degradation(id,
                              {.from = actor(degrade.from()),
                               .to = degrade.to().empty() ? kNoActor : actor(degrade.to()),
                               .both_ways = !degrade.one_way()},
                              changes_of(degrade));
      return true;
    }
    case v1::Fault::kClog:
      network.add_clog(id, pair(fault.clog(), !fault.clog().one_way()));
      return true;
    case v1::Fault::kSwizzleClog:
      swizzle(fault.swizzle_clog(), id, duration_or(fault.for_(), Duration::seconds(10)));
      return true;
    case v1::Fault::kFlap:
      flap(fault.flap(), id, true);
      return true;
    case v1::Fault::kResetConnection:
      network.kill_in_flight(pair(fault.reset_connection(), true), kDroppedByReset);
      return true;
    default:
      return start_one_shot(fault, id);
  }
}

bool FaultInjector::start_one_shot(const v1::Fault& fault, uint64_t id) {
  const auto next = [](Deed deed, Duration delay = Duration::zero()) {
    OneShot shot;
    shot.deed = deed;
    shot.delay = delay;
    return shot;
  };
  switch (fault.kind_case()) {
    case v1::Fault::kDropNext:
      add_one_shot(id, fault.drop_next(), fault.drop_next().count(), next(Deed::Drop));
      return true;
    case v1::Fault::kDelayNext:
      add_one_shot(id, fault.delay_next(), fault.delay_next().count(),
                   next(Deed::Delay, duration_or_die(fault.delay_next().delay())));
      return true;
    case v1::Fault::kCorruptNext:
      add_one_shot(id, fault.corrupt_next(), fault.corrupt_next().count(),
                   next(fault.corrupt_next().truncate() ? Deed::Truncate : Deed::Flip));
      return true;
    case v1::Fault::kDuplicateNext:
      add_one_shot(
          id, fault.duplicate_next(), fault.duplicate_next().count(),
          next(Deed::Repeat, duration_or(fault.duplicate_next().delay(), Duration::zero())));
      return true;
    case v1::Fault::kLateGhost:
      add_one_shot(
          id, fault.late_ghost(), 1,
          next(Deed::Repeat, duration_or(fault.late_ghost().delay(), Duration::seconds(30))));
      return true;
    default:
      return false;
  }
}

// Source  FoundationDB, fdbserver/workloads/RandomClogging.actor.cpp, "swizzle": clog one after the
// other, unclog in another order.
void FaultInjector::swizzle(const v1::SwizzleClog& swizzle, uint64_t id, Duration lasting) {
  std::vector<ActorId> members;
  for (const std::string& region : swizzle.region()) members.push_back(actor(region));
  for (uint32_t i = 0; swizzle.region().empty() && i < simulation_.actors(); ++i) {
    members.push_back(ActorId{i});
  }
  std::vector<LinkPattern> links;
  for (std::size_t one = 0; one < members.size(); ++one) {
    for (std::size_t other = one + 1; other < members.size(); ++other) {
      links.push_back({members[one], members[other], true});
    }
  }
  const std::string luck = "fault/swizzle/" + std::to_string(id);
  const Duration half = share(lasting, 1, 2);
  shuffle(links, simulation_.random().stream(luck + "/clog"));
  for (std::size_t i = 0; i < links.size(); ++i) {
    plan(
        id, share(half, i, links.size()),
        [this, id, link = links[i]] { simulation_.network().add_clog(id, link); }, "clog");
  }
  shuffle(links, simulation_.random().stream(luck + "/unclog"));
  for (std::size_t i = 0; i < links.size(); ++i) {
    plan(
        id, half + share(half, i + 1, links.size()),
        [this, id, link = links[i]] { simulation_.network().remove_clog(id, link); }, "unclog");
  }
}

void FaultInjector::flap(const v1::Flap& link, uint64_t id, bool down) {
  Network& network = simulation_.network();
  if (down) {
    network.add_cut(id, {actor(link.from()), actor(link.to()), true}, InFlight::Die);
  } else {
    network.remove_fault(id);
  }
  const Duration lasting = duration_or(down ? link.down() : link.up(), Duration::seconds(1));
  plan(
      id, lasting, [this, link, id, down] { flap(link, id, !down); }, down ? "up" : "down");
}

}  // namespace faultline::engine
