#include "regions/access/request_context.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "proto/secrets_manager.pb.h"

namespace faultline::regions::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using kms::PolicyContext;

// A member of a request that a condition can ask about.
struct MemberKey {
  const char* field;
  const char* key;
};
constexpr std::array kMembers = {
    MemberKey{"name",                              "secretsmanager:Name"                         },
    MemberKey{"description",                       "secretsmanager:Description"                  },
    MemberKey{"kms_key_id",                        "secretsmanager:KmsKeyId"                     },
    MemberKey{"version_id",                        "secretsmanager:VersionId"                    },
    MemberKey{"version_stage",                     "secretsmanager:VersionStage"                 },
    MemberKey{"force_overwrite_replica_secret",    "secretsmanager:ForceOverwriteReplicaSecret"  },
    MemberKey{"force_delete_without_recovery",     "secretsmanager:ForceDeleteWithoutRecovery"   },
    MemberKey{"recovery_window_in_days",           "secretsmanager:RecoveryWindowInDays"         },
    MemberKey{"block_public_policy",               "secretsmanager:BlockPublicPolicy"            },
    MemberKey{"rotation_lambda_arn",               "secretsmanager:RotationLambdaARN"            },
    MemberKey{"rotate_immediately",                "secretsmanager:RotateImmediately"            },
    MemberKey{"external_secret_rotation_role_arn", "secretsmanager:ExternalSecretRotationRoleArn"},
};

std::string text_of(const Message& request, const FieldDescriptor& field) {
  const auto& reflection = *request.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(request, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(request, &field));
    default:
      return reflection.GetString(request, &field);
  }
}

void add_members(const Message& request, PolicyContext& context) {
  for (const MemberKey& member : kMembers) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(member.field);
    if (field == nullptr || !request.GetReflection()->HasField(request, field)) continue;
    context.add(member.key, text_of(request, *field));
  }
}

// The request may name the key by id or alias; policies name it by ARN.
template <class Request>
void add_key_arn(RegionServices& region, const Request& request, PolicyContext& context) {
  if (!request.has_kms_key_id() || request.kms_key_id().empty()) return;
  const auto arn = region.kms.kms().resolve(request.kms_key_id());
  if (arn) context.add("secretsmanager:KmsKeyArn", *arn);
}

template <class Regions>
void add_replica_regions(const Regions& regions, PolicyContext& context) {
  if (regions.empty()) return;
  std::vector<std::string> names;
  for (const v1::ReplicaRegionType& each : regions) names.push_back(each.region());
  context.add_list("secretsmanager:AddReplicaRegions", std::move(names));
}

template <class Tags>
void add_tags(const Tags& tags, PolicyContext& context) {
  if (tags.empty()) return;
  std::vector<std::string> keys;
  for (const v1::Tag& tag : tags) {
    context.add("aws:RequestTag/" + tag.key(), tag.value());
    keys.push_back(tag.key());
  }
  context.add_list("aws:TagKeys", std::move(keys));
}

}  // namespace

void add_request_keys(RegionServices& region, const Message& request, PolicyContext& context) {
  add_members(request, context);
  if (const auto* create = dynamic_cast<const v1::CreateSecretRequest*>(&request)) {
    add_key_arn(region, *create, context);
    add_replica_regions(create->add_replica_regions(), context);
    add_tags(create->tags(), context);
  } else if (const auto* update = dynamic_cast<const v1::UpdateSecretRequest*>(&request)) {
    add_key_arn(region, *update, context);
  } else if (const auto* add = dynamic_cast<const v1::ReplicateSecretToRegionsRequest*>(&request)) {
    add_replica_regions(add->add_replica_regions(), context);
  } else if (const auto* tag = dynamic_cast<const v1::TagResourceRequest*>(&request)) {
    add_tags(tag->tags(), context);
  } else if (const auto* untag = dynamic_cast<const v1::UntagResourceRequest*>(&request)) {
    context.add_list("aws:TagKeys", {untag->tag_keys().begin(), untag->tag_keys().end()});
  } else if (const auto* rotate = dynamic_cast<const v1::RotateSecretRequest*>(&request)) {
    context.add("secretsmanager:ModifyRotationRules",
                rotate->has_rotation_rules() ? "true" : "false");
  } else if (const auto* get = dynamic_cast<const v1::GetSecretValueRequest*>(&request)) {
    // Who names no version means the one that is labelled so.
    if (!get->has_version_id() && !get->has_version_stage()) {
      context.add("secretsmanager:VersionStage", "AWSCURRENT");
    }
  }
}

void add_secret_keys(RegionServices& region, const v1::StoredSecret& secret,
                     PolicyContext& context) {
  context.add("secretsmanager:SecretId", secret.arn());
  for (const v1::Tag& tag : secret.tags()) {
    context.add("secretsmanager:ResourceTag/" + tag.key(), tag.value());
    context.add("aws:ResourceTag/" + tag.key(), tag.value());
  }
  if (!secret.rotation().lambda_arn().empty()) {
    context.add("secretsmanager:resource/AllowRotationLambdaArn", secret.rotation().lambda_arn());
  }
  if (secret.has_type()) context.add("secretsmanager:resource/Type", secret.type());
  if (secret.role() == v1::Replica) {
    context.add("secretsmanager:SecretPrimaryRegion", secret.primary_region());
    return;
  }
  const auto links = region.store.links(secret.name());
  if (links && !links->empty()) context.add("secretsmanager:SecretPrimaryRegion", region.region);
}

}  // namespace faultline::regions::access
