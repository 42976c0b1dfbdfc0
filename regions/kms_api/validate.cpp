#include "regions/kms_api/validate.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// By member, wherever it stands: AWS gives a member the same shape in all operations, but for the
// key_spec of a data key.
constexpr std::array kRules = {
    Rule{.member = "key_id", .least = 1, .most = 2048},
    Rule{.member = "target_key_id", .least = 1, .most = 2048},
    Rule{.member = "source_key_id", .least = 1, .most = 2048},
    Rule{.member = "destination_key_id", .least = 1, .most = 2048},
    Rule{.member = "alias_name",
         .least = 1,
         .most = 256,
         .pattern = "^[a-zA-Z0-9:/_-]+$",
         .matches = is_alias},
    Rule{.member = "description", .least = 0, .most = 8192},
    Rule{.member = "policy", .least = 1, .most = 131'072},
    Rule{.member = "policy_name",
         .least = 1,
         .most = 128,
         .pattern = "[\\w]+",
         .matches = is_word},
    Rule{.member = "limit", .least = 1, .most = 1000},
    Rule{.member = "marker", .least = 1, .most = 1024},
    Rule{.member = "key_usage",
         .words = "SIGN_VERIFY, ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, KEY_AGREEMENT"},
    Rule{.member = "key_spec", .words = kKeySpecs},
    Rule{.member = "customer_master_key_spec", .words = kKeySpecs},
    Rule{.member = "origin", .words = "AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE"},
    Rule{.member = "custom_key_store_id", .least = 1, .most = 64},
    Rule{.member = "encryption_algorithm", .words = kAlgorithms},
    Rule{.member = "source_encryption_algorithm", .words = kAlgorithms},
    Rule{.member = "destination_encryption_algorithm", .words = kAlgorithms},
    Rule{.member = "number_of_bytes", .least = 1, .most = 1024},
    Rule{.member = "plaintext", .least = 1, .most = 4096},
    Rule{.member = "ciphertext_blob", .least = 1, .most = 6144},
    Rule{.member = "grant_tokens", .least = 1, .most = 8192, .list_most = 10},
    Rule{.member = "grant_token", .least = 1, .most = 8192},
    Rule{.member = "grant_id", .least = 1, .most = 128},
    Rule{.member = "name",
         .least = 1,
         .most = 256,
         .pattern = "^[a-zA-Z0-9:/_-]+$",
         .matches = is_alias},
    Rule{.member = "grantee_principal",
         .least = 1,
         .most = 256,
         .pattern = "^[\\w+=,.@:/-]+$",
         .matches = is_principal},
    Rule{.member = "retiring_principal",
         .least = 1,
         .most = 256,
         .pattern = "^[\\w+=,.@:/-]+$",
         .matches = is_principal},
    Rule{.member = "operations", .words = kGrantOperations},
    Rule{.member = "tag_key", .least = 1, .most = 128},
    Rule{.member = "tag_value", .least = 0, .most = 256},
    Rule{.member = "tag_keys", .least = 1, .most = 128},
    // The figures of the model; KMS itself takes 7 to 30.
    Rule{.member = "pending_window_in_days", .least = 1, .most = 365},
    Rule{.member = "rotation_period_in_days", .least = 90, .most = 2560},
    Rule{.member = "include_key_material", .words = "ALL_KEY_MATERIAL, ROTATIONS_ONLY"},
    Rule{.member = "dry_run_modifiers", .words = "IGNORE_CIPHERTEXT"},
    Rule{.member = "replica_region",
         .least = 1,
         .most = 32,
         .pattern = "^([a-z]+-){2,3}\\d+$",
         .matches = is_region},
    Rule{.member = "primary_region",
         .least = 1,
         .most = 32,
         .pattern = "^([a-z]+-){2,3}\\d+$",
         .matches = is_region},
};

struct Required {
  std::string_view message;
  std::string_view member;
};

// Beside key_id, which every operation needs that has it, but for these: a filter, a hint, and
// half a way to name a grant.
constexpr std::array<std::string_view, 3> kKeyIdIsOptional = {
    "KmsListAliasesRequest", "KmsDecryptRequest", "KmsRetireGrantRequest"};
constexpr std::array kRequired = {
    Required{"KmsCreateAliasRequest", "alias_name"},
    Required{"KmsCreateAliasRequest", "target_key_id"},
    Required{"KmsUpdateAliasRequest", "alias_name"},
    Required{"KmsUpdateAliasRequest", "target_key_id"},
    Required{"KmsDeleteAliasRequest", "alias_name"},
    Required{"KmsUpdateKeyDescriptionRequest", "description"},
    Required{"KmsEncryptRequest", "plaintext"},
    Required{"KmsReEncryptRequest", "destination_key_id"},
    Required{"KmsPutKeyPolicyRequest", "policy"},
    Required{"KmsCreateGrantRequest", "operations"},
    Required{"KmsListRetirableGrantsRequest", "retiring_principal"},
    Required{"KmsRevokeGrantRequest", "grant_id"},
    Required{"KmsReplicateKeyRequest", "replica_region"},
    Required{"KmsUpdatePrimaryRegionRequest", "primary_region"},
    Required{"KmsTagResourceRequest", "tags"},
    Required{"KmsUntagResourceRequest", "tag_keys"},
    Required{"KmsTag", "tag_key"},
    Required{"KmsTag", "tag_value"},
};

bool is_required(const FieldDescriptor& field) {
  const std::string_view message = field.containing_type()->name();
  const std::string_view member = field.name();
  if (member == "key_id") {
    return std::ranges::find(kKeyIdIsOptional, message) == kKeyIdIsOptional.end();
  }
  return std::ranges::any_of(kRequired, [&](const Required& required) {
    return required.message == message && required.member == member;
  });
}

// "KeyId" in JSON is 'keyId' in complaints.
std::string lower_camel(const FieldDescriptor& field) {
  std::string name = field.json_name();
  name.front() = static_cast<char>(name.front() - 'A' + 'a');
  return name;
}

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
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
    const int count = field.is_repeated()                  ? reflection->FieldSize(message, &field)
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
      const std::string member =
          is_list ? path + "." + std::to_string(i + 1) + ".member" : path;
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
    size(quoted, path, "length", characters(text), rule);
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
