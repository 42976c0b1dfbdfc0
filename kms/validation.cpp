#include "kms/validation.h"

#include <algorithm>
#include <string>

namespace faultline::kms {
namespace {

tl::unexpected<Error> violated(const std::string& subject, std::string_view member,
                               const std::string& rule) {
  return fail(code::kValidation, "1 validation error detected: Value " + subject + "at '" +
                                     std::string(member) +
                                     "' failed to satisfy constraint: " + "Member must " + rule);
}

std::string quoted(std::string_view value) { return "'" + std::string(value) + "' "; }

bool is_alias_character(char c) {
  constexpr std::string_view kOthers = ":/_-";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kOthers.find(c) != std::string_view::npos;
}

// AWS KMS API Reference, "Tag"; KMS Developer Guide, "Resource quotas".
constexpr std::size_t kTagKeyMax = 128;
constexpr std::size_t kTagValueMax = 256;
constexpr std::size_t kTagsMax = 50;

bool is_reserved(std::string_view tag_key) {
  constexpr std::string_view kPrefix = "aws:";
  return std::equal(
      kPrefix.begin(), kPrefix.end(), tag_key.begin(),
      tag_key.begin() + static_cast<std::ptrdiff_t>(std::min(kPrefix.size(), tag_key.size())),
      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

// Characters, not bytes; the value is in the text.
Result<void> check_text_length(const std::string& member, std::string_view text, std::size_t min,
                               std::size_t max) {
  const auto length = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
  if (length < min) {
    return violated(quoted(text), member,
                    "have length greater than or equal to " + std::to_string(min));
  }
  if (length > max) {
    return violated(quoted(text), member,
                    "have length less than or equal to " + std::to_string(max));
  }
  return {};
}

}  // namespace

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

Result<void> check_length(std::string_view member, std::size_t length, std::size_t min,
                          std::size_t max) {
  if (length < min) {
    return violated({}, member, "have length greater than or equal to " + std::to_string(min));
  }
  if (length > max) {
    return violated({}, member, "have length less than or equal to " + std::to_string(max));
  }
  return {};
}

Result<void> check_value(std::string_view member, std::int64_t value, std::int64_t min,
                         std::int64_t max) {
  const std::string subject = quoted(std::to_string(value));
  if (value < min) {
    return violated(subject, member, "have value greater than or equal to " + std::to_string(min));
  }
  if (value > max) {
    return violated(subject, member, "have value less than or equal to " + std::to_string(max));
  }
  return {};
}

Result<void> check_context(const EncryptionContext& context) {
  if (fits_canonical_form(context)) return {};
  return violated({}, "encryptionContext", "have length less than or equal to 65535");
}

Result<void> check_alias_name(std::string_view alias) {
  constexpr std::string_view kPrefix = "alias/";
  constexpr std::string_view kReserved = "alias/aws/";
  constexpr std::size_t kLengthMax = 256;
  if (alias.size() > kLengthMax) {
    return violated(quoted(alias), "aliasName", "have length less than or equal to 256");
  }
  if (!std::all_of(alias.begin(), alias.end(), is_alias_character)) {
    return violated(quoted(alias), "aliasName",
                    "satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$");
  }
  if (!alias.starts_with(kPrefix) || alias.size() == kPrefix.size()) {
    return fail(code::kValidation,
                "Alias must start with the prefix \"alias/\". Please see "
                "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (alias.starts_with(kReserved)) return fail(code::kNotAuthorized);
  return {};
}

tl::unexpected<Error> alias_exists(const Place& place, std::string_view alias) {
  return fail(code::kAlreadyExists,
              "An alias with the name " + place.alias_arn(alias) + " already exists");
}

tl::unexpected<Error> key_exists(const Place& place, std::string_view key_id) {
  return fail(code::kAlreadyExists, "Key '" + place.key_arn(key_id) + "' already exists");
}

tl::unexpected<Error> no_such_alias(const Place& place, std::string_view alias) {
  return fail(code::kNotFound, "Alias " + place.alias_arn(alias) + " is not found.");
}

Result<void> check_tags(const std::vector<Tag>& tags, const std::vector<Tag>& old) {
  for (std::size_t at = 0; at < tags.size(); ++at) {
    const std::string member = "tags." + std::to_string(at + 1) + ".member.";
    FL_TRY_VOID(check_text_length(member + "tagKey", tags[at].key, 1, kTagKeyMax));
    FL_TRY_VOID(check_text_length(member + "tagValue", tags[at].value, 0, kTagValueMax));
  }
  for (std::size_t at = 0; at < tags.size(); ++at) {
    if (is_reserved(tags[at].key)) {
      return fail(code::kTag, "Tags beginning with aws: are reserved");
    }
    const auto is_same = [&](const Tag& tag) { return tag.key == tags[at].key; };
    if (std::any_of(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(at), is_same)) {
      return fail(code::kTag, "Duplicate tag keys");
    }
  }
  if (merge_tags(old, tags).size() > kTagsMax) return fail(code::kTag, "Too many tags");
  return {};
}

std::vector<Tag> merge_tags(std::vector<Tag> old, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    const auto same =
        std::find_if(old.begin(), old.end(), [&](const Tag& each) { return each.key == tag.key; });
    if (same == old.end()) {
      old.push_back(tag);
    } else {
      same->value = tag.value;
    }
  }
  return old;
}

}  // namespace faultline::kms
