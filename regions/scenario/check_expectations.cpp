// Expectations: when they are judged, and of what.
#include <google/protobuf/descriptor.h>

#include "regions/arn.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

using engine::Duration;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

void ScenarioChecker::check_expectations() {
  for (int i = 0; i < scenario_.expect_size(); ++i) {
    const Spot spot = root_.child("expect", i);
    if (is_unreadable_(spot.place())) continue;
    check_when(scenario_.expect(i), spot);
    check_what(scenario_.expect(i), spot);
  }
}

void ScenarioChecker::check_when(const v1::Expect& expect, const Spot& spot) {
  const auto after = duration(spot, "after").value_or(Duration::zero());
  const bool counts_from = expect.when_case() == v1::Expect::kWithin ||
                           expect.when_case() == v1::Expect::kAlways ||
                           expect.when_case() == v1::Expect::kNever || expect.has_leads_to();
  if (!expect.after().empty() && !counts_from) {
    complain(spot, "after", "after goes with within, always, never or leads_to");
  }
  if (expect.has_leads_to() && expect.when_case() != v1::Expect::WHEN_NOT_SET) {
    complain(spot, "leads_to", "leads_to says itself when: leave out the other");
  }
  std::optional<Duration> judged = after;
  switch (expect.when_case()) {
    case v1::Expect::kAt:
      judged = duration(spot, "at");
      break;
    case v1::Expect::kWithin:
      judged = duration(spot, "within");
      if (judged) judged = *judged + after;
      break;
    case v1::Expect::kAlways:
      if (!expect.always()) complain(spot, "always", "always: false means nothing; leave it out");
      break;
    case v1::Expect::kSometimes:
      if (!expect.sometimes())
        complain(spot, "sometimes", "sometimes: false means nothing; leave it out");
      break;
    case v1::Expect::kAtEnd:
      if (!expect.at_end()) complain(spot, "at_end", "at_end: false means nothing; leave it out");
      break;
    case v1::Expect::kNever:
      if (!expect.never()) complain(spot, "never", "never: false means nothing; leave it out");
      break;
    case v1::Expect::kEventuallyAfterHeal:
      if (!expect.eventually_after_heal()) {
        complain(spot, "eventually_after_heal",
                 "eventually_after_heal: false means nothing; leave it out");
      } else if (!scenario_.has_settle() && !scenario_.has_chaos() && !scenario_.has_workload()) {
        complain(spot, "eventually_after_heal",
                 "nothing is healed: the scenario has no settle { }");
      }
      break;
    case v1::Expect::WHEN_NOT_SET:
      break;
  }
  if (judged && run_for_ && *judged > *run_for_) {
    complaints_.add(spot.place(), "this is never judged: the run ends at " + scenario_.run_for());
  }
}

void ScenarioChecker::check_what(const v1::Expect& expect, const Spot& spot) {
  if (!expect.has_leads_to()) return check_condition(spot);
  const Spot leads_to = spot.child("leads_to");
  required(leads_to, "within", "the time within which the second is so");
  duration(leads_to, "within", Zero::Refused);
  for (const char* field : {"when", "then"}) {
    if (count_of(leads_to, field) == 0) {
      complain(leads_to, field, std::string(field) + " is missing");
    } else {
      check_condition(leads_to.child(field));
    }
  }
}

// Of what Expect and Condition have in common.
void ScenarioChecker::check_condition(const Spot& spot) {
  if (count_of(spot, "replica") > 0) {
    const Spot replica = spot.child("replica");
    return check_replica_is(static_cast<const v1::ReplicaIs&>(replica.message()), replica);
  }
  if (count_of(spot, "value") > 0) {
    const Spot value = spot.child("value");
    return check_value_is(static_cast<const v1::ValueIs&>(value.message()), value);
  }
  if (count_of(spot, "secret") > 0) {
    const Spot secret = spot.child("secret");
    known_secret(secret, "secret_id");
    declared_region(secret, "region");
    const auto& is = static_cast<const v1::SecretIs&>(secret.message());
    if (is.absent() && is.role() != v1::SecretIs::ANY) {
      complain(secret, "role", "a secret that is absent has no role");
    }
    return;
  }
  if (count_of(spot, "converged") > 0) return known_secret(spot.child("converged"), "secret_id");
  complaints_.add(spot.place(),
                  "the expectation says nothing: replica, value, secret or converged");
}

void ScenarioChecker::check_replica_is(const v1::ReplicaIs& replica, const Spot& spot) {
  known_secret(spot, "secret_id");
  if (!replica.primary().empty()) declared_region(spot, "primary");
  if (replica.absent() && (replica.status() != v1::ReplicaIs::ANY || !replica.message().empty())) {
    complain(spot, "absent", "a replica that is absent has no status and no message");
  }
  if (!replica.absent() && replica.status() == v1::ReplicaIs::ANY && replica.message().empty()) {
    complaints_.add(spot.place(), "what about the replica? status, message or absent");
  }
  if (!required(spot, "region", "the replica's region")) return;
  const std::string secret = secret_named(replica.secret_id(), names_.secrets);
  if (!names_.has_all("step") || !names_.has_all("region") || !holds(names_.secrets, secret))
    return;
  const auto found = names_.replica_regions.find(secret);
  const std::vector<std::string> regions =
      found == names_.replica_regions.end()
          ? std::vector<std::string>{}
          : std::vector<std::string>(found->second.begin(), found->second.end());
  if (holds(regions, replica.region())) return;
  complain(spot, "region",
           "no step replicates " + quoted(secret) + " to " + quoted(replica.region()) +
               did_you_mean(replica.region(), regions));
}

void ScenarioChecker::check_value_is(const v1::ValueIs& value, const Spot& spot) {
  known_secret(spot, "secret_id");
  declared_region(spot, "region");
  known_error(spot, "error");
  const int said = (value.secret_string().empty() ? 0 : 1) + (value.error().empty() ? 0 : 1) +
                   (value.one_of_size() > 0 ? 1 : 0);
  if (said == 0) {
    complaints_.add(spot.place(), "what about the value? secret_string, one_of or error");
  } else if (said > 1) {
    complaints_.add(spot.place(), "the value is one thing: secret_string, one_of or error");
  }
  if (!value.secret_string().empty()) known_value(spot, "secret_string", -1, value.secret_id());
  for (int i = 0; i < value.one_of_size(); ++i) known_value(spot, "one_of", i, value.secret_id());
  if (!value.version_stage().empty()) {
    check_label(spot, "version_stage", -1, value.version_stage(), true);
  }
}

}  // namespace faultline::regions
