#include "regions/narrator.h"

#include <fmt/format.h>

#include <type_traits>

#include "engine/hash.h"

namespace faultline::regions {
namespace {

using v1::TraceEvent;

NarrationLine line(const TraceEvent& event, Tone tone, std::string text) {
  return {engine::Instant::from_ns(event.at_ns()), tone, event.actor(), std::move(text), {}};
}

// Texts and numbers, one after the other. For the lines of which a long run has thousands: reading a
// format string takes longer than writing one of them.
template <class... Parts>
std::string joined(const Parts&... parts) {
  const auto add = [](std::string& out, const auto& part) {
    if constexpr (std::is_integral_v<std::decay_t<decltype(part)>>) {
      const fmt::format_int digits(part);
      out.append(digits.data(), digits.size());
    } else {
      out.append(part);
    }
  };
  std::string out;
  (add(out, parts), ...);
  return out;
}

std::string or_unknown(const std::string& region) {
  return region.empty() ? "an unknown region" : region;
}

// A version id or key is long; its beginning tells it from others.
std::string shortened(const std::string& id) {
  constexpr std::size_t kUuid = 36, kShown = 8;
  return id.size() >= kUuid && id[kShown] == '-' ? id.substr(0, kShown) : id;
}

// "arn:aws:kms:us-west-2:123456789012:key/9a6cbe87-…" → "key 9a6cbe87"
std::string key_text(const std::string& key) {
  constexpr std::string_view kMark = ":key/";
  const std::size_t mark = key.rfind(kMark);
  return mark == std::string::npos ? key : "key " + shortened(key.substr(mark + kMark.size()));
}

// A secret's name, or what its ARN says of it.
std::string secret_text(const std::string& subject) {
  constexpr std::string_view kMark = ":secret:";
  const std::size_t mark = subject.find(kMark);
  return mark == std::string::npos ? subject : subject.substr(mark + kMark.size());
}

// "dcb40711-…; us-east-1 InProgress" → "version dcb40711; us-east-1 InProgress"
std::string answer_details(const TraceEvent& event) {
  const std::size_t end = event.text().find(';');
  const std::string first = event.text().substr(0, end);
  constexpr std::size_t kShortestId = 32;
  if (first.size() < kShortestId || first.find(' ') != std::string::npos) return event.text();
  return "version " + shortened(first) + (end == std::string::npos ? "" : event.text().substr(end));
}

NarrationLine call_ended(const TraceEvent& event) {
  const std::string answer = joined(event.verb(), " answers ", event.outcome());
  if (event.text().empty()) return line(event, Tone::Plain, answer);
  return line(event, Tone::Plain,
              event.outcome() == "OK" ? joined(answer, " (", answer_details(event), ")")
                                      : joined(answer, ": ", event.text()));
}

NarrationLine replication_status(const TraceEvent& event) {
  const std::string replica = joined(event.subject(), " in ", or_unknown(event.peer()));
  if (event.outcome() == "Gone")
    return line(event, Tone::Plain, replica + " is no longer listed as a replica");
  const std::string text = event.text().empty() ? "" : ": " + event.text();
  const Tone tone = event.outcome() == "InSync"   ? Tone::Good
                    : event.outcome() == "Failed" ? Tone::Bad
                                                  : Tone::Plain;
  return line(event, tone, joined(replica, " is ", event.outcome(), text));
}

NarrationLine replica_applied(const TraceEvent& event) {
  const std::string change = joined("change ", event.number(), " of ", event.subject(), " from ",
                                    or_unknown(event.peer()));
  if (event.verb() == "applied") return line(event, Tone::Plain, "applies " + change);
  const std::string& why = event.text().empty() ? event.outcome() : event.text();
  const std::string verb = event.verb() == "refused" ? "refuses" : "ignores";
  return line(event, Tone::Plain, joined(verb, " ", change, why.empty() ? "" : ": ", why));
}

std::string fault_in_words(const TraceEvent& event) {
  const std::string what = fmt::format("{} {}", event.verb(), event.subject());
  return event.text().empty() ? what : fmt::format("{} ({})", event.text(), what);
}

NarrationLine healed(const TraceEvent& event) {
  // These end by themselves, when their messages have come, or as soon as they have happened.
  const std::string& kind = event.verb();
  const bool used_up = kind.ends_with("_next") || kind == "late_ghost";
  const bool over = kind == "reset_connection" || kind == "wipe" || kind == "key_rotated";
  return line(event, Tone::Fault,
              (over      ? "over: "
               : used_up ? "used up: "
                         : "healed: ") +
                  fault_in_words(event));
}

NarrationLine rotation(const TraceEvent& event) {
  const std::string& verb = event.verb();
  const std::string version = event.text().empty() ? "" : ", version " + shortened(event.text());
  if (verb == "RotationStarted" || verb == "TestRotationStarted") {
    const char* const what = verb == "RotationStarted" ? "rotation" : "test of the rotation";
    return line(event, Tone::Plain,
                fmt::format("{} of {} begins{}", what, event.subject(), version));
  }
  if (verb == "RotationSucceeded") {
    return line(event, Tone::Good, fmt::format("{} is rotated{}", event.subject(), version));
  }
  if (verb == "RotationAbandoned") {
    return line(event, Tone::Plain,
                fmt::format("rotation of {} is abandoned{}", event.subject(), version));
  }
  const bool fine = event.outcome() == "OK";
  if (verb == "RotationFailed" || verb.starts_with("TestRotation")) {
    return line(
        event, fine ? Tone::Good : Tone::Bad,
        fmt::format("{} of {} {}{}", verb == "RotationFailed" ? "rotation" : "test of the rotation",
                    event.subject(),
                    fine ? "succeeds" : "fails: ", fine ? std::string() : event.outcome()));
  }
  return line(
      event, fine ? Tone::Plain : Tone::Bad,
      fine ? fmt::format("rotation of {}: {} is done", event.subject(), verb)
           : fmt::format("rotation of {}: {} fails ({})", event.subject(), verb, event.outcome()));
}

// A key that was made is named; else the text says what the answer comes to.
NarrationLine service_call_ended(const TraceEvent& event) {
  const std::string answer = fmt::format("{} answers {}", event.verb(), event.outcome());
  if (event.text().empty()) return line(event, Tone::Plain, answer);
  const bool made = event.verb() == "kms:CreateKey";
  return line(event, Tone::Plain,
              event.outcome() == "OK"
                  ? fmt::format("{} ({})", answer, made ? "key " + event.text() : event.text())
                  : fmt::format("{}: {}", answer, event.text()));
}

NarrationLine key_changed(const TraceEvent& event) {
  const std::string key = key_text(event.subject());
  const std::string& what = event.verb();
  if (what == "Deleted") return line(event, Tone::Bad, key + " is deleted: its date has come");
  if (what == "MaterialRotated")
    return line(event, Tone::Plain, key + " encrypts with new material");
  if (what == "ReplicaCreated") return line(event, Tone::Good, key + " is here, and can be used");
  if (what == "BecamePrimary") return line(event, Tone::Plain, key + " is the primary key now");
  if (what == "BecameReplica") return line(event, Tone::Plain, key + " is a replica key now");
  return line(event, Tone::Plain,
              fmt::format("{} has no replica in {} any more", key, or_unknown(event.outcome())));
}

NarrationLine crashed(const TraceEvent& event) {
  if (event.number() == 0) return line(event, Tone::Fault, "crashes; its disk loses nothing");
  return line(event, Tone::Fault, fmt::format("crashes; its disk loses {} bytes", event.number()));
}

}  // namespace

std::optional<NarrationLine> Narrator::tell(const TraceEvent& event) {
  if (auto told = story(event)) return told;
  return detail_ == Detail::Machinery ? machinery(event) : std::nullopt;
}

std::optional<NarrationLine> Narrator::step(const TraceEvent& event) {
  // These are told by what they cause: it says more.
  const bool by_effect =
      event.verb() == "heal" || event.verb() == "crash" || event.verb() == "restart";
  if (by_effect && event.text().empty()) return std::nullopt;
  if (!by_effect) told_.insert(event.id());
  NarrationLine told = line(event, event.verb() == "fault" ? Tone::Fault : Tone::Plain,
                            by_effect ? "" : event.subject());
  told.note = event.text();
  return told;
}

std::optional<NarrationLine> Narrator::story(const TraceEvent& event) {
  const auto is_told = [&] { return told_.contains(event.cause()); };
  switch (event.kind()) {
    case v1::STEP:
      return step(event);
    case v1::CALL_STARTED:
      if (is_told()) return std::nullopt;
      return line(
          event, Tone::Plain,
          fmt::format("{} {}, as {}", event.verb(), secret_text(event.subject()), event.text()));
    case v1::SERVICE_CALL_STARTED:
      if (is_told()) return std::nullopt;
      return line(event, Tone::Plain,
                  fmt::format("{}{}{}, as {}", event.verb(), event.subject().empty() ? "" : " ",
                              key_text(event.subject()), event.text()));
    case v1::CALL_ENDED:
      return call_ended(event);
    case v1::SERVICE_CALL_ENDED:
      return service_call_ended(event);
    case v1::KEY_CHANGED:
      return key_changed(event);
    case v1::REGION_OPT_STATUS:
      return line(event, Tone::Plain,
                  fmt::format("{} is {} in the account", event.subject(), event.outcome()));
    case v1::REPLICATION_STATUS:
      return replication_status(event);
    case v1::REPLICA_APPLIED:
      return replica_applied(event);
    case v1::PROMOTED:
      return line(event, Tone::Plain, event.subject() + " is promoted: a standalone secret now");
    case v1::REPLICA_REMOVED:
      return line(event, Tone::Plain, "the replica of " + event.subject() + " is removed");
    case v1::SECRET_PURGED:
      return line(event, Tone::Plain, fmt::format("{} is gone: {}", event.subject(), event.text()));
    case v1::MESSAGE_DROPPED:
      return line(event, Tone::Fault,
                  fmt::format("{} from {} is lost ({})", event.verb(), or_unknown(event.peer()),
                              event.outcome()));
    case v1::ACTOR_CRASHED:
      return crashed(event);
    case v1::ACTOR_STARTED:
      if (event.verb() != "restart") return std::nullopt;
      return line(event, Tone::Fault, "starts again on its disk");
    case v1::FAULT_APPLIED:
      if (is_told()) return std::nullopt;
      return line(event, Tone::Fault, "fault: " + fault_in_words(event));
    case v1::FAULT_HEALED:
      return healed(event);
    case v1::ROTATION:
      return rotation(event);
    case v1::STORE_FAILED:
      return line(event, Tone::Bad, "closes its store: " + event.text());
    case v1::STORE_REOPENED:
      return line(event, Tone::Plain, "has its store open again");
    case v1::EXPECTATION_MET:
      return line(event, Tone::Good, "✓ " + event.subject());
    case v1::VIOLATION:
      return line(event, Tone::Bad, fmt::format("✗ {}; but {}", event.subject(), event.text()));
    default:
      return std::nullopt;
  }
}

std::optional<NarrationLine> Narrator::machinery(const TraceEvent& event) const {
  const auto faint = [&](std::string text) { return line(event, Tone::Faint, std::move(text)); };
  switch (event.kind()) {
    case v1::MESSAGE_SENT:
      return faint(joined("sends ", event.verb(), " #", event.number(), " to ", event.peer()));
    case v1::MESSAGE_DELIVERED:
      return faint(joined("gets ", event.verb(), " #", event.number(), " from ", event.peer()));
    case v1::KMS_CALL:
      return faint(
          joined("KMS ", event.verb(), " with ", key_text(event.subject()), ": ", event.outcome()));
    case v1::STORE_COMMITTED:
      return faint(joined("commits ", event.subject(), " (", event.verb(), ")"));
    case v1::MACHINE_MOVED:
      return faint(joined(event.text(), " of ", event.subject(), " for ", or_unknown(event.peer()),
                          ": ", event.verb(), " → ", event.outcome()));
    case v1::DISK_SYNCED:
      return faint(
          joined("syncs ", event.number(), " bytes of ", event.subject(), ": ", event.outcome()));
    case v1::ACTOR_STARTED:
      return faint("starts");
    default:
      return std::nullopt;
  }
}

std::string event_text(const TraceEvent& event) {
  std::string out = fmt::format("{} {} {}", event.id(),
                                engine::format_instant(engine::Instant::from_ns(event.at_ns())),
                                v1::EventKind_Name(event.kind()));
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format(" {}=\"{}\"", name, value);
  };
  add("actor", event.actor());
  add("peer", event.peer());
  if (event.cause() != 0) out += fmt::format(" cause={}", event.cause());
  if (event.number() != 0) out += fmt::format(" number={}", event.number());
  if (event.digest() != 0) out += fmt::format(" digest={:016x}", event.digest());
  add("subject", event.subject());
  add("verb", event.verb());
  add("outcome", event.outcome());
  add("text", event.text());
  return out;
}

}  // namespace faultline::regions
