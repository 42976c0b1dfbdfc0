#include "engine/fault_injector.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/actor.h"
#include "engine/clock.h"
#include "engine/disk.h"
#include "engine/network.h"
#include "engine/simulation.h"
#include "engine/trace.h"
#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

using google::protobuf::FieldDescriptor;
using ProtoMessage = google::protobuf::Message;

__extension__ using Wide = __int128;

// The field of `kind` that is set, or nullptr.
const FieldDescriptor* kind_field(const v1::Fault& fault) {
  return fault.GetReflection()->GetOneofFieldDescriptor(
      fault, fault.GetDescriptor()->FindOneofByName("kind"));
}

std::string text_field(const ProtoMessage& message, const char* name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

// For the trace: the fault's name, or what it says of itself.
std::string details(const v1::Fault& fault) {
  if (!fault.name().empty()) return fault.name();
  const FieldDescriptor* const kind = kind_field(fault);
  if (kind == nullptr) return "";
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string out;
  printer.PrintToString(fault.GetReflection()->GetMessage(fault, kind), &out);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

Duration duration_or_die(const std::string& text) {
  const auto parsed = parse_duration(text);
  FL_CHECK(parsed.has_value()) << parsed.error();
  return *parsed;
}

std::optional<Duration> duration_if_set(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return duration_or_die(text);
}

std::optional<Ratio> ratio_if_set(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto parsed = parse_ratio(text);
  FL_CHECK(parsed.has_value()) << parsed.error();
  return *parsed;
}

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

// What a clock gains in `elapsed`, rounded down, as the clock itself does.
int64_t gained_ns(Duration elapsed, int64_t ppm) {
  constexpr int64_t kMillion = 1'000'000;
  const Wide product = Wide{elapsed.ns()} * ppm;
  const Wide quotient = product / kMillion;
  return static_cast<int64_t>(product % kMillion < 0 ? quotient - 1 : quotient);
}

}  // namespace

// ---- reading a fault ----------------------------------------------------------------------------

Expected<Ratio, std::string> parse_ratio(std::string_view text) {
  const auto slash = text.find('/');
  const auto read = [](std::string_view digits, uint32_t& value) {
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc() && stopped == end;
  };
  Ratio ratio;
  const bool readable =
      read(text.substr(0, slash), ratio.numerator) &&
      (slash == std::string_view::npos || read(text.substr(slash + 1), ratio.denominator));
  if (readable && ratio.numerator <= ratio.denominator && ratio.denominator > 0) return ratio;
  return tl::make_unexpected("\"" + std::string(text) +
                             "\" is not a probability: expected a ratio " +
                             "from 0 to 1, such as \"1/20\"");
}

std::string fault_kind(const v1::Fault& fault) {
  const FieldDescriptor* const kind = kind_field(fault);
  return kind == nullptr ? "" : kind->name();
}

std::string fault_target(const v1::Fault& fault) {
  const FieldDescriptor* const kind = kind_field(fault);
  if (kind == nullptr) return "";
  const ProtoMessage& body = fault.GetReflection()->GetMessage(fault, kind);
  if (std::string region = text_field(body, "region"); !region.empty()) return region;
  const std::string to = text_field(body, "to");
  const FieldDescriptor* const one_way = body.GetDescriptor()->FindFieldByName("one_way");
  const bool both_ways = one_way != nullptr && !body.GetReflection()->GetBool(body, one_way);
  return text_field(body, "from") + (both_ways ? "<->" : "->") + (to.empty() ? "*" : to);
}

// ---- life of a fault ----------------------------------------------------------------------------

FaultInjector::FaultInjector(Simulation& simulation) : simulation_(simulation) {
  simulation_.network().set_on_used_up([this](uint64_t id) { heal(id); });
}

FaultInjector::~FaultInjector() = default;

uint64_t FaultInjector::apply(const v1::Fault& fault) {
  const CheckContext context([this] { return simulation_.describe_position(); });
  const uint64_t id = ++last_id_;
  const uint64_t applied = record(v1::FAULT_APPLIED, fault, id);
  const CauseScope cause(simulation_.trace(), applied);

  Entry& entry = entries_.emplace_back();
  entry.active.id = id;
  entry.active.since = simulation_.now();
  entry.active.applied_event = applied;
  entry.active.fault = fault;
  if (!fault.for_().empty()) {
    entry.active.until = saturating_add(simulation_.now(), duration_or_die(fault.for_()));
    entry.healing = simulation_.queue().push_call(
        *entry.active.until, kNoActor, applied, [this, id] { heal(id); }, "heal");
  }
  start(fault, id);
  if (listener_) listener_(fault, true);
  return id;
}

bool FaultInjector::heal(uint64_t id) {
  const auto place = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& entry) { return entry.active.id == id; });
  if (place == entries_.end()) return false;
  const CheckContext context([this] { return simulation_.describe_position(); });
  const Entry entry = std::move(*place);
  entries_.erase(place);
  simulation_.queue().cancel(entry.healing);
  const CauseScope cause(simulation_.trace(), record(v1::FAULT_HEALED, entry.active.fault, id));
  stop(entry.active);
  if (listener_) listener_(entry.active.fault, false);
  return true;
}

bool FaultInjector::heal(std::string_view name) {
  std::vector<uint64_t> ids;
  for (const Entry& entry : entries_) {
    if (entry.active.fault.name() == name) ids.push_back(entry.active.id);
  }
  for (const uint64_t id : ids) heal(id);
  return !ids.empty();
}

void FaultInjector::heal_all() {
  while (!entries_.empty()) heal(entries_.front().active.id);
}

std::vector<ActiveFault> FaultInjector::active() const {
  std::vector<ActiveFault> out;
  for (const Entry& entry : entries_) out.push_back(entry.active);
  return out;
}

uint64_t FaultInjector::record(v1::EventKind event, const v1::Fault& fault, uint64_t id) {
  return simulation_.trace().record({.kind = event,
                                     .number = id,
                                     .subject = fault_target(fault),
                                     .verb = fault_kind(fault),
                                     .text = details(fault)});
}

ActorId FaultInjector::actor(const std::string& name) const {
  const auto id = simulation_.find(name);
  FL_CHECK(id.has_value()) << "a fault names an unknown actor: \"" << name << "\"";
  return *id;
}

// ---- what each kind does ------------------------------------------------------------------------

void FaultInjector::start(const v1::Fault& fault, uint64_t id) {
  switch (fault.kind_case()) {
    case v1::Fault::kCut:
    case v1::Fault::kIsolate:
    case v1::Fault::kDegrade:
    case v1::Fault::kDropNext:
    case v1::Fault::kDelayNext:
      start_network(fault, id);
      break;
    case v1::Fault::kCrash:
      simulation_.crash(actor(fault.crash().region()), {.torn_tail = fault.crash().torn_tail()});
      break;
    case v1::Fault::kDisk:
      refresh_disk(fault.disk().region());
      break;
    case v1::Fault::kClock:
      refresh_clock(fault.clock().region());
      break;
    default:
      FL_CHECK(domain_ != nullptr && domain_->apply(fault, id))
          << "nobody knows the fault " << fault_kind(fault);
  }
}

void FaultInjector::start_network(const v1::Fault& fault, uint64_t id) {
  Network& network = simulation_.network();
  switch (fault.kind_case()) {
    case v1::Fault::kCut: {
      const v1::Cut& cut = fault.cut();
      network.add_cut(
          id, {.from = actor(cut.from()), .to = actor(cut.to()), .both_ways = !cut.one_way()},
          in_flight_of(cut.in_flight()));
      break;
    }
    case v1::Fault::kIsolate:
      network.add_cut(id, {.from = actor(fault.isolate().region())},
                      in_flight_of(fault.isolate().in_flight()));
      break;
    case v1::Fault::kDegrade: {
      const v1::Degrade& degrade = fault.degrade();
      network.add_degradation(id,
                              {.from = actor(degrade.from()),
                               .to = degrade.to().empty() ? kNoActor : actor(degrade.to()),
                               .both_ways = !degrade.one_way()},
                              changes_of(degrade));
      break;
    }
    case v1::Fault::kDropNext: {
      const v1::DropNext& drop = fault.drop_next();
      network.add_one_shot(id, actor(drop.from()), actor(drop.to()), drop.message(),
                           std::max(1U, drop.count()), std::nullopt);
      break;
    }
    default: {
      const v1::DelayNext& delay = fault.delay_next();
      network.add_one_shot(id, actor(delay.from()), actor(delay.to()), delay.message(),
                           std::max(1U, delay.count()), duration_or_die(delay.delay()));
    }
  }
}

void FaultInjector::stop(const ActiveFault& active) {
  const v1::Fault& fault = active.fault;
  switch (fault.kind_case()) {
    case v1::Fault::kCut:
    case v1::Fault::kIsolate:
    case v1::Fault::kDegrade:
    case v1::Fault::kDropNext:
    case v1::Fault::kDelayNext:
      simulation_.network().remove_fault(active.id);
      break;
    case v1::Fault::kCrash:
      if (!holds_down(fault.crash().region())) simulation_.restart(actor(fault.crash().region()));
      break;
    case v1::Fault::kDisk:
      refresh_disk(fault.disk().region());
      break;
    case v1::Fault::kClock:
      refresh_clock(fault.clock().region());
      take_back_drift(active);
      break;
    default:
      domain_->heal(fault, active.id);
  }
}

bool FaultInjector::holds_down(const std::string& region) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.active.fault.has_crash() && entry.active.fault.crash().region() == region;
  });
}

void FaultInjector::refresh_disk(const std::string& region) {
  DiskFaults& faults = simulation_.context(actor(region)).disk().faults();
  const bool lose_renames = faults.lose_renames;  // not a fault of ours
  faults = {};
  faults.lose_renames = lose_renames;
  for (const Entry& entry : entries_) {
    if (!entry.active.fault.has_disk() || entry.active.fault.disk().region() != region) continue;
    const v1::DiskFault& disk = entry.active.fault.disk();
    faults.fail_writes |= disk.fail_writes();
    faults.fail_syncs |= disk.fail_syncs();
    faults.fail_reads |= disk.fail_reads();
    faults.full |= disk.full();
    faults.lying_sync |= disk.lying_sync();
    faults.slow_sync += duration_if_set(disk.slow_sync()).value_or(Duration::zero());
  }
}

// Offsets add up, and so do drifts, as far as a clock goes.
void FaultInjector::refresh_clock(const std::string& region) {
  Clock& clock = simulation_.context(actor(region)).clock();
  Duration offset = Duration::zero();
  int64_t ppm = 0;
  for (const Entry& entry : entries_) {
    if (!entry.active.fault.has_clock() || entry.active.fault.clock().region() != region) continue;
    const v1::ClockFault& fault = entry.active.fault.clock();
    if (!fault.offset().empty()) {
      const auto parsed = parse_signed_duration(fault.offset());
      FL_CHECK(parsed.has_value()) << parsed.error();
      offset += *parsed;
    }
    ppm += fault.drift_ppm();
  }
  clock.set_offset(offset);
  Drift& drift = drifts_[region];
  const Instant now = simulation_.now();
  drift.gathered_ns += gained_ns(now - drift.since, drift.ppm);
  drift.since = now;
  drift.ppm = std::clamp(ppm, int64_t{-1'000'000}, int64_t{1'000'000'000});
  clock.set_drift_ppm(now, drift.ppm);
}

// What this fault gained the clock goes with it; the last one takes the rest, which rounding and
// clamping may have left.
void FaultInjector::take_back_drift(const ActiveFault& healed) {
  const std::string& region = healed.fault.clock().region();
  Drift& drift = drifts_[region];
  const bool is_last = std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.active.fault.has_clock() && entry.active.fault.clock().region() == region;
  });
  const Instant now = simulation_.now();
  const int64_t share =
      is_last ? drift.gathered_ns : gained_ns(now - healed.since, healed.fault.clock().drift_ppm());
  drift.gathered_ns -= share;
  simulation_.context(actor(region)).clock().jump(now, -share);
}

}  // namespace faultline::engine
