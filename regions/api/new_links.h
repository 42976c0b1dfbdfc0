// The primary's record of one replica, as it is when the user asks for it.
#pragma once

#include "proto/secrets_manager.pb.h"
#include "proto/storage.pb.h"
#include "regions/services.h"

namespace faultline::regions::api {

// InProgress, owing the secret's present sequence. Counts the link in the secret, which must be
// written with it.
// Trap  a region that was removed and is added again gets another link of a later generation beside
//       the one that is still being removed: messages of the two must never be taken for each
//       other.
[[nodiscard]] v1::StoredLink new_link(v1::StoredSecret& secret,
                                      const v1::ReplicaRegionType& replica, const Caller& caller,
                                      bool force_overwrite);

}  // namespace faultline::regions::api
