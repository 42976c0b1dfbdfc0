#include "regions/explore/state_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string_view>

#include "engine/simulation.h"
#include "proto/replication.pb.h"
#include "regions/region.h"
#include "regions/secret_store.h"

namespace faultline::regions::explore {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Times, counters of commits, and what follows from nonces.
bool is_left_out(const FieldDescriptor& field) {
  const std::string& name = field.name();
  return name.ends_with("_unix_ns") || name.ends_with("_day") || name == "revision" ||
         name == "sealed_value" || name == "status_message" || name == "message";
}

void clear_left_out(Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (is_left_out(*field)) {
      // That a deletion is scheduled counts, not when.
      if (field->name() == "deletion_unix_ns") {
        reflection->SetInt64(&message, field, 1);
      } else {
        reflection->ClearField(&message, field);
      }
      continue;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      clear_left_out(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      clear_left_out(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

template <class Record>
std::string essence(Record record) {
  clear_left_out(record);
  return record.ShortDebugString();
}

// A message of the built-in protocol by what it says; of another one by its bytes.
std::string message_text(std::string_view type, const std::string& body, std::uint64_t digest) {
  const std::size_t size = body.size() - std::min(body.size(), kFrameCodeBytes);
  const auto parsed = [&](auto message) -> std::string {
    return message.ParseFromArray(body.data(), static_cast<int>(size))
               ? essence(std::move(message))
               : fmt::format("{:x}", digest);
  };
  if (type == "Replicate") return parsed(v1::Replicate());
  if (type == "ReplicateAck") return parsed(v1::ReplicateAck());
  if (type == "ReplicateNack") return parsed(v1::ReplicateNack());
  if (type == "RemoveReplica") return parsed(v1::RemoveReplica());
  if (type == "RemoveReplicaAck") return parsed(v1::RemoveReplicaAck());
  if (type == "ReplicaDetached") return parsed(v1::ReplicaDetached());
  return fmt::format("{:x}", digest);
}

}  // namespace

std::string stores_text(World& world) {
  std::string out;
  for (const std::string& name : world.regions()) {
    Region* region = world.region(name);
    if (region == nullptr || !region->secret_store().is_open()) {
      out += fmt::format("{} is down\n", name);
      continue;
    }
    const auto scanned =
        region->secret_store().scan([&](std::string_view key, std::string_view value) {
          const auto record = [&](auto message, std::string_view kind) {
            if (message.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
              out += fmt::format("{} {} {}\n", name, kind, essence(std::move(message)));
            }
          };
          // Links end with their key's own name; versions are named by their secret's record.
          if (key.starts_with("s/")) record(v1::StoredSecret(), "secret");
          if (key.starts_with("l/")) record(v1::StoredLink(), "link");
          if (key.starts_with("t/")) record(v1::StoredTombstone(), "tombstone");
          return true;
        });
    if (!scanned) out += fmt::format("{} cannot be read\n", name);
  }
  return out;
}

std::string timer_text(const std::string& region, std::uint64_t key) {
  // The number of the region's life stands above 48 bits.
  constexpr std::uint64_t kOfProtocol = (std::uint64_t{1} << 48U) - 1;
  return fmt::format("timer {} {:x}", region, key & kOfProtocol);
}

std::string traffic_text(World& world) {
  engine::Simulation& simulation = world.simulation();
  const auto name = [&](engine::ActorId actor) {
    return actor == engine::kNoActor ? std::string("world") : simulation.context(actor).name();
  };
  std::string out;
  for (const engine::EventDescription& event : simulation.pending()) {
    if (event.urgency == engine::TimerClass::Background) continue;
    if (event.kind == engine::EventClass::Timer) {
      out += timer_text(name(event.actor), event.number) + "\n";
    } else if (event.kind == engine::EventClass::Deliver) {
      out += fmt::format("flies {} {} {} {}\n", name(event.peer), name(event.actor), event.label,
                         message_text(event.label, simulation.body_of(event.id), event.digest));
    }
  }
  return out;
}

engine::Hash128 hash_of_lines(const std::string& text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  std::ranges::sort(lines);
  std::string sorted;
  sorted.reserve(text.size());
  for (const std::string_view line : lines) {
    sorted += line;
    sorted += '\n';
  }
  engine::HashChain chain;
  chain.add(sorted);
  return chain.value();
}

std::string renamed(const std::string& text, const std::vector<std::string>& from,
                    const std::vector<std::string>& to) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t which = 0;
    while (which < from.size() && text.compare(at, from[which].size(), from[which]) != 0) ++which;
    if (which == from.size()) {
      out += text[at++];
      continue;
    }
    out += to[which];
    at += from[which].size();
  }
  return out;
}

}  // namespace faultline::regions::explore
