#include "regions/invariants/rotation_moves.h"

#include "regions/invariants/sequential_secret.h"

namespace faultline::regions {
namespace {

constexpr const char* kNow = "AWSCURRENT";
constexpr const char* kComing = "AWSPENDING";

}  // namespace

bool is_a_rotation_move(const RecordPtr& before, const RecordPtr& after) {
  if (before == nullptr || after == nullptr) return false;
  const v1::RotationUnderWay& was = before->rotation().under_way();
  const v1::RotationUnderWay& is = after->rotation().under_way();
  if (was.version_id() == is.version_id()) return false;
  SequentialSecret expected = sequential(before);
  if (was.version_id().empty()) {
    if (expected.versions.contains(is.version_id())) return false;
    for (auto& [id, labels] : expected.versions) {
      // On any other version it says that a rotation is not complete.
      if (labels.contains(kComing) && !labels.contains(kNow)) return false;
      labels.erase(kComing);
    }
    expected.versions[is.version_id()] = {kComing};
    return expected.looks_like(sequential(after));
  }
  const auto made = expected.versions.find(was.version_id());
  if (!is.version_id().empty() || made == expected.versions.end()) return false;
  if (was.test_only()) {
    expected.versions.erase(made);
  } else {
    if (!made->second.contains(kNow)) return false;
    made->second.erase(kComing);
  }
  return expected.looks_like(sequential(after));
}

bool is_a_trial_copy(const v1::StoredSecret& record, const std::string& version_id) {
  const v1::RotationUnderWay& under_way = record.rotation().under_way();
  return under_way.test_only() && under_way.version_id() == version_id;
}

}  // namespace faultline::regions
