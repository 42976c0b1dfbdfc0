#include "engine/fault_injector.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/actor.h"
#include "engine/fault_fields.h"
#include "engine/network.h"
#include "engine/simulation.h"
#include "engine/trace.h"
#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

using google::protobuf::FieldDescriptor;
using ProtoMessage = google::protobuf::Message;

// The field of `kind` that is set, or nullptr.
const FieldDescriptor* kind_field(const v1::Fault& fault) {
  return fault.GetReflection()->GetOneofFieldDescriptor(
      fault, fault.GetDescriptor()->FindOneofByName("kind"));
}

std::string text_field(const ProtoMessage& message, const char* name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return "";
  if (!field->is_repeated()) return message.GetReflection()->GetString(message, field);
  std::string all;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
    all += (i > 0 ? "," : "") + message.GetReflection()->GetRepeatedString(message, field, i);
  }
  return all.empty() ? "*" : all;
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

// These do what they do at once; nothing of them remains to be healed.
bool is_momentary(const v1::Fault& fault) {
  return fault.has_reset_connection() || fault.has_key_rotated() || fault.has_wipe();
}

// How long it lasts; empty: until it is healed.
std::string lasting_of(const v1::Fault& fault) {
  return fault.for_().empty() && fault.has_swizzle_clog() ? "10s" : fault.for_();
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
  const bool both_ways = one_way != nullptr ? !body.GetReflection()->GetBool(body, one_way)
                                            : fault.has_flap() || fault.has_reset_connection();
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
  if (const std::string lasting = lasting_of(fault); !lasting.empty()) {
    entry.active.until = saturating_add(simulation_.now(), duration_or_die(lasting));
    entry.healing = simulation_.queue().push_call(
        *entry.active.until, kNoActor, applied, [this, id] { heal(id); }, "heal");
  }
  if (listener_) listener_(fault, true);
  start(fault, id);
  if (is_momentary(fault)) heal(id);
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
  for (const EventId planned : entry.plans) simulation_.queue().cancel(planned);
  const CauseScope cause(simulation_.trace(), record(v1::FAULT_HEALED, entry.active.fault, id));
  if (listener_) listener_(entry.active.fault, false);
  stop(entry.active);
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

void FaultInjector::plan(uint64_t id, Duration after, std::function<void()> run,
                         std::string_view label) {
  const auto place = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& entry) { return entry.active.id == id; });
  FL_CHECK(place != entries_.end()) << "a plan of a fault that is over";
  place->plans.push_back(simulation_.queue().push_call(
      saturating_add(simulation_.now(), after), kNoActor, place->active.applied_event,
      std::move(run), label, TimerClass::Background));
}

// ---- what each kind does ------------------------------------------------------------------------

void FaultInjector::start(const v1::Fault& fault, uint64_t id) {
  if (start_network(fault, id) || start_machine(fault, id)) return;
  FL_CHECK(domain_ != nullptr && domain_->apply(fault, id))
      << "nobody knows the fault " << fault_kind(fault);
}

void FaultInjector::stop(const ActiveFault& active) {
  simulation_.network().remove_fault(active.id);
  if (stop_machine(active)) return;
  if (domain_ != nullptr) domain_->heal(active.fault, active.id);
}

}  // namespace faultline::engine
