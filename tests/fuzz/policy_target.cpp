#include <string>

#include "kms/policy_document.h"
#include "proto/check.h"
#include "tests/fuzz/targets.h"

namespace faultline::fuzz {

void policy(std::string_view bytes) {
  if (bytes.empty()) return;
  using kms::PolicyUse;
  static constexpr PolicyUse kUses[] = {PolicyUse::Identity, PolicyUse::Key, PolicyUse::Secret};
  const PolicyUse use = kUses[static_cast<unsigned char>(bytes[0]) % std::size(kUses)];
  bytes.remove_prefix(1);
  const auto parsed = kms::parse_policy_document(bytes, use, 4096);
  if (!parsed) {
    FL_CHECK(parsed.error().code == "MalformedPolicyDocumentException" ||
             parsed.error().code == "LimitExceededException")
        << parsed.error().code;
    return;
  }
  FL_CHECK(kms::policy_document(*parsed) == bytes) << "a document comes back as another";

  // The statements alone say the same as the document: written and read, they are written alike.
  v1::Policy statements = *parsed;
  statements.clear_document();
  const std::string once = kms::policy_document(statements);
  const auto again = kms::parse_policy_document(once, use, 1 << 20);
  FL_CHECK(again.has_value()) << once;
  v1::Policy other = *again;
  other.clear_document();
  const std::string twice = kms::policy_document(other);
  FL_CHECK(once == twice) << once << " became " << twice;
}

}  // namespace faultline::fuzz
