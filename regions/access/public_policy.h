// Whether a secret's policy lets everybody in. AWS proves it with its Zelkova reasoner; here it is
// enough that an Allow for everyone is narrowed by no condition on who or where from.
//
// Source  AWS Secrets Manager API Reference, "PutResourcePolicy": BlockPublicPolicy; User Guide,
//         "Resource-based policies": BlockPublicPolicy and the checks behind it.
#pragma once

#include <string_view>

namespace faultline::v1 {
class Policy;
}  // namespace faultline::v1

namespace faultline::regions::access {

[[nodiscard]] bool is_public(const v1::Policy& policy);

inline constexpr std::string_view kPublicPolicyText =
    "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad "
    "access to the secret.";

}  // namespace faultline::regions::access
