// What a rotation does to a secret by itself. What its function does are calls like any other.
#pragma once

#include <string>

#include "regions/invariants/ghost.h"

namespace faultline::regions {

// Whether the one state follows from the other by a rotation alone: a version without a value (of a
// trial: with a copy of the current one) was made and labelled AWSPENDING; AWSPENDING was taken
// from the version that the rotation has made AWSCURRENT; or a trial's version was taken away.
// Source  AWS Secrets Manager User Guide, "Rotation by Lambda function"; API Reference,
//         API_RotateSecret.
[[nodiscard]] bool is_a_rotation_move(const RecordPtr& before, const RecordPtr& after);

// Whether this version of a trial may hold what the current one holds.
[[nodiscard]] bool is_a_trial_copy(const v1::StoredSecret& record, const std::string& version_id);

}  // namespace faultline::regions
