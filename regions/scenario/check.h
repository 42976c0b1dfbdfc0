// check_scenario: whether a scenario that could be read also makes sense, so that nothing misspelt
// or contradictory survives until it runs: what is declared, what steps refer to, what can happen
// in time, and what AWS would never take.
//
// A call that wants an error may break AWS's own rules about its parameters (a secret that is too
// long, a label that nobody has): then the emulated service has the word.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "kms/policy_document.h"
#include "proto/fault.pb.h"
#include "proto/scenario.pb.h"
#include "regions/scenario/names.h"
#include "regions/scenario/spot.h"

namespace faultline::regions {

// Protocols by the names that `service { protocol }` may give.
struct CheckOptions {
  std::vector<std::string> protocols = {"aws"};
};

class ScenarioChecker {
 public:
  // `is_unreadable`: says of a place whether the block there could not be read; such blocks are
  // left out. All outlive the checker.
  ScenarioChecker(const v1::Scenario& scenario, const Spot& root, Names names,
                  const CheckOptions& options, Complaints& complaints,
                  std::function<bool(Place)> is_unreadable);

  void check();

 private:
  // ---- check.cpp: the world --------------------------------------------------------------------
  void check_words(const Spot& spot);
  void check_top_level();
  void check_regions();
  void check_keys();
  void check_principals();
  void check_rotation_functions();
  void check_links();
  void check_link(const Spot& spot);
  void check_service();

  // ---- check_policies.cpp: who may -------------------------------------------------------------
  void check_policy(const Spot& spot, kms::PolicyUse use);
  void check_statement(const Spot& spot, kms::PolicyUse use);
  void check_principals_of(const Spot& statement, std::string_view field);
  void check_policy_actions(const Spot& statement, std::string_view field);
  void check_policy_condition(const Spot& condition);
  void check_document(const Spot& spot, std::string_view field, kms::PolicyUse use);
  void check_principal_policies(const v1::PrincipalSpec& principal, const Spot& spot);

  // ---- check_steps.cpp: what happens -----------------------------------------------------------
  void check_steps();
  void check_step(const v1::Step& step, const Spot& spot);
  void check_operator_step(const v1::Step& step, const Spot& spot);
  void check_on(const Spot& spot);
  void check_heal(const v1::Step& step, const Spot& spot);
  void check_restart(const v1::Step& step, const Spot& spot);
  void check_want(const v1::Step& step, const Spot& spot);

  // ---- check_calls.cpp: calls of the API -------------------------------------------------------
  void check_call(const v1::Step& step, const Spot& spot);
  void check_call_field(const v1::Step& step, const Spot& call, const std::string& field);
  void check_rotation_rules(const Spot& call);
  void check_rotation_lambda(const v1::Step& step, const Spot& call);
  void check_name(const Spot& call);
  void check_value(const Spot& call, const std::string& field);
  void check_replica_regions(const v1::Step& step, const Spot& call);
  void check_removed_regions(const Spot& call);
  void check_batch(const v1::BatchGetSecretValueRequest& batch, const Spot& call);
  void check_tags(const Spot& call);
  void check_listing(const Spot& call);
  void check_deletion(const Spot& call);
  void check_version_id(const Spot& call, const std::string& field);
  void check_label(const Spot& spot, const std::string& field, int index, const std::string& label,
                   bool must_be_made);

  // ---- check_other_calls.cpp: of KMS and of the Account API ------------------------------------
  void check_kms_call(const v1::Step& step, const Spot& spot);
  void check_key_of_call(const Spot& call, std::string_view field, const std::string& region,
                         std::string_view operation);
  void check_account_call(const v1::Step& step, const Spot& spot);

  // ---- check_random.cpp: what is drawn, and how a run ends -------------------------------------
  void check_workload();
  void check_chaos();
  void check_settle();

  // ---- check_lesson.cpp: the question before the run, and the card after it ---------------------
  void check_prediction();
  void check_answer(const v1::Prediction::Answer& answer, const Spot& spot);
  void check_lesson();

  // ---- check_faults.cpp ------------------------------------------------------------------------
  void check_fault(const v1::Step& step, const Spot& spot);
  void check_fault_target(const v1::Fault& fault, const Spot& kind);
  void check_fault_kind(const v1::Fault& fault, const Spot& kind);
  void check_fault_effect(const v1::Fault& fault, const Spot& kind);
  void check_regions_apart(const Spot& kind, int least);
  void check_clock_offset(const Spot& kind);
  void check_clock(const v1::ClockFault& clock, const Spot& kind);

  // ---- check_expectations.cpp ------------------------------------------------------------------
  void check_expectations();
  void check_when(const v1::Expect& expect, const Spot& spot);
  void check_what(const v1::Expect& expect, const Spot& spot);
  void check_condition(const Spot& spot);
  void check_replica_is(const v1::ReplicaIs& replica, const Spot& spot);
  void check_value_is(const v1::ValueIs& value, const Spot& spot);

  // ---- check_fields.cpp: what many fields have in common
  // ------------------------------------------------------------------------------------ Each
  // complains where the field stands and answers nothing then.
  enum class Zero { Allowed, Refused };
  std::optional<engine::Duration> duration(const Spot& spot, std::string_view field,
                                           Zero zero = Zero::Allowed);
  void ratio(const Spot& spot, std::string_view field);
  bool required(const Spot& spot, std::string_view field, std::string_view what);
  bool declared_region(const Spot& spot, std::string_view field);
  void known_principal(const Spot& spot, std::string_view field);
  void known_secret(const Spot& spot, std::string_view field);
  void known_error(const Spot& spot, std::string_view field);
  void known_value(const Spot& spot, std::string_view field, int index, std::string_view secret_id);
  enum class KeyUse { Any, Change };
  void known_key(const Spot& spot, std::string_view field, const std::string& region, KeyUse use);
  void known_actions(const Spot& spot, std::string_view field);
  void one_of(const Spot& spot, std::string_view field, int index, std::string_view what,
              const std::vector<std::string>& known);
  void size_between(const Spot& spot, std::string_view field, std::size_t least, std::size_t most,
                    std::string_view what);
  void complain(const Spot& spot, std::string_view field, std::string message, int index = -1);

  const v1::Scenario& scenario_;
  const Spot& root_;
  const Names names_;
  const CheckOptions& options_;
  Complaints& complaints_;
  const std::function<bool(Place)> is_unreadable_;
  std::optional<engine::Duration> run_for_;
};

// The text of a string field, or of one of a repeated field's. REQUIRES: the spot's message has
// such a field.
[[nodiscard]] std::string text_of(const Spot& spot, std::string_view field, int index = -1);
// How many a repeated field has; 1 or 0 for a singular one.
[[nodiscard]] int count_of(const Spot& spot, std::string_view field);
[[nodiscard]] bool has_field(const Spot& spot, std::string_view field);

// "kms:Decrypt", …: what the emulated KMS decides about.
[[nodiscard]] const std::vector<std::string>& kms_actions();
// Names of the errors that a call may answer.
[[nodiscard]] const std::vector<std::string>& known_errors();
// The same for a call of KMS or of the Account API.
[[nodiscard]] const std::vector<std::string>& known_other_errors();
// When a step happens; zero where its time does not parse.
[[nodiscard]] engine::Duration time_of(const v1::Step& step);

}  // namespace faultline::regions
