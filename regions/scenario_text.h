// A scenario's steps and expectations as one line of text each, for the narration, for messages and
// for reports.
//
//     CreateSecret production/DBWest, replicas us-east-1
//     the network between us-west-2 and us-east-1 is cut (outage)
//     within 20s after 6s, replica us-east-1 of production/DBWest is Failed
//
// Pure, and stable: an expectation's line is part of the trace that a replay compares.
#pragma once

#include <string>

#include "proto/fault.pb.h"
#include "proto/scenario.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/fault_text.h"

namespace faultline::regions {

// Whether the step calls an API; the others are faults and deeds of operators.
[[nodiscard]] bool is_call(const v1::Step& step);
// Whether it is Secrets Manager's, and not KMS's or the Account API.
[[nodiscard]] bool calls_secrets_manager(const v1::Step& step);
// The verb as a scenario writes it: "create_secret". REQUIRES: the step has one.
[[nodiscard]] std::string verb_name(const v1::Step& step);
// As AWS writes it: "CreateSecret", "kms:DisableKey", "account:EnableRegion"; of a kms or account
// block without an operation "kms:" and "account:". REQUIRES: is_call(step).
[[nodiscard]] std::string operation_of(const v1::Step& step);
// REQUIRES: calls_secrets_manager(step).
[[nodiscard]] v1::ApiRequest api_request_of(const v1::Step& step);

// What the step does, without time, region and note. Secret values are left out.
[[nodiscard]] std::string step_text(const v1::Step& step);
// What the call should come to: "AccessDeniedException", "OK with value "x"".
[[nodiscard]] std::string want_text(const v1::Want& want);
// When and what: "at the end, production/DBWest has converged".
[[nodiscard]] std::string expect_text(const v1::Expect& expect);
// What alone: "replica us-east-1 of production/DBWest is InSync".
[[nodiscard]] std::string claim_text(const v1::Expect& expect);

}  // namespace faultline::regions
