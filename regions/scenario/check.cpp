#include "regions/scenario/check.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstddef>
#include <span>

#include "kms/environment.h"
#include "kms/kms.h"
#include "regions/arn.h"
#include "regions/defects.h"
#include "regions/scenario/epoch.h"
#include "regions/scenario/spelling.h"
#include "regions/services.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80       ? 1
                               : byte >> 5 == 6  ? 2
                               : byte >> 4 == 14 ? 3
                               : byte >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t j = 1; j < length; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

class NoLuck final : public kms::Environment {
 public:
  [[nodiscard]] std::int64_t now_unix_ns() const override { return kDefaultEpochUnixNs; }
  void fill_random(std::string_view, std::span<std::byte> out) override {
    std::ranges::fill(out, std::byte{1});
  }
};

// What lacks a part is complained about by itself.
bool is_whole(const v1::Policy& policy) {
  return std::ranges::all_of(policy.statements(), [](const auto& statement) {
    return statement.effect() != v1::Policy::Statement::EFFECT_UNSPECIFIED &&
           !statement.principals().empty() && !statement.actions().empty();
  });
}

// What the emulated KMS itself has against a key: asked of one that is thrown away.
std::optional<std::string> why_kms_refuses(const v1::KeySpec& spec) {
  v1::Policy policy = spec.policy();
  for (auto& statement : *policy.mutable_statements()) {
    for (auto& principal : *statement.mutable_principals()) {
      const bool is_name = principal != "*" && !principal.starts_with("arn:");
      if (is_name) principal = "arn:aws:iam::123456789012:user/someone";
    }
  }
  NoLuck environment;
  kms::Kms kms("123456789012", "us-west-2", environment);
  const auto made = kms.create_key({.description = spec.description(),
                                    .policy = spec.has_policy() ? &policy : nullptr,
                                    .alias = spec.alias()});
  if (made) return std::nullopt;
  return made.error().code + ": " + made.error().message;
}

}  // namespace

ScenarioChecker::ScenarioChecker(const v1::Scenario& scenario, const Spot& root, Names names,
                                 const CheckOptions& options, Complaints& complaints,
                                 std::function<bool(Place)> is_unreadable)
    : scenario_(scenario),
      root_(root),
      names_(std::move(names)),
      options_(options),
      complaints_(complaints),
      is_unreadable_(std::move(is_unreadable)) {}

void ScenarioChecker::check() {
  check_words(root_);
  check_top_level();
  check_regions();
  check_keys();
  check_principals();
  check_links();
  check_service();
  check_rotation_functions();
  check_workload();
  check_chaos();
  check_settle();
  check_steps();
  check_expectations();
  check_prediction();
  check_lesson();
}

// What the text format lets pass: escapes that are no UTF-8, and numbers that name no enumerator.
void ScenarioChecker::check_words(const Spot& spot) {
  const auto& message = spot.message();
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const int index = field->is_repeated() ? i : -1;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        check_words(spot.child(field->name(), index));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        if (!is_utf8(text_of(spot, field->name(), index))) {
          complain(spot, field->name(), field->name() + " is not UTF-8 text", index);
        }
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM && !field->is_repeated()) {
        const int value = message.GetReflection()->GetEnumValue(message, field);
        if (field->enum_type()->FindValueByNumber(value) == nullptr) {
          complain(spot, field->name(),
                   std::to_string(value) + " is not a value of " + field->name());
        }
      }
    }
  }
}

void ScenarioChecker::check_top_level() {
  const std::string& account = scenario_.account();
  if (!account.empty() &&
      (account.size() != 12 || account.find_first_not_of("0123456789") != std::string::npos)) {
    complain(root_, "account", quoted(account) + " is not an account: 12 digits");
  }
  if (!scenario_.epoch().empty()) {
    const auto epoch = parse_epoch(scenario_.epoch());
    if (!epoch) complain(root_, "epoch", epoch.error());
  }
  run_for_ = duration(root_, "run_for", Zero::Refused);
  for (int i = 0; i < scenario_.service_control_policy_size(); ++i) {
    const Spot spot = root_.child("service_control_policy", i);
    if (!is_unreadable_(spot.place())) check_policy(spot, kms::PolicyUse::Identity);
  }
}

void ScenarioChecker::check_regions() {
  if (scenario_.region_size() == 0 && names_.has_all("region")) {
    complaints_.add({}, "a scenario needs at least one region: region { name: \"us-west-2\" }");
  }
  for (int i = 0; i < scenario_.region_size(); ++i) {
    const Spot spot = root_.child("region", i);
    const std::string& name = scenario_.region(i).name();
    if (is_unreadable_(spot.place()) || !required(spot, "name", "the region's name")) continue;
    if (!looks_like_a_region(name) || name.size() > 128) {
      complain(spot, "name", quoted(name) + " does not look like a region, such as \"us-west-2\"");
    }
    for (int j = 0; j < i; ++j) {
      if (scenario_.region(j).name() == name) {
        complain(spot, "name", "region " + quoted(name) + " is declared twice");
        break;
      }
    }
  }
}

void ScenarioChecker::check_keys() {
  for (int i = 0; i < scenario_.key_size(); ++i) {
    const v1::KeySpec& key = scenario_.key(i);
    const Spot spot = root_.child("key", i);
    if (is_unreadable_(spot.place())) continue;
    declared_region(spot, "region");
    if (key.has_policy()) check_policy(spot.child("policy"), kms::PolicyUse::Key);
    if (!required(spot, "alias", "the key's alias")) continue;
    constexpr std::string_view kCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/_-";
    if (!key.alias().starts_with("alias/") || key.alias().size() == 6 || key.alias().size() > 256 ||
        key.alias().find_first_not_of(kCharacters) != std::string::npos) {
      complain(spot, "alias", quoted(key.alias()) + " is not an alias, such as \"alias/replica\"");
    } else if (key.alias().starts_with("alias/aws/")) {
      complain(spot, "alias", quoted(key.alias()) + ": aliases under alias/aws/ are Amazon's");
    } else if (const auto why = is_whole(key.policy()) ? why_kms_refuses(key) : std::nullopt) {
      complaints_.add(spot.place(), "KMS would refuse this key: " + *why);
    }
    for (int j = 0; j < i; ++j) {
      if (scenario_.key(j).region() == key.region() && scenario_.key(j).alias() == key.alias()) {
        complain(spot, "alias", key.region() + " has two keys " + quoted(key.alias()));
        break;
      }
    }
  }
}

void ScenarioChecker::check_principals() {
  for (int i = 0; i < scenario_.principal_size(); ++i) {
    const v1::PrincipalSpec& principal = scenario_.principal(i);
    const Spot spot = root_.child("principal", i);
    if (is_unreadable_(spot.place()) || !required(spot, "name", "the principal's name")) continue;
    if (principal.name().starts_with("arn:") || principal.name() == "*") {
      complain(spot, "name",
               "a principal's name is short, such as \"rotation\"; an ARN goes to arn");
    }
    if (!principal.arn().empty() && !principal.arn().starts_with("arn:aws")) {
      complain(spot, "arn",
               quoted(principal.arn()) +
                   " is not an ARN, such as \"arn:aws:iam::123456789012:role/rotation\"");
    }
    check_principal_policies(principal, spot);
    for (int j = 0; j < i; ++j) {
      if (scenario_.principal(j).name() == principal.name()) {
        complain(spot, "name", "principal " + quoted(principal.name()) + " is declared twice");
        break;
      }
    }
  }
}

void ScenarioChecker::check_links() {
  if (scenario_.has_network()) {
    const Spot spot = root_.child("network");
    if (!is_unreadable_(spot.place())) {
      for (const char* field : {"from", "to"}) {
        if (count_of(spot, field) > 0) {
          complain(spot, field, "network is about every link; say link { from: … to: … } for one");
        }
      }
      check_link(spot);
    }
  }
  for (int i = 0; i < scenario_.link_size(); ++i) {
    const Spot spot = root_.child("link", i);
    if (is_unreadable_(spot.place())) continue;
    const bool named = declared_region(spot, "from") && declared_region(spot, "to");
    if (named && scenario_.link(i).from() == scenario_.link(i).to()) {
      complain(spot, "to", "a link leads from one region to another");
    }
    for (int j = 0; j < i; ++j) {
      if (scenario_.link(j).from() == scenario_.link(i).from() &&
          scenario_.link(j).to() == scenario_.link(i).to()) {
        complain(spot, "from",
                 "the link from " + scenario_.link(i).from() + " to " + scenario_.link(i).to() +
                     " is described twice");
        break;
      }
    }
    check_link(spot);
  }
}

void ScenarioChecker::check_link(const Spot& spot) {
  for (const char* field : {"latency", "jitter", "reorder_delay"}) duration(spot, field);
  for (const char* field : {"loss", "duplicate", "reorder"}) ratio(spot, field);
}

void ScenarioChecker::check_service() {
  if (!scenario_.has_service()) return;
  const Spot spot = root_.child("service");
  if (is_unreadable_(spot.place())) return;
  const v1::ServiceSpec& service = scenario_.service();
  if (!service.protocol().empty()) {
    one_of(spot, "protocol", -1, "replication protocol", options_.protocols);
  }
  for (const char* field : {"kms_latency", "sync_latency", "region_opt_time",
                            "key_replication_time", "grant_propagation"}) {
    duration(spot, field);
  }
  const ServiceConfig defaults;
  const auto base = duration(spot, "retry_base", Zero::Refused).value_or(defaults.retry_base);
  const auto cap = duration(spot, "retry_cap", Zero::Refused).value_or(defaults.retry_cap);
  if (cap < base) {
    complain(spot, service.retry_cap().empty() ? "retry_base" : "retry_cap",
             "retry_cap (" + engine::format_duration(cap) + ") is shorter than retry_base (" +
                 engine::format_duration(base) + ")");
  }
  constexpr std::uint32_t kMostAttempts = 100;
  if (service.max_attempts() > kMostAttempts) {
    complain(spot, "max_attempts", "max_attempts is at most 100");
  }
  for (int i = 0; i < service.defect_size(); ++i) {
    if (find_defect(service.defect(i)) == nullptr)
      complain(spot, "defect", no_such_defect(service.defect(i)), i);
  }
}

}  // namespace faultline::regions
