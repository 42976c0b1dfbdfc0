// What the operations have in common: who may, and the shapes of answers.
#include <array>

#include "proto/kms.pb.h"
#include "regions/kms_api/operations.h"

namespace faultline::regions::kms_api {

double seconds_of(std::int64_t unix_ns) {
  constexpr std::int64_t kMilli = 1'000'000;
  // AWS shows milliseconds.
  return static_cast<double>(unix_ns / kMilli) / 1000.0;
}

std::vector<kms::Tag> tags_of(const google::protobuf::RepeatedPtrField<v1::KmsTag>& tags) {
  std::vector<kms::Tag> out;
  for (const v1::KmsTag& tag : tags) out.push_back({tag.tag_key(), tag.tag_value()});
  return out;
}

Result<void> may_manage(Desk& desk, std::string_view key, std::string_view action) {
  FL_TRY_VOID(kms::parse_key_reference(desk.kms.place(), key, kms::AcceptAliases::No));
  return desk.kms.authorize(desk.caller(), key, action).map([](kms::Basis) {});
}

Result<void> may(Desk& desk, std::string_view action, std::string_view resource) {
  return access::authorize_kms(desk.call, desk.account, action, resource);
}

Result<std::string> arn_of(Desk& desk, std::string_view key) {
  return kms::parse_key_reference(desk.kms.place(), key, kms::AcceptAliases::No)
      .map([&](const kms::KeyReference& reference) {
        return desk.kms.place().key_arn(reference.name);
      });
}

v1::KeyMetadata metadata_of(const kms::KeyMetadata& key, const kms::Place& place) {
  const auto in_region = [&](const std::string& region, v1::MultiRegionKey& out) {
    out.set_arn(kms::Place{place.account, region}.key_arn(key.key_id));
    out.set_region(region);
  };
  v1::KeyMetadata out;
  out.set_aws_account_id(place.account);
  out.set_key_id(key.key_id);
  out.set_arn(key.arn);
  out.set_creation_date(seconds_of(key.created_unix_ns));
  out.set_enabled(key.state == v1::Enabled);
  out.set_description(key.description);
  out.set_key_usage("ENCRYPT_DECRYPT");
  out.set_key_state(v1::KeyState_Name(key.state));
  if (key.state == v1::PendingDeletion && key.deletion_unix_ns != 0) {
    out.set_deletion_date(seconds_of(key.deletion_unix_ns));
  }
  out.set_origin("AWS_KMS");
  out.set_key_manager(key.aws_managed ? "AWS" : "CUSTOMER");
  out.set_customer_master_key_spec("SYMMETRIC_DEFAULT");
  out.set_key_spec("SYMMETRIC_DEFAULT");
  out.add_encryption_algorithms("SYMMETRIC_DEFAULT");
  out.set_multi_region(key.multi_region != kms::MultiRegionKeyType::None);
  if (key.multi_region != kms::MultiRegionKeyType::None) {
    auto& configuration = *out.mutable_multi_region_configuration();
    const bool is_primary = key.multi_region == kms::MultiRegionKeyType::Primary;
    configuration.set_multi_region_key_type(is_primary ? "PRIMARY" : "REPLICA");
    in_region(key.primary_region, *configuration.mutable_primary_key());
    for (const std::string& region : key.replica_regions) {
      in_region(region, *configuration.add_replica_keys());
    }
  }
  if (key.state == v1::PendingReplicaDeletion) {
    out.set_pending_deletion_window_in_days(key.pending_window_days);
  }
  if (!key.current_key_material_id.empty() && key.state != v1::Creating) {
    out.set_current_key_material_id(key.current_key_material_id);
  }
  return out;
}

}  // namespace faultline::regions::kms_api
