// TagResource and UntagResource.
#include <string>
#include <utility>

#include "regions/access/authorize.h"
#include "regions/api/commit_or_retry.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/api/tag_list.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

Result<void> check(const v1::TagResourceRequest& request) {
  Validation members;
  members.secret_id(request);
  members.required("tags", !request.tags().empty());
  members.tags(request.tags());
  FL_TRY_VOID(members.result());
  FL_TRY_VOID(check_secret_id(request.secret_id()));
  return check_tag_keys(request.tags());
}

Result<void> check(const v1::UntagResourceRequest& request) {
  Validation members;
  members.secret_id(request);
  members.required("tagKeys", !request.tag_keys().empty());
  members.list("tagKeys", request.tag_keys(), {0, 200}, kTagKeyLength);
  FL_TRY_VOID(members.result());
  return check_secret_id(request.secret_id());
}

Result<Writes> changed(RegionServices& region, const Caller& caller, v1::StoredSecret& secret,
                       std::string why) {
  change(region, secret);
  Transaction transaction(std::move(why));
  FL_TRY_VOID(write_changed(region, caller, secret, transaction));
  return Writes::of(secret, std::move(transaction));
}

Result<Decision<v1::TagResourceResponse>> decide_tag(RegionServices& region, const Caller& caller,
                                                     const v1::TagResourceRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  FL_TRY_VOID(put_tags(secret, request.tags()));
  FL_TRY_VOID(access::authorize_after(region, caller, request, secret));
  FL_TRY(Writes writes, changed(region, caller, secret, "TagResource"));
  return Decision<v1::TagResourceResponse>{.response = {}, .writes = std::move(writes)};
}

// Keys that are not there are ignored.
Result<Decision<v1::UntagResourceResponse>> decide_untag(RegionServices& region,
                                                         const Caller& caller,
                                                         const v1::UntagResourceRequest& request) {
  FL_TRY(v1::StoredSecret secret, find_writable(region, request.secret_id()));
  bool removed = false;
  for (const std::string& key : request.tag_keys()) removed |= remove_tag(secret, key);
  Decision<v1::UntagResourceResponse> decision;
  if (!removed) return decision;
  FL_TRY_VOID(access::authorize_after(region, caller, request, secret));
  FL_TRY(decision.writes, changed(region, caller, secret, "UntagResource"));
  return decision;
}

}  // namespace

Answer<v1::TagResourceResponse> tag_resource(RegionServices& region, Caller caller,
                                             v1::TagResourceRequest request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<v1::TagResourceRequest, v1::TagResourceResponse>(
      region, std::move(caller), std::move(request), decide_tag);
  co_return answer;
}

Answer<v1::UntagResourceResponse> untag_resource(RegionServices& region, Caller caller,
                                                 v1::UntagResourceRequest request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  auto answer = co_await commit_or_retry<v1::UntagResourceRequest, v1::UntagResourceResponse>(
      region, std::move(caller), std::move(request), decide_untag);
  co_return answer;
}

}  // namespace faultline::regions::api
