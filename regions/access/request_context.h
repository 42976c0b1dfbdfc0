// What is known about a call of Secrets Manager when policies judge it: the condition keys that
// come from the request and from the secret.
//
// Source  Service Authorization Reference, "Condition keys for AWS Secrets Manager".
#pragma once

#include "kms/policy_context.h"
#include "proto/storage.pb.h"
#include "regions/services.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace faultline::regions::access {

// secretsmanager:Name, secretsmanager:AddReplicaRegions, aws:RequestTag/…, aws:TagKeys, … What the
// request leaves out is not there, so that Null can ask for it.
void add_request_keys(RegionServices& region, const google::protobuf::Message& request,
                      kms::PolicyContext& context);
// secretsmanager:SecretId, secretsmanager:ResourceTag/…, aws:ResourceTag/…, …
void add_secret_keys(RegionServices& region, const v1::StoredSecret& secret,
                     kms::PolicyContext& context);

}  // namespace faultline::regions::access
