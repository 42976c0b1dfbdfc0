#include "kms/policy_document.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "kms/policy_conditions.h"

namespace faultline::kms {
namespace {

namespace json = boost::json;
using Statement = v1::Policy::Statement;
using Strings = google::protobuf::RepeatedPtrField<std::string>;
using Kind = PolicyProblem::Kind;
template <class T>
using Read = Expected<T, PolicyProblem>;

constexpr std::size_t kDepthMax = 32;

tl::unexpected<PolicyProblem> wrong(std::string detail, Kind kind = Kind::Syntax) {
  return tl::make_unexpected(PolicyProblem{kind, std::move(detail)});
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// ---- reading ------------------------------------------------------------------------------------

// One text or a list of texts.
Read<void> read_strings(const json::value& value, Strings& out, std::string_view what) {
  if (value.is_string()) {
    *out.Add() = std::string(view(value.get_string()));
    return {};
  }
  if (!value.is_array()) return wrong(std::string(what) + " must be a string or a list of strings");
  for (const json::value& each : value.get_array()) {
    if (!each.is_string()) return wrong(std::string(what) + " holds what is no string");
    *out.Add() = std::string(view(each.get_string()));
  }
  if (out.empty()) return wrong(std::string(what) + " is an empty list");
  return {};
}

bool is_account_number(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "arn:partition:iam::account:root", …:user/…, …:role/…, and sessions of sts.
bool is_principal_arn(std::string_view text) {
  if (!text.starts_with("arn:") || text.find('*') != std::string_view::npos) return false;
  const std::size_t iam = text.find(":iam::");
  const std::size_t sts = text.find(":sts::");
  const std::size_t service = std::min(iam, sts);
  constexpr std::size_t kServiceLength = 6;
  if (service == std::string_view::npos) return false;
  const std::string_view rest = text.substr(service + kServiceLength);
  constexpr std::size_t kAccountLength = 12;
  if (!is_account_number(rest.substr(0, kAccountLength))) return false;
  const std::string_view resource = rest.substr(kAccountLength);
  const auto is_of = [resource](std::initializer_list<std::string_view> kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [resource](std::string_view kind) {
      return resource.starts_with(kind) && resource.size() > kind.size();
    });
  };
  if (sts == service) return is_of({":assumed-role/", ":federated-user/"});
  return resource == ":root" || is_of({":user/", ":role/"});
}

Read<void> check_aws_principals(const Strings& principals) {
  for (const std::string& each : principals) {
    if (each == "*" || is_account_number(each) || is_principal_arn(each)) continue;
    return wrong("unsupported principal " + quoted(each), Kind::Principal);
  }
  return {};
}

Read<void> check_services(const Strings& services) {
  for (const std::string& each : services) {
    if (each.ends_with(".amazonaws.com") && each.find('*') == std::string::npos) continue;
    return wrong("unsupported service principal " + quoted(each), Kind::ServicePrincipal);
  }
  return {};
}

// `services` may be where `principals` is.
Read<void> read_principals(const json::value& value, Strings& principals, Strings& services) {
  if (value.is_string()) {
    const std::string_view text = view(value.get_string());
    if (text != "*") return wrong("unsupported principal " + quoted(text), Kind::Principal);
    *principals.Add() = "*";
    return {};
  }
  if (!value.is_object() || value.get_object().empty()) {
    return wrong("Principal must be \"*\" or an object");
  }
  for (const auto& member : value.get_object()) {
    const std::string_view kind(member.key().data(), member.key().size());
    Strings read;
    FL_TRY_VOID(read_strings(member.value(), read, "Principal"));
    if (kind == "AWS") {
      FL_TRY_VOID(check_aws_principals(read));
      principals.MergeFrom(read);
    } else if (kind == "Service") {
      FL_TRY_VOID(check_services(read));
      services.MergeFrom(read);
    } else if (kind == "Federated") {
      // Nobody who calls here is one; yet a Principal of nobody else is no mistake.
      principals.MergeFrom(read);
    } else {
      return wrong("unsupported kind of principal " + quoted(kind), Kind::Principal);
    }
  }
  return {};
}

Read<std::string> read_condition_value(const json::value& value) {
  if (value.is_string()) return std::string(view(value.get_string()));
  if (value.is_bool() || value.is_number()) return json::serialize(value);
  return wrong("a condition's value must be a string, a number or a boolean");
}

Read<void> read_conditions(const json::value& value, Statement& statement) {
  if (!value.is_object()) return wrong("Condition must be an object");
  for (const auto& by_operator : value.get_object()) {
    const std::string name(by_operator.key().data(), by_operator.key().size());
    if (!is_condition_operator(name)) return wrong("unknown condition operator " + quoted(name));
    if (!by_operator.value().is_object()) return wrong(name + " must be an object");
    for (const auto& by_key : by_operator.value().get_object()) {
      v1::Policy::Condition& condition = *statement.add_conditions();
      condition.set_operator_(name);
      condition.set_key(std::string(by_key.key().data(), by_key.key().size()));
      if (condition.key().empty()) return wrong(name + " has a condition key without a name");
      if (!by_key.value().is_array()) {
        FL_TRY(*condition.add_values(), read_condition_value(by_key.value()));
        continue;
      }
      for (const json::value& each : by_key.value().get_array()) {
        FL_TRY(*condition.add_values(), read_condition_value(each));
      }
      if (condition.values().empty()) return wrong(condition.key() + " has an empty list");
    }
  }
  return {};
}

// Each part of a statement, from the member of that name.
Read<void> read_member(std::string_view name, const json::value& value, Statement& statement) {
  if (name == "Sid") {
    if (!value.is_string()) return wrong("Sid must be a string");
    statement.set_sid(std::string(view(value.get_string())));
    return {};
  }
  if (name == "Effect") {
    const std::string_view effect =
        value.is_string() ? view(value.get_string()) : std::string_view();
    if (effect != "Allow" && effect != "Deny") return wrong("Effect must be Allow or Deny");
    statement.set_effect(effect == "Allow" ? Statement::Allow : Statement::Deny);
    return {};
  }
  if (name == "Principal") {
    return read_principals(value, *statement.mutable_principals(),
                           *statement.mutable_service_principals());
  }
  if (name == "NotPrincipal") {
    return read_principals(value, *statement.mutable_not_principals(),
                           *statement.mutable_not_principals());
  }
  if (name == "Action") return read_strings(value, *statement.mutable_actions(), name);
  if (name == "NotAction") return read_strings(value, *statement.mutable_not_actions(), name);
  if (name == "Resource") return read_strings(value, *statement.mutable_resources(), name);
  if (name == "NotResource") return read_strings(value, *statement.mutable_not_resources(), name);
  if (name == "Condition") return read_conditions(value, statement);
  return wrong("unknown element " + quoted(name));
}

Read<void> check_actions(const Strings& actions) {
  for (const std::string& each : actions) {
    const std::size_t colon = each.find(':');
    if (each == "*" || (colon != std::string::npos && colon > 0 && colon + 1 < each.size())) {
      continue;
    }
    return wrong("an action is written service:Name, not " + quoted(each));
  }
  return {};
}

Read<void> check_resources(const Strings& resources) {
  for (const std::string& each : resources) {
    if (each == "*" || each.starts_with("arn:")) continue;
    return wrong("a resource is an ARN or \"*\", not " + quoted(each));
  }
  return {};
}

// Exactly one of the two, unless neither is fine.
Read<void> check_one_of(bool first, bool second, std::string_view names, bool may_lack) {
  if (first && second) return wrong("both " + std::string(names));
  if (!first && !second && !may_lack) return wrong("neither " + std::string(names));
  return {};
}

Read<Statement> read_statement(const json::value& value, PolicyUse use) {
  if (!value.is_object()) return wrong("a statement must be an object");
  Statement statement;
  const json::object& object = value.get_object();
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    FL_TRY_VOID(read_member(name, member.value(), statement));
  }
  if (statement.effect() == Statement::EFFECT_UNSPECIFIED) return wrong("no Effect");
  const auto has = [&object](std::string_view name) { return object.contains(name); };
  const bool is_identity = use == PolicyUse::Identity;
  const bool is_key = use == PolicyUse::Key;
  if (is_identity && (has("Principal") || has("NotPrincipal"))) {
    return wrong("a policy of an identity has no Principal");
  }
  FL_TRY_VOID(check_one_of(has("Principal"), has("NotPrincipal"), "Principal and NotPrincipal",
                           is_identity));
  FL_TRY_VOID(check_one_of(has("Action"), has("NotAction"), "Action and NotAction", is_key));
  FL_TRY_VOID(
      check_one_of(has("Resource"), has("NotResource"), "Resource and NotResource", is_key));
  FL_TRY_VOID(check_actions(statement.actions()));
  FL_TRY_VOID(check_actions(statement.not_actions()));
  FL_TRY_VOID(check_resources(statement.resources()));
  FL_TRY_VOID(check_resources(statement.not_resources()));
  if (!has("Resource") && !has("NotResource")) {
    // AWS KMS Developer Guide, "Key policies": accepted, and without effect.
    statement.clear_actions();
    statement.clear_not_actions();
  }
  return statement;
}

Read<void> read_statements(const json::value& value, PolicyUse use, v1::Policy& policy) {
  if (!value.is_array()) {
    FL_TRY(*policy.add_statements(), read_statement(value, use));
    return {};
  }
  for (const json::value& each : value.get_array()) {
    auto statement = read_statement(each, use);
    if (!statement) {
      const int number = policy.statements_size() + 1;
      return wrong("statement " + std::to_string(number) + ": " + statement.error().detail,
                   statement.error().kind);
    }
    *policy.add_statements() = *std::move(statement);
  }
  if (policy.statements().empty()) return wrong("no Statement");
  return {};
}

Read<v1::Policy> read_policy(const json::value& document, PolicyUse use) {
  if (!document.is_object()) return wrong("a policy must be a JSON object");
  v1::Policy policy;
  for (const auto& member : document.get_object()) {
    const std::string_view name(member.key().data(), member.key().size());
    const json::value& value = member.value();
    if (name == "Statement") {
      FL_TRY_VOID(read_statements(value, use, policy));
    } else if (name == "Version") {
      const std::string_view version =
          value.is_string() ? view(value.get_string()) : std::string_view();
      if (version != "2012-10-17" && version != "2008-10-17") {
        return wrong("Version must be 2012-10-17 or 2008-10-17");
      }
    } else if (name == "Id") {
      if (!value.is_string()) return wrong("Id must be a string");
      policy.set_id(std::string(view(value.get_string())));
    } else {
      return wrong("unknown element " + quoted(name));
    }
  }
  if (policy.statements().empty()) return wrong("no Statement");
  return policy;
}

// ---- writing ------------------------------------------------------------------------------------

std::string json_string(std::string_view text) { return json::serialize(json::string(text)); }

// One text, or a list of them.
std::string json_strings(const Strings& texts) {
  if (texts.size() == 1) return json_string(texts[0]);
  std::string out = "[";
  for (const std::string& each : texts) out += (out.size() > 1 ? "," : "") + json_string(each);
  return out + "]";
}

class ObjectWriter {
 public:
  void add(std::string_view name, const std::string& written) {
    text_ += (text_.size() > 1 ? "," : "") + json_string(name) + ":" + written;
  }
  [[nodiscard]] std::string done() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

std::string json_principals(const Strings& principals, const Strings& services) {
  ObjectWriter writer;
  if (!principals.empty()) writer.add("AWS", json_strings(principals));
  if (!services.empty()) writer.add("Service", json_strings(services));
  return writer.done();
}

std::string json_not_principals(const Strings& all) {
  Strings principals;
  Strings services;
  for (const std::string& each : all) {
    *(each.ends_with(".amazonaws.com") ? services : principals).Add() = each;
  }
  return json_principals(principals, services);
}

// By operator, in the order in which the operators come first.
std::string json_conditions(const Statement& statement) {
  std::vector<std::pair<std::string, ObjectWriter>> by_operator;
  const auto add = [&](const std::string& name, std::string_view key, const std::string& values) {
    auto found = std::find_if(by_operator.begin(), by_operator.end(),
                              [&](const auto& each) { return each.first == name; });
    if (found == by_operator.end()) {
      found = by_operator.insert(by_operator.end(), {name, ObjectWriter()});
    }
    found->second.add(key, values);
  };
  if (!statement.via_service().empty()) {
    add("StringEquals", "kms:ViaService", json_string(statement.via_service()));
  }
  if (!statement.caller_account().empty()) {
    add("StringEquals", "kms:CallerAccount", json_string(statement.caller_account()));
  }
  for (const auto& condition : statement.conditions()) {
    add(condition.operator_(), condition.key(), json_strings(condition.values()));
  }
  ObjectWriter writer;
  for (const auto& [name, keys] : by_operator) writer.add(name, keys.done());
  return writer.done();
}

std::string json_statement(const Statement& statement) {
  ObjectWriter writer;
  if (!statement.sid().empty()) writer.add("Sid", json_string(statement.sid()));
  writer.add("Effect", statement.effect() == Statement::Deny ? "\"Deny\"" : "\"Allow\"");
  if (!statement.principals().empty() || !statement.service_principals().empty()) {
    writer.add("Principal",
               json_principals(statement.principals(), statement.service_principals()));
  }
  if (!statement.not_principals().empty()) {
    writer.add("NotPrincipal", json_not_principals(statement.not_principals()));
  }
  if (!statement.actions().empty()) writer.add("Action", json_strings(statement.actions()));
  if (!statement.not_actions().empty()) {
    writer.add("NotAction", json_strings(statement.not_actions()));
  }
  if (!statement.not_resources().empty()) {
    writer.add("NotResource", json_strings(statement.not_resources()));
  } else {
    writer.add("Resource",
               statement.resources().empty() ? "\"*\"" : json_strings(statement.resources()));
  }
  if (!statement.conditions().empty() || !statement.via_service().empty() ||
      !statement.caller_account().empty()) {
    writer.add("Condition", json_conditions(statement));
  }
  return writer.done();
}

}  // namespace

Expected<v1::Policy, PolicyProblem> read_policy_document(std::string_view json_text, PolicyUse use,
                                                         std::size_t bytes_max) {
  if (json_text.size() > bytes_max) {
    return wrong("a policy has at most " + std::to_string(bytes_max) + " bytes", Kind::TooLong);
  }
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  const json::value document = json::parse(json_text, error, {}, options);
  if (error) return wrong("no JSON: " + error.message());
  FL_TRY(v1::Policy policy, read_policy(document, use));
  policy.set_document(std::string(json_text));
  return policy;
}

// Source  Secrets Manager User Guide, "Troubleshoot resource policies"; IAM's text for syntax.
Error to_error(const PolicyProblem& problem, PolicyUse use) {
  const bool is_secret = use == PolicyUse::Secret;
  switch (problem.kind) {
    case Kind::TooLong:
      return {std::string(code::kLimitExceeded), problem.detail};
    case Kind::Principal:
      return {std::string(code::kMalformedPolicy),
              is_secret ? "This resource policy contains an unsupported principal."
                        : "Policy contains a statement with one or more invalid principals."};
    case Kind::ServicePrincipal:
      return {std::string(code::kMalformedPolicy),
              is_secret ? "This resource policy contains an unsupported service principal."
                        : "Policy contains a statement with one or more invalid principals."};
    case Kind::Syntax:
      break;
  }
  return {std::string(code::kMalformedPolicy),
          is_secret ? "This resource policy contains a syntax error." : "Syntax errors in policy."};
}

Result<v1::Policy> parse_policy_document(std::string_view json_text, PolicyUse use,
                                         std::size_t bytes_max) {
  return read_policy_document(json_text, use, bytes_max)
      .map_error([use](const PolicyProblem& problem) { return to_error(problem, use); });
}

Result<v1::Policy> with_statements(v1::Policy policy, PolicyUse use) {
  if (policy.document().empty() || !policy.statements().empty()) return policy;
  return parse_policy_document(policy.document(), use);
}

std::string policy_document(const v1::Policy& policy) {
  if (!policy.document().empty()) return policy.document();
  std::string statements;
  for (const Statement& each : policy.statements()) {
    statements += (statements.empty() ? "" : ",") + json_statement(each);
  }
  ObjectWriter writer;
  writer.add("Version", "\"2012-10-17\"");
  if (!policy.id().empty()) writer.add("Id", json_string(policy.id()));
  writer.add("Statement", "[" + statements + "]");
  return writer.done();
}

}  // namespace faultline::kms
