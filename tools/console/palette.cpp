#include "tools/console/palette.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "kms/kms.h"
#include "regions/fault_catalogue.h"
#include "regions/scenario/check.h"
#include "regions/scenario/choices.h"
#include "regions/scenario_loader.h"
#include "tools/serve/aws_json.h"
#include "tools/serve/fault_words.h"

namespace faultline::tools {
namespace {

using google::protobuf::FieldDescriptor;

constexpr std::string_view kOwnKey = "alias/replica";

// How people say it. `what` and `why` where one kind is several entries of the catalogue, or none.
struct Words {
  std::string_view kind;
  std::string_view title;
  std::string_view what = {};
  std::string_view why = {};
};

constexpr Words kWords[] = {
    {"cut",                                                                               "cut a link",                                            "Two regions cannot reach each other, or one is not heard by the other."},
    {"isolate",                                                                                   "cut a region off"                                                                                                                                 },
    {"degrade",                                                                                   "make a link worse",
     "Messages between two regions take longer, or are lost, doubled or reordered.", "What counts on a network that is quick, orderly and whole."},
    {"drop-next",      "lose the next message",
     "The next messages from one region to another are lost."},
    {"delay-next",                                                                         "hold back the next message",
     "The next message from one region to another is held back; later ones overtake it."},
    {"clog",                                                                                   "clog a link"                                                                                                                              },
    {"swizzle-clog", "clog links in turn"                                                       },
    {"flap","let a link flap"},
    {"reset-connection",                                                               "reset a connection"                                                              },
    {"corrupt-next",                                                                               "damage the next message"                                                                                                                                                                                                                         },
    {"duplicate-next", "deliver the next message twice",
     "The next messages from one region to another arrive twice."},
    {"late-ghost","let a copy come late"},
    {"crash",                                                   "crash a region",                                                                                 "A region's process dies, and starts again when the fault ends."},
    {"pause",                                                                        "let a region hang"                                                                                                                             },
    {"slow-region",                                                                             "slow a region down"                                                                 },
    {"old-binary",                                                                                   "start an old binary"                                                                                                                                   },
    {"wipe",                                                                                   "wipe a region's disk"},
    {"old-backup",                                                                                   "bring an old backup back"                                                             },
    {"region-disabled",                                                                                   "disable a region" },
    {"clients-cut",                                                                                   "cut clients off"                                                                                                                              },
    {"control-plane-down",                                                                                   "take a control plane down"                                                            },
    {"disk",                                                                                   "let a disk fail",                                                                                                                             "A region's disk fails, lies, is full or slow, or loses bits.",
     "Success that is told although nothing is safe, and errors taken for an absence."},
    {"clock",                                                                                   "set a clock wrong",
     "A region's wall clock is ahead or behind, drifts, or stands still.", "Dates that are compared between regions."},
    {"clock-skew",                                                                                   "set clocks apart"                                                                        },
    {"key-denied",                     "deny a key"                                                           },
    {"key-disabled",                                                                             "disable a key"                              },
    {"key-pending-deletion",                                         "schedule a key's deletion"                                                                                               },
    {"key-deleted","delete a key"},
    {"kms-unavailable",                                                   "take KMS down",
     "Every call to a region's KMS answers KMSInternalException.", "Work that is given up instead of being tried again."},
    {"kms-throttled","throttle KMS"                },
    {"kms-slow",                "slow KMS down","Every call to a region's KMS takes longer.",
     "Time-outs that fit the usual case only."},
    {"grant-revoked",                                                                                       "revoke grants during calls"                                                                                                                                                                                },
    {"kms-timeout",                  "let KMS time out"                                                                                },
    {"wrong-key",                                                                                   "name a wrong key"                                                                                                                           },
    {"key-rotated",                                                                                   "rotate a key's material"                                                                                                                },
    {"context-mismatch",                                       "mix up encryption contexts"                                                                                                   },
    {"replica-key-missing",                                                                     "leave a replica key out"         },
    {"api-throttled",                                                                       "throttle calls"                                                                                          },
    {"api-fails",                                                                         "fail calls before they act"                           },
    {"api-fails-after",                                                                       "fail calls after they acted"                  },
    {"reply-lost",                                                                  "lose answers",                                                       "Calls take effect; their answers never arrive."},
    {"duplicate-requests",                                                               "deliver requests twice"                        },
    {"replica-lag",                                                                     "let replication lag"                                     },
};

// By the letters of the ids; in this order.
struct Group {
  std::string_view letters;
  std::string_view name;
};
constexpr std::array<Group, 6> kGroups = {
    {{"NET", "Network"},
     {"REG", "Region and machine"},
     {"DSK", "Disk"},
     {"CLK", "Clock"},
     {"KMS", "Keys"},
     {"API", "API"}}
};

struct Field {
  std::string word;
  std::string_view type;
  std::vector<std::string> choices;
  std::string hint;
  bool is_required = false;
  bool is_many = false;
};

std::string dashed(std::string text) {
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// What a text means is in its name.
struct Meaning {
  std::string_view type;
  std::string_view hint;
};
const Meaning& meaning_of(const std::string& name) {
  static const std::map<std::string, Meaning, std::less<>> kMeanings = {
      {"region",        {"region", "us-east-1"}        },
      {"from",          {"region", "us-west-2"}        },
      {"to",            {"peer", "us-east-1"}          },
      {"key",           {"key", kms::kManagedAlias}    },
      {"latency",       {"duration", "800ms"}          },
      {"jitter",        {"duration", "500ms"}          },
      {"reorder_delay", {"duration", "2s"}             },
      {"delay",         {"duration", "10s"}            },
      {"by",            {"duration", "3s"}             },
      {"up",            {"duration", "2s"}             },
      {"down",          {"duration", "1s"}             },
      {"slow_sync",     {"duration", "400ms"}          },
      {"offset",        {"duration", "2h"}             },
      {"loss",          {"ratio", "1/3"}               },
      {"duplicate",     {"ratio", "1/2"}               },
      {"reorder",       {"ratio", "1/2"}               },
      {"actions",       {"text", "kms:GenerateDataKey"}},
      {"principal",     {"text", "admin"}              },
  };
  static constexpr Meaning kPlain = {"text", ""};
  const auto found = kMeanings.find(name);
  return found == kMeanings.end() ? kPlain : found->second;
}

std::string number_hint(const std::string& name) {
  if (name == "bytes_per_second") return "500";
  return name == "drift_ppm" ? "20000" : "1";
}

Field field_of(const FieldDescriptor& descriptor) {
  const std::string& name = descriptor.name();
  Field field{.word = dashed(name), .type = {}, .choices = {}, .hint = {}};
  field.is_many = descriptor.is_repeated();
  switch (descriptor.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      field.type = "flag";
      return field;
    case FieldDescriptor::CPPTYPE_ENUM:
      field.type = "choice";
      // The first stands for none of them.
      for (int i = 1; i < descriptor.enum_type()->value_count(); ++i) {
        field.choices.push_back(dashed(lower(descriptor.enum_type()->value(i)->name())));
      }
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      if (name == "message" || name == "operation") {
        field.type = "choice";
        field.choices = name == "message" ? regions::wire_messages() : regions::api_operations();
        break;
      }
      field.type = meaning_of(name).type;
      field.hint = meaning_of(name).hint;
      return field;
    default:
      field.type = "number";
      field.hint = number_hint(name);
      return field;
  }
  field.hint = name == "operation" ? "GetSecretValue" : field.choices.front();
  return field;
}

// The form of a kind, and what the check says of it filled in.
class Form {
 public:
  explicit Form(const std::string& kind) : kind_(kind) {
    const auto* block = v1::Fault::descriptor()->FindFieldByName(block_name());
    for (int i = 0; i < block->message_type()->field_count(); ++i) {
      fields_.push_back(field_of(*block->message_type()->field(i)));
    }
    choose_key();
    find_required();
  }

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] const std::vector<std::string>& any_of() const { return any_of_; }
  [[nodiscard]] bool lasts() const { return !regions::is_over_at_once(fault(all())); }

  // The catalogue's entries of this kind.
  [[nodiscard]] std::vector<const regions::FaultEntry*> entries() const {
    std::set<std::string_view> ids;
    for (const std::string_view id : regions::fault_ids_of(fault(all()))) ids.insert(id);
    std::vector<const regions::FaultEntry*> entries;
    for (const regions::FaultEntry& entry : regions::fault_catalogue()) {
      if (entry.block == block_name() || ids.contains(entry.id)) entries.push_back(&entry);
    }
    return entries;
  }

 private:
  using Chosen = std::set<std::string>;  // words that are filled in

  [[nodiscard]] std::string block_name() const {
    std::string name = kind_;
    std::ranges::replace(name, '-', '_');
    return name;
  }
  [[nodiscard]] Chosen all() const {
    Chosen words;
    for (const Field& field : fields_) words.insert(field.word);
    return words;
  }
  [[nodiscard]] v1::Fault fault(const Chosen& chosen) const {
    std::vector<std::string> words = {kind_};
    for (const Field& field : fields_) {
      if (!chosen.contains(field.word)) continue;
      // Of regions that may be many, as few as make sense.
      if (field.is_many && field.type == "region") {
        words.insert(words.end(), {"--" + field.word, "us-west-2"});
      }
      words.push_back("--" + field.word);
      if (field.type != "flag") words.push_back(field.hint);
    }
    return fault_of(words).value_or(v1::Fault());
  }
  // In a world of three regions, each with a key.
  [[nodiscard]] bool is_accepted(const Chosen& chosen) const {
    v1::Scenario scenario;
    for (const char* region : {"us-west-2", "us-east-1", "eu-west-1"}) {
      scenario.add_region()->set_name(region);
      v1::KeySpec& key = *scenario.add_key();
      key.set_region(region);
      key.set_alias(std::string(kOwnKey));
    }
    *scenario.add_step()->mutable_fault() = fault(chosen);
    return regions::adopt_scenario("palette", std::move(scenario)).has_value();
  }

  // The managed key is there without anybody's doing, but not all can be done to it.
  void choose_key() {
    for (Field& field : fields_) {
      if (field.type == "key" && !is_accepted(all())) field.hint = kOwnKey;
    }
  }

  void find_required() {
    Chosen required;
    for (Field& field : fields_) {
      Chosen others = all();
      others.erase(field.word);
      field.is_required = !is_accepted(others);
      if (field.is_required) required.insert(field.word);
    }
    if (is_accepted(required)) return;
    for (const Field& field : fields_) {
      Chosen more = required;
      if (more.insert(field.word).second && is_accepted(more)) any_of_.push_back(field.word);
    }
  }

  const std::string kind_;
  std::vector<Field> fields_;
  std::vector<std::string> any_of_;
};

// ---- as JSON ------------------------------------------------------------------------------------

void append_texts(const std::vector<std::string>& texts, std::string& out) {
  out += '[';
  for (const std::string& text : texts) {
    if (out.back() != '[') out += ',';
    append_json_string(text, out);
  }
  out += ']';
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  if (out.back() != '{') out += ',';
  append_json_string(name, out);
  out += ':';
  append_json_string(text, out);
}

void append_field(const Field& field, std::string& out) {
  out += '{';
  append_member("word", field.word, out);
  append_member("type", field.type, out);
  out += ",\"choices\":";
  append_texts(field.choices, out);
  append_member("hint", field.hint, out);
  out += field.is_required ? ",\"required\":true" : ",\"required\":false";
  out += field.is_many ? ",\"many\":true}" : ",\"many\":false}";
}

void append_kind(const std::string& kind, const Form& form, std::string& out) {
  const auto entries = form.entries();
  const auto words = std::ranges::find(kWords, kind, &Words::kind);
  const bool has_words = words != std::end(kWords);
  std::string title = kind;
  std::ranges::replace(title, '-', ' ');
  std::string_view what = has_words ? words->what : std::string_view();
  std::string_view why = has_words ? words->why : std::string_view();
  if (what.empty() && !entries.empty()) what = entries.front()->what;
  if (why.empty() && !entries.empty()) why = entries.front()->why;
  std::vector<std::string> ids;
  for (const regions::FaultEntry* entry : entries) ids.emplace_back(entry->id);
  out += '{';
  append_member("kind", kind, out);
  append_member("title", has_words ? words->title : std::string_view(title), out);
  append_member("what", what, out);
  append_member("why", why, out);
  out += ",\"ids\":";
  append_texts(ids, out);
  out += form.lasts() ? ",\"lasts\":true" : ",\"lasts\":false";
  out += ",\"any_of\":";
  append_texts(form.any_of(), out);
  out += ",\"fields\":[";
  for (const Field& field : form.fields()) {
    if (out.back() != '[') out += ',';
    append_field(field, out);
  }
  out += "]}";
}

// KMS that is slow or down has no id.
std::string_view letters_of(const std::string& kind, const Form& form) {
  const auto entries = form.entries();
  if (!entries.empty()) return entries.front()->id.substr(0, 3);
  return kind.starts_with("kms-") ? "KMS" : "REG";
}

std::string made() {
  std::map<std::string_view, std::string> kinds;  // by letters
  for (const std::string& kind : fault_kinds()) {
    const Form form(kind);
    std::string& group = kinds[letters_of(kind, form)];
    if (!group.empty()) group += ',';
    append_kind(kind, form, group);
  }
  std::string out = "{\"groups\":[";
  for (const Group& group : kGroups) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_member("name", group.name, out);
    out += ",\"kinds\":[" + kinds[group.letters] + "]}";
  }
  return out + "]}";
}

}  // namespace

const std::string& palette_json() {
  static const std::string kPalette = made();
  return kPalette;
}

}  // namespace faultline::tools
