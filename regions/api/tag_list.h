// A secret's tags: a list in the order of first insertion, at most one for each key.
// Source  AWS Secrets Manager API Reference, API_TagResource; AWS General Reference, tag quotas.
#pragma once

#include "proto/secrets_manager.pb.h"
#include "proto/storage.pb.h"
#include "regions/error.h"

namespace faultline::regions::api {

// Adds tags, or gives those that are there a new value; of one key given twice the last value
// counts. InvalidParameterException if there would be more than 50; the text is ours.
[[nodiscard]] Result<void> put_tags(v1::StoredSecret& secret,
                                    const google::protobuf::RepeatedPtrField<v1::Tag>& tags);
// Whether there was such a tag.
bool remove_tag(v1::StoredSecret& secret, const std::string& key);

}  // namespace faultline::regions::api
