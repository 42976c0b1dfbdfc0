// ReplicateSecretToRegions, RemoveRegionsFromReplication, StopReplicationToReplica: they write down
// what the user wants of replication; the protocol does it.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/simulation.h"
#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"
#include "regions/api/new_links.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"
#include "regions/region.h"
#include "regions/replication/judgement.h"
#include "regions/rotation/records.h"

namespace faultline::regions::api {
namespace {

// The links that a response shows, as they will be.
template <class Response>
Response describe(const v1::StoredSecret& secret, const std::vector<v1::StoredLink>& links) {
  Response response;
  response.set_arn(secret.arn());
  for (const v1::StoredLink& link : links) {
    if (is_attached(link)) *response.add_replication_status() = status_of(link);
  }
  return response;
}

// The user asks again for a replica that there is. A failed one is tried again, and so is any that
// is to be forced; one that is well, or under way, stays as it is, with the key that it has.
// Answers whether the link has changed.
bool ask_again(const v1::StoredSecret& secret, const v1::ReplicaRegionType& replica,
               const Caller& caller, bool force, v1::StoredLink& link) {
  const bool failed = link.status() == v1::StoredLink::Failed;
  if (!failed && !force) return false;
  if (failed && !replica.kms_key_id().empty()) link.set_kms_key_id(replica.kms_key_id());
  link.set_status(v1::StoredLink::InProgress);
  link.clear_status_message();
  link.set_target_sequence(secret.sequence());
  link.set_force_overwrite(force);
  link.set_principal_arn(caller.principal_arn);
  return true;
}

using AddRequest = v1::ReplicateSecretToRegionsRequest;
using AddResponse = v1::ReplicateSecretToRegionsResponse;

Result<void> check(const AddRequest& request, const std::string& region) {
  Validation members;
  members.secret_id(request);
  members.required("addReplicaRegions", !request.add_replica_regions().empty());
  members.replicas(request.add_replica_regions());
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  return check_replica_regions(request.add_replica_regions(), region);
}

Result<Decision<AddResponse>> decide_add(RegionServices& region, const Caller& caller,
                                         const AddRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  FL_TRY(std::vector<v1::StoredLink> links, find_links(region, secret.name()));
  const bool force = request.force_overwrite_replica_secret();
  Transaction transaction("ReplicateSecretToRegions");
  bool changed = false;
  for (const v1::ReplicaRegionType& replica : request.add_replica_regions()) {
    const auto same_region = [&replica](const v1::StoredLink& link) {
      return is_attached(link) && link.region() == replica.region();
    };
    auto link = std::find_if(links.begin(), links.end(), same_region);
    if (link == links.end()) {
      link = links.insert(links.end(), new_link(secret, replica, caller, force));
    } else if (!ask_again(secret, replica, caller, force, *link)) {
      continue;
    }
    transaction.put_link(secret.name(), *link);
    changed = true;
  }
  Decision<AddResponse> decision{.response = describe<AddResponse>(secret, links), .writes = {}};
  if (!changed) return decision;
  transaction.put_secret(secret);
  decision.writes = Writes::of(secret, std::move(transaction));
  return decision;
}

using RemoveRequest = v1::RemoveRegionsFromReplicationRequest;
using RemoveResponse = v1::RemoveRegionsFromReplicationResponse;

Result<void> check(const RemoveRequest& request) {
  Validation members;
  members.secret_id(request);
  members.required("removeReplicaRegions", !request.remove_replica_regions().empty());
  FL_TRY_VOID(members.result());
  return check_secret_id(request.secret_id());
}

// Regions that are no replicas are ignored.
Result<Decision<RemoveResponse>> decide_remove(RegionServices& region, const Caller& /*caller*/,
                                               const RemoveRequest& request) {
  FL_TRY(const v1::StoredSecret secret, find_writable(region, request.secret_id()));
  FL_TRY(std::vector<v1::StoredLink> links, find_links(region, secret.name()));
  Transaction transaction("RemoveRegionsFromReplication");
  bool changed = false;
  for (v1::StoredLink& link : links) {
    const auto& unwanted = request.remove_replica_regions();
    const bool named = std::find(unwanted.begin(), unwanted.end(), link.region()) != unwanted.end();
    if (!named || !is_attached(link)) continue;
    link.set_phase(v1::StoredLink::REMOVING);
    transaction.put_link(secret.name(), link);
    changed = true;
  }
  Decision<RemoveResponse> decision{.response = describe<RemoveResponse>(secret, links),
                                    .writes = {}};
  if (!changed) return decision;
  transaction.put_secret(secret);
  decision.writes = Writes::of(secret, std::move(transaction));
  return decision;
}

using StopRequest = v1::StopReplicationToReplicaRequest;
using StopResponse = v1::StopReplicationToReplicaResponse;

// D07's rare path: the link from the primary is cut, and a sibling replica has Failed. No process
// could know both at once; a bug that needs so many coincidences does not ask whether one could.
bool is_on_the_rare_path(RegionServices& region, const v1::StoredSecret& replica) {
  engine::Simulation& simulation = region.ctx.simulation();
  const auto primary = simulation.find(replica.primary_region());
  if (!primary || !simulation.network().is_cut(*primary, region.ctx.id())) return false;
  auto* const there = static_cast<Region*>(simulation.actor(*primary));
  if (there == nullptr || !there->secret_store().is_open()) return false;
  const auto links = there->secret_store().links(replica.name());
  return links.has_value() && std::ranges::any_of(*links, [&](const v1::StoredLink& link) {
           return is_attached(link) && link.region() != region.region &&
                  link.status() == v1::StoredLink::Failed;
         });
}

// Promotion needs nobody else: it works while the primary's region is gone.
Result<Decision<StopResponse>> decide_stop(RegionServices& region, const Caller& /*caller*/,
                                           const StopRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_usable(region, request.secret_id()));
  if (secret.role() != v1::Replica) {
    // The text is ours.
    return tl::make_unexpected(
        invalid_parameter("Operation not permitted on a secret that isn't a replica."));
  }
  secret.set_role(v1::Standalone);
  secret.set_fenced_generation(secret.generation());
  // Its primary's function is in the primary's region: whoever wants this one rotated says so.
  if (secret.has_rotation()) switch_off(*secret.mutable_rotation());
  Decision<StopResponse> decision;
  decision.response.set_arn(secret.arn());
  Transaction transaction("StopReplicationToReplica");
  transaction.put_secret(secret);
  const Defects defects = region.config.defects;
  // The fence must outlive the secret: a late message of the old primary would make a replica where
  // a promoted secret was deleted.
  v1::StoredTombstone tombstone;
  tombstone.set_secret_arn(primary_arn(secret));
  tombstone.set_generation(secret.generation());
  tombstone.set_removed_unix_ns(region.wall_unix_ns());
  if (!defects.has(Defect::D05)) transaction.put_tombstone(tombstone);
  if (defects.has(Defect::D06) ||
      (defects.has(Defect::D07) && is_on_the_rare_path(region, secret))) {
    transaction.leave_unsynced();
  }
  decision.writes = Writes::of(secret, std::move(transaction), After::Promoted);
  return decision;
}

}  // namespace

Answer<AddResponse> replicate_secret_to_regions(RegionServices& region, Caller caller,
                                                AddRequest request) {
  FL_CO_TRY_VOID(check(request, region.region));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<AddRequest, AddResponse>(region, std::move(caller),
                                                                  std::move(request), decide_add);
  co_return answer;
}

Answer<RemoveResponse> remove_regions_from_replication(RegionServices& region, Caller caller,
                                                       RemoveRequest request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<RemoveRequest, RemoveResponse>(
      region, std::move(caller), std::move(request), decide_remove);
  co_return answer;
}

Answer<StopResponse> stop_replication_to_replica(RegionServices& region, Caller caller,
                                                 StopRequest request) {
  Validation members;
  members.secret_id(request);
  FL_CO_TRY_VOID(members.result());
  FL_CO_TRY_VOID(check_secret_id(request.secret_id()));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<StopRequest, StopResponse>(
      region, std::move(caller), std::move(request), decide_stop);
  co_return answer;
}

}  // namespace faultline::regions::api
