#include "tools/serve/sigv4.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "kms/primitives.h"
#include "tools/serve/percent_coding.h"

namespace faultline::tools {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Up to the separator; what follows it stays in `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…"
Signature from_header(const HttpRequest& request) {
  Signature signature;
  std::string_view rest = trimmed(request.field("Authorization"));
  signature.algorithm = next_part(rest, ' ');
  while (!rest.empty()) {
    std::string_view value = trimmed(next_part(rest, ','));
    const std::string_view name = next_part(value, '=');
    if (name == "Credential") signature.credential = value;
    if (name == "SignedHeaders") signature.signed_headers = value;
    if (name == "Signature") signature.signature = value;
  }
  signature.date = trimmed(request.field("X-Amz-Date"));
  if (signature.date.empty()) signature.date = trimmed(request.field("Date"));
  signature.session_token = trimmed(request.field("X-Amz-Security-Token"));
  return signature;
}

Signature from_query(std::string_view query) {
  Signature signature;
  signature.in_query = true;
  while (!query.empty()) {
    std::string_view value = next_part(query, '&');
    const std::string_view name = next_part(value, '=');
    std::string text = percent_decoded(value);
    if (name == "X-Amz-Algorithm")
      signature.algorithm = std::move(text);
    else if (name == "X-Amz-Credential")
      signature.credential = std::move(text);
    else if (name == "X-Amz-SignedHeaders")
      signature.signed_headers = std::move(text);
    else if (name == "X-Amz-Signature")
      signature.signature = std::move(text);
    else if (name == "X-Amz-Date")
      signature.date = std::move(text);
    else if (name == "X-Amz-Expires")
      signature.expires = std::move(text);
    else if (name == "X-Amz-Security-Token")
      signature.session_token = std::move(text);
  }
  return signature;
}

// Without "." and ".." and empty segments, then encoded once more than it was sent, as every
// service but S3 wants it.
void append_canonical_path(std::string_view path, std::string& out) {
  std::vector<std::string_view> segments;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::string_view segment = next_part(rest, '/');
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  for (const std::string_view segment : segments) {
    out += '/';
    append_percent_coded(segment, out);
  }
  if (segments.empty() || path.ends_with('/')) out += '/';
}

void append_canonical_query(std::string_view query, std::string& out) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    std::string_view value = next_part(query, '&');
    const std::string_view name = next_part(value, '=');
    if (name.empty() || name == "X-Amz-Signature") continue;
    auto& [sorted_name, sorted_value] = pairs.emplace_back();
    append_percent_coded(percent_decoded(name), sorted_name);
    append_percent_coded(percent_decoded(value), sorted_value);
  }
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += '&';
    out.append(pairs[i].first).append("=").append(pairs[i].second);
  }
}

// Trimmed, and with one space where there were several.
void append_canonical_value(std::string_view value, std::string& out) {
  bool space = false;
  for (const char c : trimmed(value)) {
    if (c == ' ' && space) continue;
    space = c == ' ';
    out += c;
  }
}

// Fields that a proxy may change, or that carry the signature itself.
bool is_signed(std::string_view lower_name) {
  constexpr std::string_view kUnsigned[] = {"authorization",   "connection",
                                            "content-length",  "expect",
                                            "accept-encoding", "amz-sdk-invocation-id",
                                            "amz-sdk-request", "transfer-encoding",
                                            "user-agent",      "x-amzn-trace-id"};
  return std::ranges::find(kUnsigned, lower_name) == std::end(kUnsigned);
}

std::string_view chars(const kms::SecretBytes& secret) { return secret.chars(); }

}  // namespace

std::string_view Signature::scope_part(std::size_t index) const {
  std::string_view rest = credential;
  std::string_view part = next_part(rest, '/');
  for (std::size_t i = 0; i < index; ++i) part = next_part(rest, '/');
  return part;
}

std::optional<Signature> read_signature(const HttpRequest& request) {
  if (request.has_field("Authorization")) return from_header(request);
  if (request.query().find("X-Amz-Algorithm=") == std::string_view::npos) return std::nullopt;
  return from_query(request.query());
}

// ---- the form that is signed --------------------------------------------------------------------

std::string canonical_request(const HttpRequest& request, std::string_view signed_headers,
                              std::string_view payload_sha256_hex) {
  std::string out;
  out.reserve(512);
  out.append(request.method) += '\n';
  append_canonical_path(request.path(), out);
  out += '\n';
  append_canonical_query(request.query(), out);
  out += '\n';
  std::string_view rest = signed_headers;
  while (!rest.empty()) {
    const std::string_view name = next_part(rest, ';');
    out.append(name) += ':';
    bool first = true;
    for (const HttpField& field : request.fields) {
      if (!equal_ignoring_case(field.name, name)) continue;
      if (!first) out += ',';
      first = false;
      append_canonical_value(field.value, out);
    }
    out += '\n';
  }
  out += '\n';
  out.append(signed_headers) += '\n';
  out.append(payload_sha256_hex);
  return out;
}

std::string string_to_sign(std::string_view date, std::string_view scope,
                           std::string_view canonical) {
  std::string out(kAlgorithm);
  out.append("\n").append(date).append("\n").append(scope).append("\n");
  return out += to_hex(kms::sha256(canonical));
}

// ---- keys ---------------------------------------------------------------------------------------

struct SigningKeys::Entry {
  kms::SecretBytes secret;  // the key was made from it
  kms::Hmac signing_key;
};

SigningKeys::SigningKeys() = default;
SigningKeys::~SigningKeys() = default;
SigningKeys::SigningKeys(SigningKeys&&) noexcept = default;
SigningKeys& SigningKeys::operator=(SigningKeys&&) noexcept = default;

namespace {

kms::SecretBytes keyed(const kms::SecretBytes& key, std::string_view data) {
  std::string digest = kms::hmac_sha256(chars(key), data);
  kms::SecretBytes made = kms::SecretBytes::copy_of(digest);
  wipe(digest);
  return made;
}

kms::SecretBytes make_signing_key(const kms::SecretBytes& secret, std::string_view date,
                                  std::string_view region, std::string_view service) {
  std::string prefixed("AWS4");
  prefixed.reserve(4 + secret.size());
  prefixed += chars(secret);
  const kms::SecretBytes first = kms::SecretBytes::copy_of(prefixed);
  wipe(prefixed);
  return keyed(keyed(keyed(keyed(first, date), region), service), kTerminator);
}

// Source  ours: one a day for each client, region and service.
constexpr std::size_t kMostSigningKeys = 1024;

}  // namespace

std::string SigningKeys::sign(const AccessKey& key, std::string_view access_key_id,
                              std::string_view date, std::string_view region,
                              std::string_view service, std::string_view text) {
  std::string name;
  name.append(access_key_id).append("/").append(date).append("/");
  name.append(region).append("/").append(service);
  auto at = entries_.find(name);
  if (at == entries_.end() || !(at->second.secret == key.secret_access_key)) {
    if (entries_.size() >= kMostSigningKeys) entries_.clear();
    Entry entry{kms::SecretBytes::copy_of(chars(key.secret_access_key)),
                kms::Hmac(make_signing_key(key.secret_access_key, date, region, service))};
    at = entries_.insert_or_assign(std::move(name), std::move(entry)).first;
  }
  return to_hex(at->second.signing_key.digest(text));
}

std::string authorization_header(const HttpRequest& request, const AccessKey& key,
                                 std::string_view access_key_id, std::string_view region,
                                 std::string_view service, SigningKeys& keys) {
  std::vector<std::string> names;
  for (const HttpField& field : request.fields) {
    std::string name = lower_case(field.name);
    if (is_signed(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string signed_headers;
  for (const std::string& name : names) {
    if (!signed_headers.empty()) signed_headers += ';';
    signed_headers += name;
  }

  const std::string_view date = trimmed(request.field("X-Amz-Date"));
  std::string scope(date.substr(0, 8));
  scope.append("/").append(region).append("/").append(service).append("/").append(kTerminator);
  const std::string canonical =
      canonical_request(request, signed_headers, to_hex(kms::sha256(request.body)));
  std::string header(kAlgorithm);
  header.append(" Credential=").append(access_key_id).append("/").append(scope);
  header.append(", SignedHeaders=").append(signed_headers).append(", Signature=");
  return header += keys.sign(key, access_key_id, date.substr(0, 8), region, service,
                             string_to_sign(date, scope, canonical));
}

// ---- dates and digits ---------------------------------------------------------------------------

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string amz_date(std::int64_t unix_seconds) {
  using std::chrono::days;
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::int64_t second = (time - day).count();
  std::string text;
  const auto append = [&text](std::int64_t number, std::int64_t unit) {
    for (; unit > 0; unit /= 10) text += static_cast<char>('0' + number / unit % 10);
  };
  append(static_cast<int>(date.year()), 1000);
  append(static_cast<unsigned>(date.month()), 10);
  append(static_cast<unsigned>(date.day()), 10);
  text += 'T';
  append(second / 3600, 10);
  append(second / 60 % 60, 10);
  append(second % 60, 10);
  return text += 'Z';
}

std::optional<std::int64_t> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  bool digits = true;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) {
      digits = digits && c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(4, 2);
  const int day = number(6, 2);
  const int hour = number(9, 2);
  const int minute = number(11, 2);
  const int second = number(13, 2);
  if (!digits || year < 1970 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t day_number = std::chrono::sys_days(date).time_since_epoch().count();
  return day_number * 86'400 + hour * 3600 + minute * 60 + second;
}

}  // namespace faultline::tools
