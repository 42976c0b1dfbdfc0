// Tags of keys.
// Source  AWS KMS API Reference, "TagResource", "UntagResource", "ListResourceTags".
#include <algorithm>

#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {

Result<v1::KmsTagResourceResponse> tag_resource(Desk& desk,
                                                const v1::KmsTagResourceRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:TagResource"));
  FL_TRY_VOID(desk.kms.tag_resource(request.key_id(), tags_of(request.tags())));
  return {};
}

Result<v1::KmsUntagResourceResponse> untag_resource(Desk& desk,
                                                    const v1::KmsUntagResourceRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:UntagResource"));
  FL_TRY_VOID(desk.kms.untag_resource(request.key_id(),
                                      {request.tag_keys().begin(), request.tag_keys().end()}));
  return {};
}

Result<v1::KmsListResourceTagsResponse> list_resource_tags(
    Desk& desk, const v1::KmsListResourceTagsRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ListResourceTags"));
  FL_TRY(auto tags, desk.kms.list_resource_tags(request.key_id()));
  std::ranges::sort(tags, {}, &kms::Tag::key);
  v1::KmsListResourceTagsResponse response;
  constexpr std::size_t kDefault = 50;
  FL_TRY_VOID(page(
      request, response, "ListResourceTags", tags, kDefault,
      [](const kms::Tag& tag) { return tag.key; },
      [&](const kms::Tag& tag) {
        v1::KmsTag& out = *response.add_tags();
        out.set_tag_key(tag.key);
        out.set_tag_value(tag.value);
      }));
  return response;
}

}  // namespace faultline::regions::kms_api
