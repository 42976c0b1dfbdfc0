// What CreateSecret, PutSecretValue and UpdateSecret have in common: a value that the caller gave,
// and the version that it becomes. The ClientRequestToken is the version's id, which is what makes
// a repeated call harmless.
//
// Source  AWS Secrets Manager API Reference, API_CreateSecret, API_PutSecretValue:
// ClientRequestToken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/task.h"
#include "kms/secret_bytes.h"
#include "proto/storage.pb.h"
#include "regions/api/value_vault.h"
#include "regions/error.h"
#include "regions/secret_store.h"
#include "regions/services.h"

namespace faultline::regions::api {

struct GivenValue {
  v1::StoredVersion::Kind kind = v1::StoredVersion::STRING;
  kms::SecretBytes bytes;
};

// The value in a request; empty: it has none. The binary one if, against the rules, it has both.
template <class Request>
[[nodiscard]] std::optional<GivenValue> given_value(const Request& request) {
  if (request.has_secret_binary()) {
    return GivenValue{.kind = v1::StoredVersion::BINARY,
                      .bytes = kms::SecretBytes::copy_of(request.secret_binary())};
  }
  if (request.has_secret_string()) {
    return GivenValue{.kind = v1::StoredVersion::STRING,
                      .bytes = kms::SecretBytes::copy_of(request.secret_string())};
  }
  return std::nullopt;
}

// ResourceExistsException.
[[nodiscard]] Error token_in_use(const std::string& token, const v1::StoredSecret& secret);

// LimitExceededException; the text is ours.
[[nodiscard]] Error too_many_labels();

// Whether the version that a token names holds the given value: success if so, token_in_use if not.
// Takes virtual time at KMS, and its errors.
[[nodiscard]] engine::Task<Result<void>> require_same_value(RegionServices& region,
                                                            std::string principal_arn,
                                                            v1::StoredSecret secret,
                                                            std::string version_id,
                                                            GivenValue value);

// Whether a version of this secret has the token for its id: the call was made before. A token that
// is used must be remembered.
[[nodiscard]] bool knows_token(const RegionServices& region, const v1::StoredSecret& secret,
                               const std::string& token);
void remember_token(RegionServices& region, const v1::StoredSecret& secret,
                    const std::string& token);
// The id of the version that a token makes: the token.
[[nodiscard]] std::string new_version_id(RegionServices& region, const v1::StoredSecret& secret,
                                         const std::string& token);

// Adds a version to the secret and its value to the transaction; prunes what is old. Fills the
// version instead if a rotation has made it (and it is labelled, so that it is not pruned here).
// REQUIRES  the secret's sequence is already that of this change.
// Errors    LimitExceededException if there would be more than 20 labels.
[[nodiscard]] Result<void> append_version(v1::StoredSecret& secret, Transaction& transaction,
                                          const std::string& version_id,
                                          const v1::StoredVersion& stored,
                                          const std::vector<std::string>& labels,
                                          std::int64_t now_unix_ns);

}  // namespace faultline::regions::api
