// The shape of a request to KMS: what its members may be, checked before anything is looked up,
// with every complaint in one answer, in the words of AWS's own validation:
//
//   2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must
//   not be null; Value '0' at 'limit' failed to satisfy constraint: Member must have value greater
//   than or equal to 1
//
// Order    of complaints: as the members stand in kms_api.proto. AWS's own is arbitrary.
// Values   are quoted, but for blobs.
// Source   AWS KMS API Reference, the "Request Parameters" section of each operation.
#pragma once

#include <google/protobuf/message.h>

#include "kms/error.h"

namespace faultline::regions::kms_api {

// `call`: one of the operations in v1::KmsRequest. ValidationException.
[[nodiscard]] kms::Result<void> validate(const google::protobuf::Message& call);

}  // namespace faultline::regions::kms_api
