#include "regions/front_door.h"

#include <algorithm>
#include <array>

namespace faultline::regions {
namespace {

constexpr std::array<std::string_view, 7> kReads = {
    "GetSecretValue",       "BatchGetSecretValue", "DescribeSecret",   "ListSecrets",
    "ListSecretVersionIds", "GetResourcePolicy",   "GetRandomPassword"};

// What an answer that does not arrive looks like to an SDK.
Error out_of_reach() { return {"ConnectionClosed", "The region could not be reached."}; }

template <class Kind>
bool concerns(const Kind& kind, std::string_view region, std::string_view operation) {
  return kind.region() == region && (kind.operation().empty() || kind.operation() == operation);
}

std::optional<Error> refusal_by(const v1::Fault& fault, std::string_view region,
                                std::string_view operation) {
  switch (fault.kind_case()) {
    case v1::Fault::kClientsCut:
      if (fault.clients_cut().region() == region) return out_of_reach();
      break;
    case v1::Fault::kControlPlaneDown:
      if (fault.control_plane_down().region() == region &&
          std::find(kReads.begin(), kReads.end(), operation) == kReads.end()) {
        return internal_service_error();
      }
      break;
    case v1::Fault::kApiThrottled:
      if (concerns(fault.api_throttled(), region, operation))
        return Error{"ThrottlingException", "Rate exceeded"};
      break;
    case v1::Fault::kApiFails:
      if (concerns(fault.api_fails(), region, operation)) return internal_service_error();
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace

bool FrontDoor::apply(const v1::Fault& fault, std::uint64_t fault_id) {
  switch (fault.kind_case()) {
    case v1::Fault::kClientsCut:
    case v1::Fault::kControlPlaneDown:
    case v1::Fault::kApiThrottled:
    case v1::Fault::kApiFails:
    case v1::Fault::kApiFailsAfter:
    case v1::Fault::kReplyLost:
    case v1::Fault::kDuplicateRequests:
      entries_.push_back({fault_id, fault});
      return true;
    default:
      return false;
  }
}

void FrontDoor::heal(std::uint64_t fault_id) {
  std::erase_if(entries_, [=](const Entry& entry) { return entry.fault_id == fault_id; });
}

std::optional<Error> FrontDoor::refusal(std::string_view region, std::string_view operation) const {
  for (const Entry& entry : entries_) {
    if (auto refused = refusal_by(entry.fault, region, operation)) return refused;
  }
  return std::nullopt;
}

bool FrontDoor::cuts_off(std::string_view region) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.fault.has_clients_cut() && entry.fault.clients_cut().region() == region;
  });
}

bool FrontDoor::doubles(std::string_view region, std::string_view operation) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.fault.has_duplicate_requests() &&
           concerns(entry.fault.duplicate_requests(), region, operation);
  });
}

Result<v1::ApiResponse> FrontDoor::answer(std::string_view region, std::string_view operation,
                                          Result<v1::ApiResponse> result) const {
  for (const Entry& entry : entries_) {
    const v1::Fault& fault = entry.fault;
    const bool cut = fault.has_clients_cut() && fault.clients_cut().region() == region;
    if (cut || (fault.has_reply_lost() && concerns(fault.reply_lost(), region, operation))) {
      return tl::make_unexpected(out_of_reach());
    }
    if (fault.has_api_fails_after() && concerns(fault.api_fails_after(), region, operation)) {
      return tl::make_unexpected(internal_service_error());
    }
  }
  return result;
}

}  // namespace faultline::regions
