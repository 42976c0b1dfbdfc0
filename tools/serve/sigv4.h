// AWS Signature Version 4: what a request says about who signed it, and whether that is so.
//
//     const auto signature = read_signature(request);           // where it says, and what
//     check_signature(request, *signature, {.service = "kms", …}, keys);
//
// A signature stands in the Authorization header or in the query ("presigned"). It names an access
// key and a scope: date, region, service. One address serves all regions, so the scope is also
// where the region comes from.
// Order    of the checks: AWS's, see check_signature.
// Secrets  are compared in constant time, and kept only as SecretBytes.
// Source   IAM User Guide, "Create a signed AWS API request", "Elements of an AWS API request
//          signature"; texts as recorded from services that share AWS's front end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kms/secret_bytes.h"
#include "regions/error.h"
#include "tools/serve/http_message.h"

namespace faultline::tools {

// Clocks may differ by so much. Source  AWS KMS answers "Signature expired" beyond 5 minutes.
inline constexpr std::int64_t kClockToleranceSeconds = 5 * 60;

// What a request says. Every part may be missing or wrong until check_signature has been asked.
struct Signature {
  bool in_query = false;
  std::string algorithm;       // "AWS4-HMAC-SHA256"
  std::string credential;      // "AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request"
  std::string signed_headers;  // "host;x-amz-date"
  std::string signature;       // 64 hex digits
  std::string date;            // "20150830T123600Z"
  std::string expires;         // presigned only: seconds
  std::string session_token;

  // The parts of `credential`, empty where it has too few.
  [[nodiscard]] std::string_view access_key_id() const { return scope_part(0); }
  [[nodiscard]] std::string_view scope_date() const { return scope_part(1); }
  [[nodiscard]] std::string_view region() const { return scope_part(2); }
  [[nodiscard]] std::string_view service() const { return scope_part(3); }
  [[nodiscard]] std::string_view terminator() const { return scope_part(4); }

 private:
  [[nodiscard]] std::string_view scope_part(std::size_t index) const;
};

// nullopt: the request says nothing of the kind. The header wins over the query.
[[nodiscard]] std::optional<Signature> read_signature(const HttpRequest& request);

// Who has an access key.
struct AccessKey {
  std::string principal;  // a name or an ARN that the world knows
  kms::SecretBytes secret_access_key;
};

// Signing keys, made once for (secret, date, region, service): four HMACs less for each request.
class SigningKeys {
 public:
  SigningKeys();
  ~SigningKeys();
  SigningKeys(SigningKeys&&) noexcept;
  SigningKeys& operator=(SigningKeys&&) noexcept;

  // 64 hex digits: the signature of a string to sign.
  [[nodiscard]] std::string sign(const AccessKey& key, std::string_view access_key_id,
                                 std::string_view date, std::string_view region,
                                 std::string_view service, std::string_view string_to_sign);

 private:
  struct Entry;
  std::map<std::string, Entry, std::less<>> entries_;
};

// What a signature is checked against.
struct SignatureRules {
  std::string_view service;  // "secretsmanager"
  std::int64_t now_unix_seconds = 0;
  std::function<bool(std::string_view region)> knows_region;
  std::function<std::optional<AccessKey>(std::string_view access_key_id)> find_key;
};

// The principal that signed, or the first thing that is wrong:
//   1. header and query together               InvalidSignatureException
//   2. nothing, or not AWS4-…                  MissingAuthenticationTokenException
//   3. parts missing, a date that is none      IncompleteSignatureException
//   4. signed too long ago, or in the future   InvalidSignatureException
//   5. host not signed; another algorithm      InvalidSignatureException; Incomplete…
//   6. the scope: its parts, service, date     IncompleteSignatureException; InvalidSignature…
//   7. a region or an access key that is none  UnrecognizedClientException
//   8. the payload's hash, the signature       InvalidSignatureException
[[nodiscard]] regions::Result<std::string> check_signature(
    const HttpRequest& request, const std::optional<Signature>& signature,
    const SignatureRules& rules, SigningKeys& keys);

// ---- the parts, for tests and for clients -------------------------------------------------------

// The request in the form that is signed. `signed_headers` as in Signature; a name that the request
// does not carry counts as empty. X-Amz-Signature in the query is left out.
[[nodiscard]] std::string canonical_request(const HttpRequest& request,
                                            std::string_view signed_headers,
                                            std::string_view payload_sha256_hex);
// `scope` is "20150830/us-east-1/kms/aws4_request".
[[nodiscard]] std::string string_to_sign(std::string_view date, std::string_view scope,
                                         std::string_view canonical_request);

// "20150830T123600Z", and back; seconds since 1970, of the years 1970 to 9999.
[[nodiscard]] std::string amz_date(std::int64_t unix_seconds);
[[nodiscard]] std::optional<std::int64_t> parse_amz_date(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);

// The value of an Authorization header for a request that carries Host and X-Amz-Date: all its
// fields are signed but those that proxies may change (User-Agent, Expect, Connection, …).
[[nodiscard]] std::string authorization_header(const HttpRequest& request, const AccessKey& key,
                                               std::string_view access_key_id,
                                               std::string_view region, std::string_view service,
                                               SigningKeys& keys);

}  // namespace faultline::tools
