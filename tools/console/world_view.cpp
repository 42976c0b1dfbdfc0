#include "tools/console/world_view.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/clock.h"
#include "engine/fault_injector.h"
#include "engine/hash.h"
#include "engine/simulation.h"
#include "kms/kms.h"
#include "proto/kms.pb.h"
#include "regions/api/describe_fields.h"
#include "regions/fault_text.h"
#include "regions/region_list.h"
#include "regions/secret_store.h"
#include "regions/store_copy.h"
#include "tools/serve/aws_json.h"

namespace faultline::tools {
namespace {

using engine::ActiveFault;
using engine::Instant;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// An object or a list that grows: `{"a":1` and `,"b":2`.
class Json {
 public:
  explicit Json(std::string& out) : out_(out) {}

  template <class Number>
  void number(std::string_view name, Number value) {
    member(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void flag(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
  void text(std::string_view name, std::string_view value) {
    member(name);
    append_json_string(value, out_);
  }
  void raw(std::string_view name, std::string_view json) {
    member(name);
    out_ += json;
  }
  void member(std::string_view name) {
    comma();
    fmt::format_to(std::back_inserter(out_), "\"{}\":", name);
  }
  void comma() {
    if (!is_first_) out_ += ',';
    is_first_ = false;
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

template <class Items, class Write>
std::string list_of(const Items& items, const Write& write) {
  std::string out = "[";
  Json list(out);
  for (const auto& item : items) {
    list.comma();
    write(item, out);
  }
  return out + ']';
}

std::string texts(const std::vector<std::string>& items) {
  return list_of(items,
                 [](const std::string& item, std::string& out) { append_json_string(item, out); });
}

// "2026-11-24T16:06:41.123Z"
std::string wall_text(std::int64_t unix_ns) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::nanoseconds> at{std::chrono::nanoseconds(unix_ns)};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), ms / 3'600'000, ms / 60'000 % 60,
                     ms / 1'000 % 60, ms % 1'000);
}

// ---- faults -------------------------------------------------------------------------------------

struct FaultInView {
  const ActiveFault* active = nullptr;
  std::string words;
  std::vector<std::string> regions;
  // If it has to do with keys: empty means all of them.
  bool is_of_keys = false;
  std::string key;
};

// The block of its kind, and one of its fields as texts.
const Message* block_of(const v1::Fault& fault) {
  const FieldDescriptor* kind =
      v1::Fault::descriptor()->FindFieldByNumber(static_cast<int>(fault.kind_case()));
  return kind == nullptr ? nullptr : &fault.GetReflection()->GetMessage(fault, kind);
}

std::vector<std::string> field_of(const Message& block, const std::string& name) {
  const FieldDescriptor* field = block.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return {};
  const auto* reflection = block.GetReflection();
  std::vector<std::string> values;
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(block, field); ++i) {
      values.push_back(reflection->GetRepeatedString(block, field, i));
    }
  } else if (std::string value = reflection->GetString(block, field); !value.empty()) {
    values.push_back(std::move(value));
  }
  return values;
}

bool is_about_keys(const v1::Fault& fault) {
  const std::string kind = engine::fault_kind(fault);
  return kind.starts_with("key_") || kind.starts_with("kms_") || fault.has_grant_revoked() ||
         fault.has_wrong_key() || fault.has_context_mismatch() || fault.has_replica_key_missing();
}

FaultInView view_of(const ActiveFault& active, const std::vector<std::string>& world) {
  v1::Fault bare = active.fault;
  bare.clear_name();
  bare.clear_for_();
  FaultInView view{.active = &active,
                   .words = regions::fault_text(bare),
                   .regions = {},
                   .is_of_keys = is_about_keys(active.fault),
                   .key = {}};
  const Message* block = block_of(active.fault);
  if (block == nullptr) return view;
  for (const char* field : {"region", "from", "to"}) {
    for (std::string& region : field_of(*block, field)) view.regions.push_back(std::move(region));
  }
  // Some concern all when they name none.
  if (view.regions.empty()) view.regions = world;
  const std::vector<std::string> key = field_of(*block, "key");
  if (!key.empty()) view.key = key.front();
  return view;
}

bool concerns(const FaultInView& fault, const std::string& region) {
  return std::ranges::find(fault.regions, region) != fault.regions.end();
}

void add_words(std::string& all, std::string_view words) {
  all += all.empty() ? "" : "; ";
  all += words;
}

// "writes fail, syncs fail": of whose disk is told by where it stands.
std::string disk_trouble(const std::vector<FaultInView>& faults, const std::string& region) {
  std::string trouble;
  for (const FaultInView& fault : faults) {
    if (!fault.active->fault.has_disk() || !concerns(fault, region)) continue;
    const std::string before = "the disk of " + region + ": ";
    const std::string_view words = fault.words;
    add_words(trouble, words.starts_with(before) ? words.substr(before.size()) : words);
  }
  return trouble;
}

std::string key_trouble(const std::vector<FaultInView>& faults, const std::string& region,
                        const kms::KeyMetadata& key, const std::vector<std::string>& aliases) {
  std::string trouble;
  for (const FaultInView& fault : faults) {
    if (!fault.is_of_keys || !concerns(fault, region)) continue;
    const std::string& named = fault.key;
    const bool is_alias = std::ranges::any_of(aliases, [&](const std::string& alias) {
      return named == alias || named.ends_with(":" + alias);
    });
    if (named.empty() || named == key.key_id || named == key.arn || is_alias) {
      add_words(trouble, fault.words);
    }
  }
  return trouble;
}

// ---- keys and secrets ---------------------------------------------------------------------------

struct Keys {
  std::string json;
  bool has_own = false;
};

// Nothing while KMS answers nobody.
std::optional<Keys> keys_of(kms::Kms& kms, const std::string& region,
                            const std::vector<FaultInView>& faults) {
  const auto all = kms.list_keys();
  const auto aliases = kms.list_aliases();
  if (!all || !aliases) return std::nullopt;
  Keys keys;
  keys.json = list_of(*all, [&](const kms::KeyMetadata& key, std::string& out) {
    std::vector<std::string> names;
    for (const kms::AliasEntry& alias : *aliases) {
      if (alias.target_key_id == key.key_id) names.push_back(alias.name);
    }
    keys.has_own = keys.has_own || !key.aws_managed;
    out += '{';
    Json object(out);
    object.text("id", key.key_id);
    object.text("arn", key.arn);
    object.raw("aliases", texts(names));
    object.flag("managed", key.aws_managed);
    object.text("state", v1::KeyState_Name(key.state));
    object.text("description", key.description);
    object.text("trouble", key_trouble(faults, region, key, names));
    out += '}';
  });
  return keys;
}

std::string_view role_of(const v1::StoredSecret& secret, const std::vector<v1::StoredLink>& links) {
  if (secret.role() == v1::Replica) return "replica";
  return std::ranges::any_of(links, regions::is_attached) ? "primary" : "standalone";
}

}  // namespace

void WorldView::read_secrets(const std::string& region, const engine::Disk& disk, Known& known) {
  if (known.operations == disk.operations() && known.bytes == disk.total_bytes()) return;
  known.operations = disk.operations();
  known.bytes = disk.total_bytes();
  const auto found = regions::secrets_on(disk.image());
  // What cannot be read is shown as it was.
  if (!found) return;
  known.has_secrets = !found->secrets.empty();
  known.secrets = list_of(found->secrets, [&](const v1::StoredSecret& secret, std::string& out) {
    static const std::vector<v1::StoredLink> kNone;
    const auto of_it = found->links.find(secret.name());
    const std::vector<v1::StoredLink>& links = of_it == found->links.end() ? kNone : of_it->second;
    append_aws_json(regions::api::describe(secret, links, region), out);
    out.pop_back();
    fmt::format_to(std::back_inserter(out), ",\"role\":\"{}\"}}", role_of(secret, links));
  });
}

std::string WorldView::json(Session& session) {
  regions::World& world = session.world();
  engine::Simulation& simulation = world.simulation();
  const Instant now = world.now();
  const std::int64_t wall_ns = simulation.epoch_unix_ns() + now.ns();
  const std::vector<ActiveFault> active = simulation.faults().active();
  std::vector<FaultInView> faults;
  std::set<std::string> troubled, paused;
  for (const ActiveFault& fault : active) {
    faults.push_back(view_of(fault, world.regions()));
    troubled.insert(faults.back().regions.begin(), faults.back().regions.end());
    if (fault.fault.has_pause()) paused.insert(fault.fault.pause().region());
  }

  std::string out = "{";
  Json top(out);
  top.number("now_ns", now.ns());
  top.text("wall", wall_text(wall_ns));
  top.text("clock", session.clock().text());
  top.flag("paused", session.clock().is_manual());
  top.number("events", simulation.trace().count());
  top.number("calls", session.calls_answered());
  top.text("seed", std::to_string(session.seed()));
  top.text("trace_hash", simulation.trace().hash().to_hex());
  if (simulation.queue().empty()) {
    top.raw("next_in_ns", "null");
  } else {
    top.number("next_in_ns", std::max<std::int64_t>(0, (simulation.queue().next_at() - now).ns()));
  }
  top.raw("regions", list_of(world.regions(), [&](const std::string& name, std::string& text) {
            const engine::ActorId actor = *simulation.find(name);
            engine::ActorContext& context = simulation.context(actor);
            Known& known = regions_[name];
            read_secrets(name, context.disk(), known);
            if (auto keys = keys_of(world.kms(name), name, faults)) {
              known.keys = std::move(keys->json);
              known.has_own_keys = keys->has_own;
            }
            const regions::RegionInfo* info = regions::find_aws_region(name);
            text += '{';
            Json object(text);
            object.text("name", name);
            object.text("long_name", info == nullptr ? std::string_view(name) : info->long_name);
            object.text("status", to_text(world.account().opt_status(name)));
            object.flag("enabled", world.account().is_enabled(name));
            object.flag("involved",
                        known.has_secrets || known.has_own_keys || troubled.contains(name));
            object.flag("up", simulation.is_up(actor));
            object.flag("paused", paused.contains(name));
            object.number("clock_offset_ns", context.clock().read_unix_ns(now) - wall_ns);
            std::string disk = "{";
            Json of_disk(disk);
            of_disk.number("unsynced_bytes", context.disk().unsynced_bytes());
            of_disk.number("bytes", context.disk().total_bytes());
            of_disk.text("trouble", disk_trouble(faults, name));
            object.raw("disk", disk + '}');
            object.raw("keys", known.keys);
            object.raw("secrets", known.secrets);
            text += '}';
          }));
  top.raw("faults", list_of(faults, [&](const FaultInView& fault, std::string& text) {
            text += '{';
            Json object(text);
            object.number("id", fault.active->id);
            object.text("name", fault.active->fault.name());
            object.text("kind", engine::fault_kind(fault.active->fault));
            object.text("text", fault.words);
            object.number("age_ns", (now - fault.active->since).ns());
            if (fault.active->until) {
              object.number("left_ns", (*fault.active->until - now).ns());
            } else {
              object.raw("left_ns", "null");
            }
            object.raw("regions", texts(fault.regions));
            text += '}';
          }));
  top.number("operations_in_flight", session.calls_in_flight());
  return out + '}';
}

}  // namespace faultline::tools
