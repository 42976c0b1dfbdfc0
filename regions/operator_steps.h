// Steps of a scenario that are no calls of the API: faults and their healing, and what the operator
// of an account and the owner of a key do.
#pragma once

#include "kms/kms.h"
#include "proto/scenario.pb.h"
#include "regions/world.h"

namespace faultline::regions {

// Does it, now. Errors: what KMS answers. REQUIRES: a checked step that is no call.
kms::Result<void> do_operator_step(World& world, const v1::Step& step);

}  // namespace faultline::regions
