#include "regions/api/tag_list.h"

#include <algorithm>

#include "regions/api/validate.h"

namespace faultline::regions::api {

Result<void> put_tags(v1::StoredSecret& secret,
                      const google::protobuf::RepeatedPtrField<v1::Tag>& tags) {
  auto& held = *secret.mutable_tags();
  for (const v1::Tag& tag : tags) {
    const auto same_key = [&tag](const v1::Tag& other) { return other.key() == tag.key(); };
    auto found = std::find_if(held.begin(), held.end(), same_key);
    v1::Tag& target = found != held.end() ? *found : *held.Add();
    target.set_key(tag.key());
    target.set_value(tag.value());
    secret.set_ever_tagged(true);
  }
  if (held.size() > kTagsMax) {
    return tl::make_unexpected(invalid_parameter("You can't have more than 50 tags on a secret."));
  }
  return {};
}

bool remove_tag(v1::StoredSecret& secret, const std::string& key) {
  auto& held = *secret.mutable_tags();
  const auto found = std::find_if(held.begin(), held.end(),
                                  [&key](const v1::Tag& tag) { return tag.key() == key; });
  if (found == held.end()) return false;
  held.erase(found);
  return true;
}

}  // namespace faultline::regions::api
