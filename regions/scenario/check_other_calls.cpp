// Calls of KMS and of the Account API: what they refer to, and what AWS takes.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>

#include "kms/kms.h"
#include "regions/kms_api/validate.h"
#include "regions/region_list.h"
#include "regions/scenario/check.h"
#include "regions/scenario/spelling.h"
#include "regions/scenario_text.h"
#include "regions/step_performer.h"

namespace faultline::regions {
namespace {

using google::protobuf::FieldDescriptor;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// It may be meant to break AWS's rules.
bool wants_an_error(const v1::Step& step) {
  return !step.want().error().empty() || step.want().anything();
}

// The operation in a kms or account block; nullptr: there is none.
const FieldDescriptor* operation_in(const Spot& block) {
  const auto& message = block.message();
  return message.GetReflection()->GetOneofFieldDescriptor(
      message, message.GetDescriptor()->FindOneofByName("operation"));
}

constexpr std::array<std::string_view, 4> kKeyFields = {"key_id", "target_key_id", "source_key_id",
                                                        "destination_key_id"};

// The operations that take an alias for a key.
bool takes_aliases(std::string_view operation) {
  constexpr std::array<std::string_view, 6> kOperations = {"describe_key",
                                                           "encrypt",
                                                           "decrypt",
                                                           "generate_data_key",
                                                           "generate_data_key_without_plaintext",
                                                           "re_encrypt"};
  return std::ranges::find(kOperations, operation) != kOperations.end();
}

}  // namespace

void ScenarioChecker::check_kms_call(const v1::Step& step, const Spot& spot) {
  const bool declared = declared_region(spot, "region");
  const Spot block = spot.child("kms");
  const FieldDescriptor* const operation = operation_in(block);
  if (operation == nullptr) {
    complaints_.add(block.place(),
                    "kms names no operation, such as kms { describe_key { key_id: … } }");
    return;
  }
  if (wants_an_error(step)) return;
  const Spot call = block.child(operation->name());
  const auto valid = kms_api::validate(call.message());
  if (!valid) complaints_.add(call.place(), "KMS would refuse this: " + valid.error().message);
  for (const std::string_view field : kKeyFields) {
    if (!has_field(call, field) || count_of(call, field) == 0 || !declared) continue;
    check_key_of_call(call, field, step.region(), operation->name());
  }
  for (const char* field : {"replica_region", "primary_region"}) {
    if (has_field(call, field) && count_of(call, field) > 0) declared_region(call, field);
  }
}

void ScenarioChecker::check_key_of_call(const Spot& call, std::string_view field,
                                        const std::string& region, std::string_view operation) {
  const std::string text = text_of(call, field);
  const auto stand_in = parse_key_stand_in(text);
  if (!stand_in) {
    if (text.starts_with("alias/") && !takes_aliases(operation)) {
      complain(call, field,
               std::string(operation) + " takes no alias, only a key's id; write " +
                   quoted("{" + text + "}") + " for the id of the key that has this alias");
      return;
    }
    return known_key(call, field, region, KeyUse::Any);
  }
  if (stand_in->created > 0) {
    if (stand_in->created <= names_.keys_created || !names_.has_all("step")) return;
    complain(call, field,
             text + ": the steps of this scenario create " + std::to_string(names_.keys_created) +
                 " keys");
    return;
  }
  const auto declared = names_.keys.find(region);
  const bool known = stand_in->alias == kms::kManagedAlias ||
                     (declared != names_.keys.end() && holds(declared->second, stand_in->alias));
  if (known || !names_.has_all("key") || !names_.has_all("step")) return;
  complain(
      call, field,
      "region " + region + " has no key " + quoted(stand_in->alias) +
          did_you_mean(stand_in->alias, declared == names_.keys.end() ? std::vector<std::string>()
                                                                      : declared->second));
}

void ScenarioChecker::check_account_call(const v1::Step& step, const Spot& spot) {
  if (count_of(spot, "region") > 0) {
    complain(spot, "region", "the Account API is in no region: leave it out");
  }
  const Spot block = spot.child("account");
  const FieldDescriptor* const operation = operation_in(block);
  if (operation == nullptr) {
    complaints_.add(
        block.place(),
        "account names no operation, such as account { enable_region { region_name: … } }");
    return;
  }
  const Spot call = block.child(operation->name());
  if (wants_an_error(step) || !has_field(call, "region_name")) return;
  if (!required(call, "region_name", "the region's name")) return;
  const std::string name = text_of(call, "region_name");
  if (holds(names_.regions, name) || find_aws_region(name) != nullptr) return;
  std::vector<std::string> known = names_.regions;
  for (const RegionInfo& region : aws_regions()) known.emplace_back(region.name);
  complain(call, "region_name", quoted(name) + " is no region" + did_you_mean(name, known));
}

const std::vector<std::string>& known_other_errors() {
  static const std::vector<std::string> kErrors = {
      // Of KMS.
      "AccessDeniedException", "AlreadyExistsException", "ConflictException", "ConnectionClosed",
      "DependencyTimeoutException", "DisabledException", "DryRunOperationException",
      "IncorrectKeyException", "InvalidArnException", "InvalidCiphertextException",
      "InvalidGrantIdException", "InvalidGrantTokenException", "InvalidKeyUsageException",
      "InvalidMarkerException", "KMSInternalException", "KMSInvalidStateException",
      "KeyUnavailableException", "LimitExceededException", "MalformedPolicyDocumentException",
      "NotAuthorizedException", "NotFoundException", "TagException", "ThrottlingException",
      "UnrecognizedClientException", "UnsupportedOperationException", "ValidationException",
      // Of the Account API, beyond these.
      "TooManyRequestsException"};
  return kErrors;
}

}  // namespace faultline::regions
