// What rotation does to the record of a secret: pure but for the luck of the next due date. Who
// carries it out is the Rotator (rotator.h) and the operations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/storage.pb.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions {

inline constexpr std::string_view kCreateStep = "createSecret";
inline constexpr std::string_view kSetStep = "setSecret";
inline constexpr std::string_view kTestStep = "testSecret";
inline constexpr std::string_view kFinishStep = "finishSecret";

// Whether AWSPENDING is on a version that is not AWSCURRENT, or a rotation is under way: another
// one cannot begin.
[[nodiscard]] bool is_incomplete(const v1::StoredSecret& secret);

// RotateImmediately was false: testSecret only, with a version that is taken away again.
enum class Trial { No, Yes };
// Adds the version that the rotation is to fill (of a trial: that holds a copy), labelled
// AWSPENDING, and notes the first step. Answers the versions that were pruned for it.
// REQUIRES  the sequence is already that of this change; no version has this id; a version is
//           AWSCURRENT.
[[nodiscard]] std::vector<std::string> begin_rotation(RegionServices& region,
                                                      v1::StoredSecret& secret,
                                                      const std::string& version_id, Trial trial);
// Takes the trial's version away; answers its id, whose value must be erased, if it is there.
[[nodiscard]] std::vector<std::string> end_trial(v1::StoredSecret& secret);

// After a change of labels or versions: a rotation whose version has lost AWSPENDING without
// becoming AWSCURRENT is over, and a value that somebody else made AWSCURRENT counts as a rotation
// for the schedule. Changes the record's rotation only.
void follow_labels(RegionServices& region, v1::StoredSecret& secret);
// Looks up the window that comes after an instant, and draws when in it the rotation begins. With
// rotation off, or without rules: not at all.
void plan_next(RegionServices& region, v1::StoredSecret& secret, std::int64_t after_unix_ns);

// Rotation is off; what was configured stays to be seen.
void switch_off(v1::StoredRotation& rotation);
// What replicas are shown of it.
[[nodiscard]] v1::StoredRotation shown_at_replicas(const v1::StoredRotation& rotation);

// AccessDeniedException, when there is no such function or its policy does not let the service.
[[nodiscard]] Error cannot_invoke();

}  // namespace faultline::regions
