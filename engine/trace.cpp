#include "engine/trace.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

// What is hashed of an event besides its record: see the table in trace.h.
struct Place {
  uint64_t id = 0;
  int64_t at_ns = 0;
  uint64_t cause = 0;
  uint64_t actor_digest = 0;
  uint64_t peer_digest = 0;
};

constexpr std::size_t kFixedBytes = 80;
// Room, fixed part and the texts of nearly every event.
constexpr std::size_t kUsualBytes = 512;

// Words of 64 bits at multiples of 8, because the hash reads them as such at once.
void put_word(char* out, uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &value, sizeof(value));
  } else {
    for (std::size_t i = 0; i < sizeof(value); ++i) out[i] = static_cast<char>(value >> (8 * i));
  }
}
void put_halves(char* out, std::size_t low, std::size_t high) {
  put_word(out, static_cast<uint32_t>(low) | uint64_t{static_cast<uint32_t>(high)} << 32);
}

// Two overlapping copies of a fixed size are what a short text costs; a call is more.
template <std::size_t kSize>
void put_both_ends(char* out, std::string_view text) {
  std::memcpy(out, text.data(), kSize);
  std::memcpy(out + text.size() - kSize, text.data() + text.size() - kSize, kSize);
}
char* put_text(char* out, std::string_view text) {
  if (text.size() > 16) {
    std::memcpy(out, text.data(), text.size());
  } else if (text.size() >= 8) {
    put_both_ends<8>(out, text);
  } else if (text.size() >= 4) {
    put_both_ends<4>(out, text);
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) out[i] = text[i];
  }
  return out + text.size();
}

std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

void write_frame(char* out, const Place& place, const TraceRecord& record, std::size_t size) {
  put_word(out, place.id);
  put_word(out + 8, static_cast<uint64_t>(place.at_ns));
  put_word(out + 16, place.cause);
  put_word(out + 24, record.number);
  put_word(out + 32, record.digest);
  put_word(out + 40, place.actor_digest);
  put_word(out + 48, place.peer_digest);
  put_halves(out + 56, static_cast<uint32_t>(record.kind), record.subject.size());
  put_halves(out + 64, record.verb.size(), record.outcome.size());
  put_halves(out + 72, record.text.size(), 0);
  if (size == kFixedBytes) return;
  put_word(out + size - 8, 0);
  char* texts = put_text(out + kFixedBytes, record.subject);
  texts = put_text(texts, record.verb);
  texts = put_text(texts, record.outcome);
  put_text(texts, record.text);
}

void add_frame(HashChain& chain, const Place& place, const TraceRecord& record,
               std::string& long_frame) {
  const std::size_t size = kFixedBytes + padded(record.subject.size() + record.verb.size() +
                                                record.outcome.size() + record.text.size());
  std::array<char, kUsualBytes> usual;
  char* room_and_frame = usual.data();
  if (HashChain::kRoom + size > kUsualBytes) {
    long_frame.resize(HashChain::kRoom + size);
    room_and_frame = long_frame.data();
  }
  write_frame(room_and_frame + HashChain::kRoom, place, record, size);
  chain.add_in_place(room_and_frame, HashChain::kRoom + size);
}

}  // namespace

Trace::Trace(const Instant& now) : now_(now), no_name_digest_(hash64("")) {}

uint64_t Trace::name_digest(ActorId actor) const {
  if (actor == kNoActor) return no_name_digest_;
  FL_CHECK(actor.value < name_digests_.size()) << "no actor has the number " << actor.value;
  return name_digests_[actor.value];
}

uint64_t Trace::record(const TraceRecord& record) {
  const Place place{.id = ++count_,
                    .at_ns = now_.ns(),
                    .cause = record.cause != 0 ? record.cause : current_cause_,
                    .actor_digest = name_digest(record.actor),
                    .peer_digest = name_digest(record.peer)};
  add_frame(chain_, place, record, long_frame_);
  if (!sinks_.empty()) tell_sinks(record, place.cause);
  for (TraceListener* const listener : listeners_) listener->on_record(place.id, record);
  return place.id;
}

void Trace::tell_sinks(const TraceRecord& record, uint64_t cause) {
  // Kept from one event to the next, with the room of its strings; of each thread its own, and one
  // more for a sink that runs another world.
  thread_local std::unique_ptr<v1::TraceEvent> spare;
  std::unique_ptr<v1::TraceEvent> taken = std::move(spare);
  if (taken == nullptr) taken = std::make_unique<v1::TraceEvent>();
  v1::TraceEvent& event = *taken;
  const auto set = [](std::string& field, std::string_view text) {
    field.assign(text.data(), text.size());
  };
  event.set_id(count_);
  event.set_at_ns(now_.ns());
  event.set_kind(record.kind);
  set(*event.mutable_actor(), name(record.actor));
  set(*event.mutable_peer(), name(record.peer));
  event.set_cause(cause);
  event.set_number(record.number);
  event.set_digest(record.digest);
  set(*event.mutable_subject(), record.subject);
  set(*event.mutable_verb(), record.verb);
  set(*event.mutable_outcome(), record.outcome);
  set(*event.mutable_text(), record.text);
  event.set_chain(chain_.value().to_bytes());
  for (TraceSink* const sink : sinks_) sink->on_event(event);
  spare = std::move(taken);
}

Hash128 chain_after(Hash128 before, const v1::TraceEvent& event) {
  HashChain chain(before);
  std::string long_frame;
  const Place place{.id = event.id(),
                    .at_ns = event.at_ns(),
                    .cause = event.cause(),
                    .actor_digest = hash64(event.actor()),
                    .peer_digest = hash64(event.peer())};
  const TraceRecord record{.kind = event.kind(),
                           .number = event.number(),
                           .digest = event.digest(),
                           .subject = event.subject(),
                           .verb = event.verb(),
                           .outcome = event.outcome(),
                           .text = event.text()};
  add_frame(chain, place, record, long_frame);
  return chain.value();
}

uint64_t Trace::set_current_cause(uint64_t event_id) {
  return std::exchange(current_cause_, event_id);
}

void Trace::add_sink(TraceSink* sink) {
  FL_CHECK(sink != nullptr) << "a sink that is none";
  sinks_.push_back(sink);
}

void Trace::remove_sink(TraceSink* sink) { std::erase(sinks_, sink); }

void Trace::add_listener(TraceListener* listener) {
  FL_CHECK(listener != nullptr) << "a listener that is none";
  listeners_.push_back(listener);
}

void Trace::remove_listener(TraceListener* listener) { std::erase(listeners_, listener); }

void Trace::add_name(std::string_view name) {
  names_.emplace_back(name);
  name_digests_.push_back(hash64(name));
}

std::string_view Trace::name(ActorId actor) const {
  if (actor == kNoActor) return {};
  FL_CHECK(actor.value < names_.size()) << "no actor has the number " << actor.value;
  return names_[actor.value];
}

}  // namespace faultline::engine
