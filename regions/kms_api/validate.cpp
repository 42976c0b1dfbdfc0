#include "regions/kms_api/validate.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kms/validation.h"

namespace faultline::regions::kms_api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::int64_t kNoLimit = -1;

using Matches = bool (*)(std::string_view text);

// What a member may be. Lengths of text are characters, of blobs bytes, of lists members.
struct Rule {
  std::string_view member;  // as in kms_api.proto
  std::int64_t least = kNoLimit;
  std::int64_t most = kNoLimit;
  std::string_view words{};    // an enumeration
  std::string_view pattern{};  // as AWS prints it
  Matches matches = nullptr;
  std::int64_t list_most = kNoLimit;  // of a list; `least` and `most` are about its members
};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_in(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

bool is_alias(std::string_view text) { return all_in(text, ":/_-"); }
bool is_word(std::string_view text) { return all_in(text, "_"); }
bool is_principal(std::string_view text) { return all_in(text, "_+=,.@:/-"); }

// ^([a-z]+-){2,3}\d+$
bool is_region(std::string_view text) {
  int parts = 0;
  std::size_t begin = 0;
  while (true) {
    const std::size_t dash = text.find('-', begin);
    if (dash == std::string_view::npos) break;
    const std::string_view part = text.substr(begin, dash - begin);
    const bool is_lower = std::ranges::all_of(part, [](char c) { return c >= 'a' && c <= 'z'; });
    if (part.empty() || !is_lower) return false;
    ++parts;
    begin = dash + 1;
  }
  const std::string_view number = text.substr(begin);
  const bool is_number =
      !number.empty() && std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
  return is_number && (parts == 2 || parts == 3);
}

constexpr std::string_view kKeySpecs =
    "RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, "
    "SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512, SM2, ML_DSA_44, ML_DSA_65, "
    "ML_DSA_87, ECC_NIST_EDWARDS25519";
constexpr std::string_view kAlgorithms =
    "SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE";
constexpr std::string_view kGrantOperations =
    "Decrypt, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncryptFrom, "
    "ReEncryptTo, Sign, Verify, GetPublicKey, CreateGrant, RetireGrant, DescribeKey, "
    "GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateMac, VerifyMac, "
    "DeriveSharedSecret";

constexpr Rule between(std::string_view member, std::int64_t least, std::int64_t most) {
  return {.member = member, .least = least, .most = most};
}
constexpr Rule list_of(std::string_view member, std::int64_t least, std::int64_t most,
                       std::int64_t list_most) {
  return {.member = member, .least = least, .most = most, .list_most = list_most};
}
constexpr Rule matching(std::string_view member, std::int64_t least, std::int64_t most,
                        std::string_view pattern, Matches matches) {
  return {.member = member, .least = least, .most = most, .pattern = pattern, .matches = matches};
}
constexpr Rule one_of(std::string_view member, std::string_view words) {
  return {.member = member, .words = words};
}

// By member, wherever it stands: AWS gives a member the same shape in all operations, but for the
// key_spec of a data key.
constexpr std::array kRules = {
    between("key_id", 1, 2048),
    between("target_key_id", 1, 2048),
    between("source_key_id", 1, 2048),
    between("destination_key_id", 1, 2048),
    matching("alias_name", 1, 256, "^[a-zA-Z0-9:/_-]+$", is_alias),
    between("description", 0, 8192),
    between("policy", 1, 131'072),
    matching("policy_name", 1, 128, "[\\w]+", is_word),
    between("limit", 1, 1000),
    between("marker", 1, 1024),
    one_of("key_usage", "SIGN_VERIFY, ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, KEY_AGREEMENT"),
    one_of("key_spec", kKeySpecs),
    one_of("customer_master_key_spec", kKeySpecs),
    one_of("origin", "AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE"),
    between("custom_key_store_id", 1, 64),
    one_of("encryption_algorithm", kAlgorithms),
    one_of("source_encryption_algorithm", kAlgorithms),
    one_of("destination_encryption_algorithm", kAlgorithms),
    between("number_of_bytes", 1, 1024),
    between("plaintext", 1, 4096),
    between("ciphertext_blob", 1, 6144),
    list_of("grant_tokens", 1, 8192, 10),
    between("grant_token", 1, 8192),
    between("grant_id", 1, 128),
    matching("name", 1, 256, "^[a-zA-Z0-9:/_-]+$", is_alias),
    matching("grantee_principal", 1, 256, "^[\\w+=,.@:/-]+$", is_principal),
    matching("retiring_principal", 1, 256, "^[\\w+=,.@:/-]+$", is_principal),
    one_of("operations", kGrantOperations),
    between("tag_key", 1, 128),
    between("tag_value", 0, 256),
    between("tag_keys", 1, 128),
    // The figures of the model; KMS itself takes 7 to 30.
    between("pending_window_in_days", 1, 365),
    between("rotation_period_in_days", 90, 2560),
    one_of("include_key_material", "ALL_KEY_MATERIAL, ROTATIONS_ONLY"),
    one_of("dry_run_modifiers", "IGNORE_CIPHERTEXT"),
    matching("replica_region", 1, 32, "^([a-z]+-){2,3}\\d+$", is_region),
    matching("primary_region", 1, 32, "^([a-z]+-){2,3}\\d+$", is_region),
};

using Required = std::pair<std::string_view, std::string_view>;  // a message and its member

// Beside key_id, which every operation needs that has it, but for these: a filter, a hint, and
// half a way to name a grant.
constexpr std::array<std::string_view, 3> kKeyIdIsOptional = {
    "KmsListAliasesRequest", "KmsDecryptRequest", "KmsRetireGrantRequest"};
constexpr std::array kRequired = {
    Required("KmsCreateAliasRequest", "alias_name"),
    Required("KmsCreateAliasRequest", "target_key_id"),
    Required("KmsUpdateAliasRequest", "alias_name"),
    Required("KmsUpdateAliasRequest", "target_key_id"),
    Required("KmsDeleteAliasRequest", "alias_name"),
    Required("KmsUpdateKeyDescriptionRequest", "description"),
    Required("KmsEncryptRequest", "plaintext"),
    Required("KmsReEncryptRequest", "destination_key_id"),
    Required("KmsPutKeyPolicyRequest", "policy"),
    Required("KmsCreateGrantRequest", "operations"),
    Required("KmsListRetirableGrantsRequest", "retiring_principal"),
    Required("KmsRevokeGrantRequest", "grant_id"),
    Required("KmsReplicateKeyRequest", "replica_region"),
    Required("KmsUpdatePrimaryRegionRequest", "primary_region"),
    Required("KmsTagResourceRequest", "tags"),
    Required("KmsUntagResourceRequest", "tag_keys"),
    Required("KmsTag", "tag_key"),
    Required("KmsTag", "tag_value"),
};

bool is_required(const FieldDescriptor& field) {
  const std::string_view message = field.containing_type()->name();
  const std::string_view member = field.name();
  if (member == "key_id") {
    return std::ranges::find(kKeyIdIsOptional, message) == kKeyIdIsOptional.end();
  }
  return std::ranges::any_of(
      kRequired, [&](const Required& required) { return required == Required(message, member); });
}

// "KeyId" in JSON is 'keyId' in complaints.
std::string lower_camel(const FieldDescriptor& field) {
  std::string name = field.json_name();
  name.front() = static_cast<char>(name.front() - 'A' + 'a');
  return name;
}

class Validator {
 public:
  void message(const Message& message, const std::string& path) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) field(message, *descriptor->field(i), path);
  }

  [[nodiscard]] kms::Result<void> verdict() const {
    if (complaints_.empty()) return {};
    std::string text = std::to_string(complaints_.size()) + " validation error" +
                       (complaints_.size() == 1 ? "" : "s") + " detected: ";
    for (const std::string& complaint : complaints_) {
      text += (&complaint == &complaints_.front() ? "" : "; ") + complaint;
    }
    return kms::fail(kms::code::kValidation, text);
  }

 private:
  void complain(const std::optional<std::string>& value, const std::string& path,
                const std::string& rule) {
    complaints_.push_back("Value " + (value ? *value + " " : std::string()) + "at '" + path +
                          "' failed to satisfy constraint: Member must " + rule);
  }

  void field(const Message& message, const FieldDescriptor& field, const std::string& before) {
    const auto* reflection = message.GetReflection();
    const std::string path = before + lower_camel(field);
    if (field.is_map()) return;
    const int count = field.is_repeated() ? reflection->FieldSize(message, &field)
                      : reflection->HasField(message, &field) ? 1
                                                              : 0;
    if (count == 0) {
      if (is_required(field)) complain("null", path, "not be null");
      return;
    }
    const auto* const rule =
        std::ranges::find(kRules, std::string_view(field.name()), &Rule::member);
    if (rule != kRules.end() && rule->list_most != kNoLimit && count > rule->list_most) {
      complain(std::nullopt, path,
               "have length less than or equal to " + std::to_string(rule->list_most));
    }
    for (int i = 0; i < count; ++i) {
      const bool is_list = field.is_repeated();
      const std::string member = is_list ? path + "." + std::to_string(i + 1) + ".member" : path;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        this->message(is_list ? reflection->GetRepeatedMessage(message, &field, i)
                              : reflection->GetMessage(message, &field),
                      member + ".");
      } else if (rule != kRules.end()) {
        value(message, field, is_list ? i : -1, *rule, member);
      }
    }
  }

  void value(const Message& message, const FieldDescriptor& field, int index, const Rule& rule,
             const std::string& path) {
    const auto* reflection = message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      const std::int64_t number = reflection->GetInt32(message, &field);
      return size("'" + std::to_string(number) + "'", path, "value", number, rule);
    }
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return;
    std::string scratch;
    const std::string& text =
        index < 0 ? reflection->GetStringReference(message, &field, &scratch)
                  : reflection->GetRepeatedStringReference(message, &field, index, &scratch);
    if (field.type() == FieldDescriptor::TYPE_BYTES) {
      return size(std::nullopt, path, "length", static_cast<std::int64_t>(text.size()), rule);
    }
    const std::string quoted = "'" + text + "'";
    if (!rule.words.empty() && !is_one_of(text, words_of(field, rule))) {
      complain(quoted, path, "satisfy enum value set: [" + std::string(rule.words) + "]");
    }
    size(quoted, path, "length", static_cast<std::int64_t>(kms::characters(text)), rule);
    if (rule.matches != nullptr && !text.empty() && !rule.matches(text)) {
      complain(quoted, path, "satisfy regular expression pattern: " + std::string(rule.pattern));
    }
  }

  // A data key's spec is AES_256 or AES_128; AWS prints the other enumeration all the same.
  static std::string_view words_of(const FieldDescriptor& field, const Rule& rule) {
    const bool of_data_key = field.name() == "key_spec" &&
                             field.containing_type()->name().starts_with("KmsGenerateDataKey");
    return of_data_key ? "AES_256, AES_128" : rule.words;
  }

  static bool is_one_of(std::string_view text, std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = words.find(", ");
      if (words.substr(0, end) == text) return true;
      words = end == std::string_view::npos ? std::string_view() : words.substr(end + 2);
    }
    return false;
  }

  void size(const std::optional<std::string>& value, const std::string& path, const char* what,
            std::int64_t size, const Rule& rule) {
    const std::string have = std::string("have ") + what;
    if (rule.least != kNoLimit && size < rule.least) {
      complain(value, path, have + " greater than or equal to " + std::to_string(rule.least));
    }
    if (rule.most != kNoLimit && size > rule.most) {
      complain(value, path, have + " less than or equal to " + std::to_string(rule.most));
    }
  }

  std::vector<std::string> complaints_;
};

}  // namespace

kms::Result<void> validate(const Message& call) {
  Validator validator;
  validator.message(call, "");
  return validator.verdict();
}

}  // namespace faultline::regions::kms_api
