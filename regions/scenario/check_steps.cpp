// Steps: when, who, what; and what the call should come to.
#include <google/protobuf/descriptor.h>

#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_text.h"
#include "regions/triggers.h"

namespace faultline::regions {
namespace {

constexpr std::uint32_t kMostRetries = 1'000;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

void ScenarioChecker::check_steps() {
  for (int i = 0; i < scenario_.step_size(); ++i) {
    const Spot spot = root_.child("step", i);
    if (!is_unreadable_(spot.place())) check_step(scenario_.step(i), spot);
  }
}

void ScenarioChecker::check_step(const v1::Step& step, const Spot& spot) {
  const auto at = duration(spot, "at");
  if (at && run_for_ && *at > *run_for_) {
    complain(spot, "at", "this step never happens: the run ends at " + scenario_.run_for());
  }
  if (step.has_on()) check_on(spot.child("on"));
  if (step.verb_case() == v1::Step::VERB_NOT_SET) {
    complaints_.add(spot.place(),
                    "the step does nothing: give it a call such as create_secret, or a "
                    "fault, heal, crash, restart, …");
    return;
  }
  if (step.retries() > kMostRetries) complain(spot, "retries", "at most 1 000 times");
  if (is_call(step)) {
    known_principal(spot, "principal");
    step.has_kms()       ? check_kms_call(step, spot)
    : step.has_account() ? check_account_call(step, spot)
                         : check_call(step, spot);
    check_want(step, spot);
    return;
  }
  for (const char* field : {"region", "principal"}) {
    if (count_of(spot, field) > 0) {
      complain(
          spot, field,
          std::string(field) + " belongs to calls of the API; " + verb_name(step) + " is none");
    }
  }
  if (step.has_want()) {
    complain(spot, "want",
             "only calls of the API have a result to want; " + verb_name(step) + " is none");
  }
  if (step.retries() > 0) {
    complain(spot, "retries",
             "only calls of the API are asked again; " + verb_name(step) + " is none");
  }
  check_operator_step(step, spot);
}

void ScenarioChecker::check_on(const Spot& spot) {
  if (required(spot, "event", "what the step follows")) {
    one_of(spot, "event", -1, "event", triggering_events());
  }
  for (const char* field : {"region", "peer"}) {
    if (count_of(spot, field) > 0) declared_region(spot, field);
  }
  duration(spot, "delay");
}

void ScenarioChecker::check_operator_step(const v1::Step& step, const Spot& spot) {
  const Spot verb = spot.child(verb_name(step));
  switch (step.verb_case()) {
    case v1::Step::kFault:
      return check_fault(step, verb);
    case v1::Step::kHeal:
      return check_heal(step, verb);
    case v1::Step::kRestart:
      return check_restart(step, verb);
    default:
      break;
  }
  const bool declared = declared_region(verb, "region");
  if (step.crash().recover_crashes() > 0) {
    complain(verb, "recover_crashes",
             "a step starts the region again as it should: only a fault "
             "{ crash } dies again as it recovers");
  }
  if (!has_field(verb, "key")) return;
  if (required(verb, "key", "the key") && declared) {
    known_key(verb, "key", text_of(verb, "region"), KeyUse::Change);
  }
  if (step.verb_case() == v1::Step::kPutKeyPolicy) {
    if (step.put_key_policy().has_policy()) {
      check_policy(verb.child("policy"), kms::PolicyUse::Key);
    } else {
      complain(verb, "policy", "the policy is missing");
    }
  }
}

void ScenarioChecker::check_heal(const v1::Step& step, const Spot& spot) {
  const std::string& name = step.heal().fault();
  if (name.empty()) return;
  if (!holds(names_.faults, name)) {
    if (!names_.has_all("step")) return;
    complain(spot, "fault",
             "no step has a fault named " + quoted(name) + did_you_mean(name, names_.faults));
    return;
  }
  const auto heals_at = time_of(step);
  for (const v1::Step& other : scenario_.step()) {
    if (other.fault().name() == name && time_of(other) <= heals_at) return;
  }
  complain(spot, "fault", "at that time the fault " + quoted(name) + " has not begun");
}

void ScenarioChecker::check_restart(const v1::Step& step, const Spot& spot) {
  if (!declared_region(spot, "region") || !names_.has_all("step")) return;
  const std::string& region = step.restart().region();
  for (const v1::Step& other : scenario_.step()) {
    const bool crashes =
        other.crash().region() == region || other.fault().crash().region() == region;
    if (crashes && time_of(other) <= time_of(step)) return;
  }
  complain(spot, "region", "nothing to restart: no earlier step crashes " + region);
}

void ScenarioChecker::check_want(const v1::Step& step, const Spot& spot) {
  if (!step.has_want()) return;
  const v1::Want& want = step.want();
  const Spot want_spot = spot.child("want");
  if (calls_secrets_manager(step)) {
    known_error(want_spot, "error");
  } else if (!want.error().empty()) {
    one_of(want_spot, "error", -1, "error of the service", known_other_errors());
  }
  if (!want.message().empty() && want.error().empty()) {
    complain(want_spot, "message", "message is a part of an error's: name the error, too");
  }
  const bool wants_success = !want.secret_string().empty() || want.version_stages_size() > 0;
  if (want.anything() && (wants_success || !want.error().empty())) {
    complain(want_spot, "anything", "anything, or something: not both");
  } else if (wants_success && !want.error().empty()) {
    complain(want_spot, "error", "a call that fails returns no value and no labels");
  } else if (!want.anything() && !wants_success && want.error().empty() && want.message().empty()) {
    complaints_.add(want_spot.place(), "want is empty; leave it out for a call that succeeds");
  }
  const bool reads = step.verb_case() == v1::Step::kGetSecretValue;
  const bool labels = reads || step.verb_case() == v1::Step::kPutSecretValue;
  if (!want.secret_string().empty()) {
    if (reads) {
      known_value(want_spot, "secret_string", -1, step.get_secret_value().secret_id());
    } else {
      complain(want_spot, "secret_string", "only get_secret_value returns a value");
    }
  }
  for (int i = 0; i < want.version_stages_size(); ++i) {
    if (labels) {
      check_label(want_spot, "version_stages", i, want.version_stages(i), true);
    } else {
      complain(want_spot, "version_stages",
               "only get_secret_value and put_secret_value return staging labels", i);
    }
  }
}

}  // namespace faultline::regions
