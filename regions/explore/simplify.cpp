#include "regions/explore/simplify.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/time.h"

namespace faultline::regions::explore {
namespace {

using engine::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* one) { return name == one; });
}

// What a message cannot be without, or what another pass takes care of.
bool must_stay(const FieldDescriptor& field) {
  const std::string& owner = field.containing_type()->name();
  if (owner == "Scenario") return is_one_of(field.name(), {"region", "step", "settle"});
  if (owner == "Step") return is_one_of(field.name(), {"at", "region"});
  if (field.real_containing_oneof() != nullptr && is_one_of(owner, {"Fault", "Condition"})) {
    return true;
  }
  if (owner == "Fault") return false;
  return is_one_of(field.name(), {"secret_id", "name", "region", "from", "to", "event", "alias"});
}

// A network without jitter, which without_luck() makes.
bool keeps_luck_out(const Message& message, const FieldDescriptor& field) {
  const std::string& owner = field.containing_type()->name();
  if (owner == "Scenario" && field.name() == "network") {
    return static_cast<const v1::Scenario&>(message).network().jitter() == "0s";
  }
  return owner == "LinkSpec" && field.name() == "jitter" &&
         message.GetReflection()->GetString(message, &field) == "0s";
}

// Clears the field of that number, counting depth first; less the fields it passed.
class Clearer {
 public:
  explicit Clearer(std::size_t index) : left_(index) {}

  // True: it was cleared.
  bool visit(Message& message) {
    const auto* reflection = message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const bool is_verb =
          field->real_containing_oneof() != nullptr && field->containing_type()->name() == "Step";
      const bool stays = must_stay(*field) || is_verb || keeps_luck_out(message, *field);
      if (!stays && clear(message, *field)) return true;
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        if (visit(*reflection->MutableMessage(&message, field))) return true;
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        if (visit(*reflection->MutableRepeatedMessage(&message, field, i))) return true;
      }
    }
    return false;
  }

 private:
  bool take() { return left_-- == 0; }

  bool clear(Message& message, const FieldDescriptor& field) {
    const auto* reflection = message.GetReflection();
    if (!field.is_repeated()) {
      if (!take()) return false;
      reflection->ClearField(&message, &field);
      return true;
    }
    for (int i = reflection->FieldSize(message, &field) - 1; i >= 0; --i) {
      if (!take()) continue;
      for (int k = i; k + 1 < reflection->FieldSize(message, &field); ++k) {
        reflection->SwapElements(&message, &field, k, k + 1);
      }
      reflection->RemoveLast(&message, &field);
      return true;
    }
    return false;
  }

  std::size_t left_;
};

Duration time_or_zero(const std::string& text) {
  const auto parsed = engine::parse_duration(text.empty() ? "0s" : text);
  return parsed ? *parsed : Duration::zero();
}

void set_at(v1::Step& step, Duration at) {
  if (at == Duration::zero()) {
    step.clear_at();
  } else {
    step.set_at(engine::format_duration(at));
  }
}

// Times a reader can keep in mind, the shortest first.
const std::vector<Duration>& round_durations() {
  static const std::vector<Duration> durations = {
      Duration::zero(),      Duration::millis(1),   Duration::millis(10), Duration::millis(100),
      Duration::seconds(1),  Duration::seconds(2),  Duration::seconds(5), Duration::seconds(10),
      Duration::seconds(30), Duration::seconds(60),
  };
  return durations;
}

// `candidate` is round. A round one gives way to a shorter one only, so that this comes to an end.
bool is_better(Duration candidate, Duration now) {
  const bool is_round = std::ranges::find(round_durations(), now) != round_durations().end();
  return is_round ? candidate < now : candidate != now;
}

// Applies a change to every string of a message.
void for_each_string(Message& message,
                     const std::function<void(const FieldDescriptor&, std::string&)>& change) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        for_each_string(field->is_repeated()
                            ? *reflection->MutableRepeatedMessage(&message, field, i)
                            : *reflection->MutableMessage(&message, field),
                        change);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                : reflection->GetString(message, field);
        change(*field, text);
        if (field->is_repeated()) {
          reflection->SetRepeatedString(&message, field, i, text);
        } else {
          reflection->SetString(&message, field, text);
        }
      }
    }
  }
}

// New names for old ones, in the order in which they stand.
using Renaming = std::map<std::string, std::string>;

v1::Scenario renamed(const v1::Scenario& scenario, std::initializer_list<const char*> fields,
                     const std::function<std::string(std::size_t)>& new_name) {
  v1::Scenario out = scenario;
  Renaming names;
  for_each_string(out, [&](const FieldDescriptor& field, std::string& text) {
    if (!is_one_of(field.name(), fields) || text.empty()) return;
    const auto known = names.emplace(text, "");
    if (known.second) known.first->second = new_name(names.size());
    text = known.first->second;
  });
  return out;
}

bool names_region(const Message& message, const std::string& region) {
  bool found = false;
  v1::Scenario unused;
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  for_each_string(
      *copy, [&](const FieldDescriptor&, std::string& text) { found = found || text == region; });
  return found;
}

}  // namespace

std::optional<v1::Scenario> without_field(const v1::Scenario& scenario, std::size_t index) {
  v1::Scenario out = scenario;
  return Clearer(index).visit(out) ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<v1::Scenario> round_times(const v1::Scenario& scenario) {
  std::vector<v1::Scenario> out;
  // Gaps between steps: what follows moves along.
  Duration before;
  for (int i = 0; i < scenario.step_size(); ++i) {
    const Duration at = time_or_zero(scenario.step(i).at());
    const Duration gap = at - before;
    for (const Duration candidate : round_durations()) {
      if (!is_better(candidate, gap)) continue;
      v1::Scenario moved = scenario;
      for (int k = i; k < moved.step_size(); ++k) {
        set_at(*moved.mutable_step(k), time_or_zero(scenario.step(k).at()) - gap + candidate);
      }
      if (moved.settle().at().empty()) {
        out.push_back(std::move(moved));
        continue;
      }
      moved.mutable_settle()->set_at(
          engine::format_duration(time_or_zero(scenario.settle().at()) - gap + candidate));
      out.push_back(std::move(moved));
    }
    before = at;
  }
  // How long things last.
  for (int i = 0; i < scenario.step_size(); ++i) {
    const v1::Step& step = scenario.step(i);
    for (const bool delay : {false, true}) {
      const std::string& text = delay ? step.on().delay() : step.fault().for_();
      if (text.empty()) continue;
      for (const Duration candidate : round_durations()) {
        if (candidate == Duration::zero() || !is_better(candidate, time_or_zero(text))) continue;
        v1::Scenario changed = scenario;
        const std::string round = engine::format_duration(candidate);
        if (delay) {
          changed.mutable_step(i)->mutable_on()->set_delay(round);
        } else {
          changed.mutable_step(i)->mutable_fault()->set_for_(round);
        }
        out.push_back(std::move(changed));
      }
    }
  }
  return out;
}

std::vector<v1::Scenario> canonical_names(const v1::Scenario& scenario) {
  std::vector<v1::Scenario> out;
  out.push_back(renamed(scenario, {"secret_string", "one_of"},
                        [](std::size_t n) { return fmt::format("the value number {}", n); }));
  out.push_back(renamed(
      scenario,
      {"client_request_token", "version_id", "move_to_version_id", "remove_from_version_id"},
      [](std::size_t n) { return fmt::format("{:08}-0000-4000-8000-000000000000", n); }));
  v1::Scenario changed = scenario;
  for_each_string(changed, [](const FieldDescriptor& field, std::string& text) {
    if (field.name() == "description" && field.containing_type()->name() != "Scenario") text = "d";
  });
  out.push_back(std::move(changed));
  std::erase_if(out, [&](const v1::Scenario& candidate) {
    return candidate.SerializeAsString() == scenario.SerializeAsString();
  });
  return out;
}

std::vector<v1::Scenario> without_luck(const v1::Scenario& scenario) {
  std::vector<v1::Scenario> out;
  if (scenario.network().jitter() != "0s" || scenario.seed() != 0) {
    v1::Scenario even = scenario;
    even.mutable_network()->set_jitter("0s");
    even.clear_seed();
    out.push_back(std::move(even));
  }
  if (scenario.seed() != 0) {
    v1::Scenario seedless = scenario;
    seedless.clear_seed();
    out.push_back(std::move(seedless));
  }
  return out;
}

v1::Scenario without_region(const v1::Scenario& scenario, const std::string& region) {
  v1::Scenario out = scenario;
  const auto drop = [&](auto& list) {
    for (int i = list.size() - 1; i >= 0; --i) {
      if (names_region(list[i], region)) list.DeleteSubrange(i, 1);
    }
  };
  drop(*out.mutable_region());
  drop(*out.mutable_key());
  drop(*out.mutable_link());
  drop(*out.mutable_expect());
  auto& dead = *out.mutable_settle()->mutable_dead_region();
  for (int i = dead.size() - 1; i >= 0; --i) {
    if (dead[i] == region) dead.DeleteSubrange(i, 1);
  }
  if (!scenario.has_settle()) out.clear_settle();
  auto& steps = *out.mutable_step();
  for (int i = steps.size() - 1; i >= 0; --i) {
    // A call goes with its own region, not with a replica there.
    const auto drop_replicas = [&](auto& list) {
      for (int k = list.size() - 1; k >= 0; --k) {
        if (list[k].region() == region) list.DeleteSubrange(k, 1);
      }
    };
    if (steps[i].region() == region) {
      steps.DeleteSubrange(i, 1);
      continue;
    }
    if (steps[i].has_create_secret()) {
      drop_replicas(*steps[i].mutable_create_secret()->mutable_add_replica_regions());
    }
    if (names_region(steps[i], region)) steps.DeleteSubrange(i, 1);
  }
  return out;
}

}  // namespace faultline::regions::explore
