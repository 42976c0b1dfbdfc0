#include "engine/trace.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "proto/check.h"
#include "proto/trace.pb.h"

namespace faultline::engine {
namespace {

// A record, or a v1::TraceEvent, with names already turned into digests: what the hash covers.
struct Frame {
  uint64_t id = 0;
  int64_t at_ns = 0;
  uint64_t cause = 0;
  uint64_t number = 0;
  uint64_t digest = 0;
  uint64_t actor = 0;
  uint64_t peer = 0;
  uint32_t kind = 0;
  std::array<std::string_view, 4> texts;
};

constexpr std::size_t kFixedBytes = 76;
// Room, fixed part and the texts of nearly every event.
constexpr std::size_t kUsualBytes = 512;

class FrameWriter {
 public:
  explicit FrameWriter(char* out) : out_(out) {}

  template <class Integer>
  void put(Integer value) {
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(out_, &value, sizeof(value));
    } else {
      for (std::size_t i = 0; i < sizeof(value); ++i) {
        out_[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
      }
    }
    out_ += sizeof(value);
  }
  void put(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }

 private:
  char* out_;
};

std::size_t size_with_room(const Frame& frame) {
  std::size_t size = HashChain::kRoom + kFixedBytes;
  for (const std::string_view text : frame.texts) size += text.size();
  return size;
}

void write(const Frame& frame, char* out) {
  FrameWriter writer(out + HashChain::kRoom);
  writer.put(frame.id);
  writer.put(frame.at_ns);
  writer.put(frame.cause);
  writer.put(frame.number);
  writer.put(frame.digest);
  writer.put(frame.actor);
  writer.put(frame.peer);
  writer.put(frame.kind);
  for (const std::string_view text : frame.texts) writer.put(static_cast<uint32_t>(text.size()));
  for (const std::string_view text : frame.texts) writer.put(text);
}

void add_to(HashChain& chain, const Frame& frame, std::string& long_frame) {
  const std::size_t size = size_with_room(frame);
  if (size <= kUsualBytes) {
    std::array<char, kUsualBytes> buffer;
    write(frame, buffer.data());
    chain.add_in_place(buffer.data(), size);
  } else {
    long_frame.resize(size);
    write(frame, long_frame.data());
    chain.add_in_place(long_frame.data(), size);
  }
}

}  // namespace

Trace::Trace(const Instant& now) : now_(now), no_name_digest_(hash64("")) {}

uint64_t Trace::record(const TraceRecord& record) {
  const uint64_t cause = record.cause != 0 ? record.cause : current_cause_;
  const uint64_t id = ++count_;
  add_to(chain_,
         {
             .id = id,
             .at_ns = now_.ns(),
             .cause = cause,
             .number = record.number,
             .digest = record.digest,
             .actor = name_digest(record.actor),
             .peer = name_digest(record.peer),
             .kind = static_cast<uint32_t>(record.kind),
             .texts = {record.subject, record.verb, record.outcome, record.text}
  },
         long_frame_);
  if (!sinks_.empty()) tell_sinks(record, cause);
  return id;
}

void Trace::tell_sinks(const TraceRecord& record, uint64_t cause) {
  const auto text = [](std::string_view view) { return std::string(view); };
  v1::TraceEvent event;
  event.set_id(count_);
  event.set_at_ns(now_.ns());
  event.set_kind(record.kind);
  event.set_actor(text(name(record.actor)));
  event.set_peer(text(name(record.peer)));
  event.set_cause(cause);
  event.set_number(record.number);
  event.set_digest(record.digest);
  event.set_subject(text(record.subject));
  event.set_verb(text(record.verb));
  event.set_outcome(text(record.outcome));
  event.set_text(text(record.text));
  event.set_chain(chain_.value().to_bytes());
  for (TraceSink* const sink : sinks_) sink->on_event(event);
}

Hash128 chain_after(Hash128 before, const v1::TraceEvent& event) {
  HashChain chain(before);
  std::string long_frame;
  add_to(chain,
         {
             .id = event.id(),
             .at_ns = event.at_ns(),
             .cause = event.cause(),
             .number = event.number(),
             .digest = event.digest(),
             .actor = hash64(event.actor()),
             .peer = hash64(event.peer()),
             .kind = static_cast<uint32_t>(event.kind()),
             .texts = {event.subject(), event.verb(), event.outcome(), event.text()}
  },
         long_frame);
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

void Trace::add_name(std::string_view name) {
  names_.emplace_back(name);
  name_digests_.push_back(hash64(name));
}

std::string_view Trace::name(ActorId actor) const {
  if (actor == kNoActor) return {};
  FL_CHECK(actor.value < names_.size()) << "no actor has the number " << actor.value;
  return names_[actor.value];
}

uint64_t Trace::name_digest(ActorId actor) const {
  if (actor == kNoActor) return no_name_digest_;
  FL_CHECK(actor.value < name_digests_.size()) << "no actor has the number " << actor.value;
  return name_digests_[actor.value];
}

}  // namespace faultline::engine
