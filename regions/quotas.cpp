#include "regions/quotas.h"

#include <algorithm>
#include <array>

namespace faultline::regions {
namespace {

using Service = RequestQuotas::Service;

struct Quota {
  Service service;
  std::string_view operation;
  // The operations with one name share one bucket.
  std::string_view name;
  std::int64_t per_second;
};

constexpr auto kSecrets = Service::SecretsManager;
constexpr auto kKms = Service::Kms;
constexpr std::string_view kWrites = "secrets/writes";
constexpr std::string_view kPolicies = "secrets/policies";
constexpr std::string_view kRotations = "secrets/rotations";
constexpr std::string_view kTags = "secrets/tags";
constexpr std::string_view kCrypto = "kms/symmetric";
constexpr std::string_view kEnabling = "kms/enable-disable";
constexpr std::string_view kGrants = "kms/retire-revoke";

constexpr std::array kQuotas = {
    Quota{kSecrets, "GetSecretValue",                  "secrets/GetSecretValue",       10'000},
    Quota{kSecrets, "DescribeSecret",                  "secrets/DescribeSecret",       40'000},
    Quota{kSecrets, "BatchGetSecretValue",             "secrets/BatchGetSecretValue",  100   },
    Quota{kSecrets, "ListSecrets",                     "secrets/ListSecrets",          100   },
    Quota{kSecrets, "ListSecretVersionIds",            "secrets/ListSecretVersionIds", 50    },
    Quota{kSecrets, "CreateSecret",                    "secrets/CreateSecret",         50    },
    Quota{kSecrets, "DeleteSecret",                    "secrets/DeleteSecret",         50    },
    Quota{kSecrets, "RestoreSecret",                   "secrets/RestoreSecret",        50    },
    Quota{kSecrets, "GetRandomPassword",               "secrets/GetRandomPassword",    50    },
    Quota{kSecrets, "PutSecretValue",                  kWrites,                        50    },
    Quota{kSecrets, "RemoveRegionsFromReplication",    kWrites,                        50    },
    Quota{kSecrets, "ReplicateSecretToRegions",        kWrites,                        50    },
    Quota{kSecrets, "StopReplicationToReplica",        kWrites,                        50    },
    Quota{kSecrets, "UpdateSecret",                    kWrites,                        50    },
    Quota{kSecrets, "UpdateSecretVersionStage",        kWrites,                        50    },
    Quota{kSecrets, "DeleteResourcePolicy",            kPolicies,                      50    },
    Quota{kSecrets, "GetResourcePolicy",               kPolicies,                      50    },
    Quota{kSecrets, "PutResourcePolicy",               kPolicies,                      50    },
    Quota{kSecrets, "ValidateResourcePolicy",          kPolicies,                      50    },
    Quota{kSecrets, "RotateSecret",                    kRotations,                     50    },
    Quota{kSecrets, "CancelRotateSecret",              kRotations,                     50    },
    Quota{kSecrets, "TagResource",                     kTags,                          50    },
    Quota{kSecrets, "UntagResource",                   kTags,                          50    },
    Quota{kKms,     "Encrypt",                         kCrypto,                        5'500 },
    Quota{kKms,     "Decrypt",                         kCrypto,                        5'500 },
    Quota{kKms,     "ReEncrypt",                       kCrypto,                        5'500 },
    Quota{kKms,     "GenerateDataKey",                 kCrypto,                        5'500 },
    Quota{kKms,     "GenerateDataKeyWithoutPlaintext", kCrypto,                        5'500 },
    Quota{kKms,     "GenerateMac",                     kCrypto,                        5'500 },
    Quota{kKms,     "GenerateRandom",                  kCrypto,                        5'500 },
    Quota{kKms,     "VerifyMac",                       kCrypto,                        5'500 },
    Quota{kKms,     "CancelKeyDeletion",               "kms/CancelKeyDeletion",        5     },
    Quota{kKms,     "CreateAlias",                     "kms/CreateAlias",              5     },
    Quota{kKms,     "CreateGrant",                     "kms/CreateGrant",              50    },
    Quota{kKms,     "CreateKey",                       "kms/CreateKey",                5     },
    Quota{kKms,     "DeleteAlias",                     "kms/DeleteAlias",              15    },
    Quota{kKms,     "DescribeKey",                     "kms/DescribeKey",              2'000 },
    Quota{kKms,     "DisableKey",                      kEnabling,                      5     },
    Quota{kKms,     "EnableKey",                       kEnabling,                      5     },
    Quota{kKms,     "EnableKeyRotation",               "kms/EnableKeyRotation",        15    },
    Quota{kKms,     "GetKeyPolicy",                    "kms/GetKeyPolicy",             1'000 },
    Quota{kKms,     "ListAliases",                     "kms/ListAliases",              500   },
    Quota{kKms,     "ListGrants",                      "kms/ListGrants",               100   },
    Quota{kKms,     "ListKeys",                        "kms/ListKeys",                 500   },
    Quota{kKms,     "ListResourceTags",                "kms/ListResourceTags",         2'000 },
    Quota{kKms,     "PutKeyPolicy",                    "kms/PutKeyPolicy",             15    },
    Quota{kKms,     "ReplicateKey",                    "kms/ReplicateKey",             5     },
    Quota{kKms,     "RetireGrant",                     kGrants,                        30    },
    Quota{kKms,     "RevokeGrant",                     kGrants,                        30    },
    Quota{kKms,     "ScheduleKeyDeletion",             "kms/ScheduleKeyDeletion",      15    },
    Quota{kKms,     "TagResource",                     "kms/TagResource",              10    },
    Quota{kKms,     "UpdateAlias",                     "kms/UpdateAlias",              5     },
    Quota{kKms,     "UpdatePrimaryRegion",             "kms/UpdatePrimaryRegion",      5     },
};

constexpr std::int64_t kOneRequest = 1'000'000'000;  // in billionths
constexpr engine::Duration kBurst = engine::Duration::seconds(1);

const Quota* find_quota(Service service, std::string_view operation) {
  const auto found = std::find_if(kQuotas.begin(), kQuotas.end(), [&](const Quota& quota) {
    return quota.service == service && quota.operation == operation;
  });
  return found == kQuotas.end() ? nullptr : &*found;
}

}  // namespace

std::int64_t RequestQuotas::per_second(Service service, std::string_view operation) {
  const Quota* const quota = find_quota(service, operation);
  return quota == nullptr ? 0 : quota->per_second;
}

std::string_view RequestQuotas::refusal(Service service) {
  return service == Service::Kms ? "You have exceeded the rate at which you may call KMS. Reduce "
                                   "the frequency of your calls."
                                 : "Rate exceeded";
}

bool RequestQuotas::admit(Service service, std::string_view operation, engine::Instant now) {
  const Quota* const quota = find_quota(service, operation);
  if (quota == nullptr) return true;
  const std::int64_t full = quota->per_second * kOneRequest;
  Bucket& bucket = buckets_.try_emplace(quota->name, Bucket{full, now}).first->second;
  // A nanosecond brings per_second billionths; more than a second's worth does not fit.
  const engine::Duration waited = std::min(now - bucket.filled, kBurst);
  bucket.level = std::min(full, bucket.level + waited.ns() * quota->per_second);
  bucket.filled = now;
  if (bucket.level < kOneRequest) return false;
  bucket.level -= kOneRequest;
  return true;
}

}  // namespace faultline::regions
