#include "regions/api/new_links.h"

namespace faultline::regions::api {

v1::StoredLink new_link(v1::StoredSecret& secret, const v1::ReplicaRegionType& replica,
                        const Caller& caller, bool force_overwrite) {
  secret.set_links_made(secret.links_made() + 1);
  v1::StoredLink link;
  link.set_region(replica.region());
  link.set_secret_arn(secret.arn());
  link.set_generation(secret.links_made());
  link.set_phase(v1::StoredLink::ATTACHED);
  link.set_status(v1::StoredLink::InProgress);
  if (!replica.kms_key_id().empty()) link.set_kms_key_id(replica.kms_key_id());
  link.set_target_sequence(secret.sequence());
  link.set_force_overwrite(force_overwrite);
  link.set_principal_arn(caller.principal_arn);
  return link;
}

}  // namespace faultline::regions::api
