// New material for old keys.
// Source  AWS KMS API Reference, "EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus",
//         "RotateKeyOnDemand", "ListKeyRotations".
#include "regions/kms_api/operations.h"
#include "regions/kms_api/paging.h"

namespace faultline::regions::kms_api {
namespace {

constexpr int kDefaultPeriodDays = 365;
constexpr std::size_t kListRotationsDefault = 100;

}  // namespace

Result<v1::KmsEnableKeyRotationResponse> enable_key_rotation(
    Desk& desk, const v1::KmsEnableKeyRotationRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:EnableKeyRotation"));
  const int days = request.has_rotation_period_in_days() ? request.rotation_period_in_days()
                                                         : kDefaultPeriodDays;
  FL_TRY_VOID(desk.kms.enable_key_rotation(request.key_id(), days));
  return {};
}

Result<v1::KmsDisableKeyRotationResponse> disable_key_rotation(
    Desk& desk, const v1::KmsDisableKeyRotationRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:DisableKeyRotation"));
  FL_TRY_VOID(desk.kms.disable_key_rotation(request.key_id()));
  return {};
}

Result<v1::KmsGetKeyRotationStatusResponse> get_key_rotation_status(
    Desk& desk, const v1::KmsGetKeyRotationStatusRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:GetKeyRotationStatus"));
  FL_TRY(const kms::RotationStatus status, desk.kms.get_key_rotation_status(request.key_id()));
  v1::KmsGetKeyRotationStatusResponse response;
  response.set_key_id(status.key_arn);
  response.set_key_rotation_enabled(status.enabled);
  if (status.enabled && status.period_days != 0) {
    response.set_rotation_period_in_days(status.period_days);
  }
  if (status.enabled && status.next_unix_ns != 0) {
    response.set_next_rotation_date(seconds_of(status.next_unix_ns));
  }
  if (status.on_demand_started_unix_ns != 0) {
    response.set_on_demand_rotation_start_date(seconds_of(status.on_demand_started_unix_ns));
  }
  return response;
}

Result<v1::KmsRotateKeyOnDemandResponse> rotate_key_on_demand(
    Desk& desk, const v1::KmsRotateKeyOnDemandRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:RotateKeyOnDemand"));
  FL_TRY(const kms::KeyMetadata key, desk.kms.rotate_key_on_demand(request.key_id()));
  v1::KmsRotateKeyOnDemandResponse response;
  response.set_key_id(key.arn);
  return response;
}

Result<v1::KmsListKeyRotationsResponse> list_key_rotations(
    Desk& desk, const v1::KmsListKeyRotationsRequest& request) {
  FL_TRY_VOID(may_manage(desk, request.key_id(), "kms:ListKeyRotations"));
  const bool all = request.include_key_material() == "ALL_KEY_MATERIAL";
  FL_TRY(const auto rotations, desk.kms.list_key_rotations(request.key_id(), all));
  // In the order of their dates: a marker counts them.
  struct Numbered {
    std::string number;
    const kms::Rotation* rotation = nullptr;
  };
  std::vector<Numbered> numbered;
  for (const kms::Rotation& rotation : rotations) {
    constexpr std::size_t kFirst = 100'000;  // of equal length, so that text sorts as numbers do
    numbered.push_back({std::to_string(kFirst + numbered.size()), &rotation});
  }
  v1::KmsListKeyRotationsResponse response;
  FL_TRY_VOID(page(
      request, response, "ListKeyRotations", numbered, kListRotationsDefault,
      [](const Numbered& entry) { return entry.number; },
      [&](const Numbered& entry) {
        const kms::Rotation& rotation = *entry.rotation;
        v1::RotationsListEntry& out = *response.add_rotations();
        out.set_key_id(rotation.key_arn);
        out.set_key_material_id(rotation.key_material_id);
        if (all) out.set_key_material_state(std::string(rotation.state));
        if (rotation.unix_ns != 0) out.set_rotation_date(seconds_of(rotation.unix_ns));
        if (!rotation.type.empty()) out.set_rotation_type(rotation.type);
      }));
  return response;
}

}  // namespace faultline::regions::kms_api
