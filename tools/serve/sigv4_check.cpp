// What may be wrong with a signature, in AWS's order and words.
// Source  answers recorded from DynamoDB, whose front end Secrets Manager and KMS share; AWS KMS
//         answers quoted in public for the clock and the signature itself.
#include <algorithm>
#include <charconv>

#include "kms/primitives.h"
#include "tools/serve/sigv4.h"

namespace faultline::tools {
namespace {

using regions::Error;
using Check = regions::Result<void>;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

tl::unexpected<Error> invalid(std::string text) {
  return tl::make_unexpected(Error{"InvalidSignatureException", std::move(text)});
}
tl::unexpected<Error> incomplete(std::string text) {
  return tl::make_unexpected(Error{"IncompleteSignatureException", std::move(text)});
}
tl::unexpected<Error> unrecognized() {
  return tl::make_unexpected(Error{"UnrecognizedClientException",
                                   "The security token included in the request is invalid."});
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

Check check_presence(const HttpRequest& request, const std::optional<Signature>& signature) {
  const bool in_header = request.has_field("Authorization");
  if (in_header && request.query().find("X-Amz-Algorithm=") != std::string_view::npos) {
    return invalid(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
  }
  if (!signature || !signature->algorithm.starts_with("AWS4-")) {
    return tl::make_unexpected(
        Error{"MissingAuthenticationTokenException", "Request is missing Authentication Token"});
  }
  return {};
}

Check check_parts(const HttpRequest& request, const Signature& signature) {
  std::string missing;
  const auto want = [&](std::string_view part, std::string_view header, std::string_view param) {
    if (!part.empty()) return;
    missing += signature.in_query
                   ? "AWS query-string parameters must include " + quoted(param) + ". "
                   : "Authorization header requires " + quoted(header) + " parameter. ";
  };
  want(signature.credential, "Credential", "X-Amz-Credential");
  want(signature.signature, "Signature", "X-Amz-Signature");
  want(signature.signed_headers, "SignedHeaders", "X-Amz-SignedHeaders");
  if (signature.date.empty()) {
    missing += signature.in_query ? "AWS query-string parameters must include 'X-Amz-Date'. "
                                  : "Authorization header requires existence of either a "
                                    "'X-Amz-Date' or a 'Date' header. ";
  }
  if (missing.empty()) return {};
  missing += signature.in_query ? std::string("Re-examine the query-string parameters.")
                                : "Authorization=" + std::string(request.field("Authorization"));
  return incomplete(std::move(missing));
}

Check check_clock(const Signature& signature, std::int64_t now) {
  const std::optional<std::int64_t> signed_at = parse_amz_date(signature.date);
  if (!signed_at) {
    return incomplete("Date must be in ISO-8601 'basic format'. Got " + quoted(signature.date) +
                      ". See http://en.wikipedia.org/wiki/ISO_8601");
  }
  std::int64_t valid_for = kClockToleranceSeconds;
  if (signature.in_query && !signature.expires.empty()) {
    const char* const end = signature.expires.data() + signature.expires.size();
    const auto [at, error] = std::from_chars(signature.expires.data(), end, valid_for);
    constexpr std::int64_t kWeek = 604'800;
    if (error != std::errc() || at != end || valid_for < 1 || valid_for > kWeek) {
      return incomplete("X-Amz-Expires must be a number of seconds from 1 to 604800. Got " +
                        quoted(signature.expires) + ".");
    }
  }
  if (*signed_at < now - valid_for) {
    return invalid("Signature expired: " + signature.date + " is now earlier than " +
                   amz_date(now - valid_for) + " (" + amz_date(now) + " - " +
                   std::to_string(valid_for / 60) + " min.)");
  }
  if (*signed_at > now + kClockToleranceSeconds) {
    return invalid("Signature not yet current: " + signature.date + " is still later than " +
                   amz_date(now + kClockToleranceSeconds) + " (" + amz_date(now) + " + 5 min.)");
  }
  return {};
}

bool signs(std::string_view signed_headers, std::string_view name) {
  while (!signed_headers.empty()) {
    const std::size_t end = signed_headers.find(';');
    if (signed_headers.substr(0, end) == name) return true;
    if (end == std::string_view::npos) break;
    signed_headers.remove_prefix(end + 1);
  }
  return false;
}

// Letters, then more letters behind dashes, then a number: "us-gov-west-1".
bool looks_like_a_region(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  return std::ranges::all_of(name.substr(dash + 1), is_digit) &&
         std::ranges::all_of(name.substr(0, dash), is_letter);
}

Check check_scope(const Signature& signature, std::string_view service) {
  if (std::ranges::count(signature.credential, '/') != 4) {
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got " +
        quoted(signature.credential));
  }
  std::string wrong;
  if (!looks_like_a_region(signature.region())) {
    wrong +=
        "Credential should be scoped to a valid region, not " + quoted(signature.region()) + ". ";
  }
  if (signature.service() != service) {
    wrong += "Credential should be scoped to correct service: " + quoted(service) + ". ";
  }
  if (signature.terminator() != kTerminator) {
    wrong += "Credential should be scoped with a valid terminator: 'aws4_request', not " +
             quoted(signature.terminator()) + ". ";
  }
  const std::string_view day = std::string_view(signature.date).substr(0, 8);
  if (signature.scope_date() != day) {
    wrong +=
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: " +
        quoted(signature.scope_date()) + " != " + quoted(day) + ", from " + quoted(signature.date) +
        ".";
  }
  if (wrong.empty()) return {};
  return invalid(std::move(wrong));
}

Check check_value(const HttpRequest& request, const Signature& signature, const AccessKey& key,
                  SigningKeys& keys) {
  const std::string payload = to_hex(kms::sha256(request.body));
  const std::string_view promised = request.field("X-Amz-Content-Sha256");
  if (!promised.empty() && promised != payload) {
    return invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  const std::size_t scope_at = signature.access_key_id().size() + 1;
  const std::string text =
      string_to_sign(signature.date, std::string_view(signature.credential).substr(scope_at),
                     canonical_request(request, signature.signed_headers, payload));
  const std::string right = keys.sign(key, signature.access_key_id(), signature.scope_date(),
                                      signature.region(), signature.service(), text);
  if (kms::equal_constant_time(right, signature.signature)) return {};
  return invalid(
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

}  // namespace

regions::Result<std::string> check_signature(const HttpRequest& request,
                                             const std::optional<Signature>& signature,
                                             const SignatureRules& rules, SigningKeys& keys) {
  FL_TRY_VOID(check_presence(request, signature));
  FL_TRY_VOID(check_parts(request, *signature));
  FL_TRY_VOID(check_clock(*signature, rules.now_unix_seconds));
  if (!signs(signature->signed_headers, "host")) {
    return invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (signature->algorithm != kAlgorithm) {
    return incomplete("Unsupported AWS 'algorithm': " + quoted(signature->algorithm) +
                      " (only AWS4-HMAC-SHA256 for now). ");
  }
  FL_TRY_VOID(check_scope(*signature, rules.service));
  if (!rules.knows_region(signature->region())) return unrecognized();
  const std::optional<AccessKey> key = rules.find_key(signature->access_key_id());
  // Nobody here has temporary credentials: a token is one of another world.
  if (!key || !signature->session_token.empty()) return unrecognized();
  FL_TRY_VOID(check_value(request, *signature, *key, keys));
  return key->principal;
}

}  // namespace faultline::tools
