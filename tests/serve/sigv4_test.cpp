#include "tools/serve/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kms/primitives.h"

namespace faultline::tools {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kNow = 1'440'938'160;  // 2015-08-30T12:36:00Z
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

struct Vector {
  std::string_view name;
  std::string_view method;
  std::string_view target;
  std::vector<HttpField> fields;
  std::string_view body;
  std::string_view region;
  std::string_view service;
  std::string_view access_key_id;
  std::string_view secret;
  std::string_view canonical;

  [[nodiscard]] HttpRequest request() const {
    return {.method = method, .target = target, .fields = fields, .body = body};
  }
  [[nodiscard]] AccessKey key() const { return {"ada", kms::SecretBytes::copy_of(secret)}; }
};

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = {
#include "tests/serve/sigv4_vectors.inc"
  };
  return all;
}

// "ada", or the code and the text of what is wrong.
std::string verdict(const HttpRequest& request, std::string_view service, std::int64_t now = kNow,
                    std::string_view secret = kSecret) {
  SigningKeys keys;
  const SignatureRules rules{
      .service = service,
      .now_unix_seconds = now,
      .knows_region = [](std::string_view region) { return region != "xx-nowhere-1"; },
      .find_key = [secret](std::string_view id) -> std::optional<AccessKey> {
        if (!id.starts_with("AKI")) return std::nullopt;
        return AccessKey{"ada", kms::SecretBytes::copy_of(secret)};
      }};
  const auto checked = check_signature(request, read_signature(request), rules, keys);
  return checked ? *checked : checked.error().code + ": " + checked.error().message;
}

TEST(SigV4Test, KnowsThePublishedVector) {
  const std::vector<HttpField> fields = {
      {"Host",       "example.amazonaws.com"},
      {"X-Amz-Date", "20150830T123600Z"     }
  };
  const HttpRequest request{.method = "GET", .target = "/", .fields = fields, .body = ""};
  const std::string canonical =
      canonical_request(request, "host;x-amz-date", to_hex(kms::sha256("")));
  EXPECT_EQ(to_hex(kms::sha256(canonical)),
            "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63");
  SigningKeys keys;
  EXPECT_EQ(authorization_header(request, {"", kms::SecretBytes::copy_of(kSecret)}, "AKIDEXAMPLE",
                                 "us-east-1", "service", keys),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SigV4Test, AgreesWithBotocoreAboutTheFormThatIsSigned) {
  ASSERT_GT(vectors().size(), 60U);
  for (const Vector& vector : vectors()) {
    const auto signature = read_signature(vector.request());
    ASSERT_TRUE(signature) << vector.name;
    EXPECT_EQ(canonical_request(vector.request(), signature->signed_headers,
                                to_hex(kms::sha256(vector.body))),
              vector.canonical)
        << vector.name;
  }
}

TEST(SigV4Test, AcceptsWhatBotocoreSigned) {
  for (const Vector& vector : vectors()) {
    EXPECT_EQ(verdict(vector.request(), vector.service, kNow, vector.secret), "ada")
        << vector.name << " " << vector.target;
  }
}

TEST(SigV4Test, SignsAsBotocoreDoes) {
  SigningKeys keys;  // one for all, as a server has it
  for (const Vector& vector : vectors()) {
    if (read_signature(vector.request())->in_query) continue;
    Vector unsigned_one = vector;
    std::erase_if(unsigned_one.fields,
                  [](const HttpField& field) { return field.name == "Authorization"; });
    EXPECT_EQ(authorization_header(unsigned_one.request(), vector.key(), vector.access_key_id,
                                   vector.region, vector.service, keys),
              vector.request().field("Authorization"))
        << vector.name;
  }
}

TEST(SigV4Test, RefusesEveryChangeOfWhatIsSigned) {
  const std::string mismatch =
      "InvalidSignatureException: The request signature we calculated does not match the signature "
      "you provided. Check your AWS Secret Access Key and signing method. Consult the service "
      "documentation for details.";
  for (const Vector& vector : vectors()) {
    Vector other = vector;
    other.method = "PATCH";
    EXPECT_EQ(verdict(other.request(), vector.service, kNow, vector.secret), mismatch);
    other = vector;
    other.body = "other";
    EXPECT_EQ(verdict(other.request(), vector.service, kNow, vector.secret), mismatch);
    other = vector;
    other.fields[0].value = "127.0.0.1:4567";
    EXPECT_EQ(verdict(other.request(), vector.service, kNow, vector.secret), mismatch);
    EXPECT_EQ(verdict(vector.request(), vector.service, kNow, "another secret"), mismatch);
  }
}

// A signed request of which a test changes one thing.
class SigV4CheckTest : public testing::Test {
 protected:
  SigV4CheckTest() { sign(); }

  void sign() {
    fields.erase("Authorization");
    SigningKeys keys;
    const std::vector<HttpField> list = views();
    fields["Authorization"] = authorization_header(
        {.method = "POST", .target = target, .fields = list, .body = body},
        {"ada", kms::SecretBytes::copy_of(kSecret)}, "AKIDEXAMPLE", "eu-west-1", "kms", keys);
  }
  void replace(std::string_view part, std::string_view with) {
    std::string& value = fields["Authorization"];
    value.replace(value.find(part), part.size(), with);
  }
  std::string check(std::int64_t now = kNow) {
    const std::vector<HttpField> list = views();
    return verdict({.method = "POST", .target = target, .fields = list, .body = body}, "kms", now);
  }
  std::vector<HttpField> views() {
    std::vector<HttpField> list;
    for (const auto& [name, value] : fields) list.push_back({name, value});
    return list;
  }

  std::string target = "/";
  std::string body = "{}";
  std::map<std::string, std::string> fields = {
      {"Host",         "127.0.0.1:4566"       },
      {"X-Amz-Date",   "20150830T123600Z"     },
      {"X-Amz-Target", "TrentService.ListKeys"}
  };
};

TEST_F(SigV4CheckTest, AcceptsSeparatorsWithAndWithoutSpaces) {
  EXPECT_EQ(check(), "ada");
  replace(", SignedHeaders", ",SignedHeaders");
  replace(", Signature", ",    Signature");
  EXPECT_EQ(check(), "ada");
}

TEST_F(SigV4CheckTest, WantsOneSignatureAndOnlyOne) {
  target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_EQ(check(),
            "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and "
            "'Authorization' as HTTP header.");
  target = "/";
  const std::string missing =
      "MissingAuthenticationTokenException: Request is missing Authentication Token";
  fields["Authorization"] = "Basic YTpi";
  EXPECT_EQ(check(), missing);
  fields["Authorization"] = "";
  EXPECT_EQ(check(), missing);
  fields.erase("Authorization");
  EXPECT_EQ(check(), missing);
}

TEST_F(SigV4CheckTest, NamesThePartsThatAreMissing) {
  fields["Authorization"] = "AWS4-HMAC-SHA256 Signature=a";
  fields.erase("X-Amz-Date");
  EXPECT_EQ(
      check(),
      "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
      "Authorization header requires 'SignedHeaders' parameter. Authorization header requires "
      "existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 "
      "Signature=a");
  fields.erase("Authorization");
  target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20150830T123600Z&X-Amz-Credential=c";
  EXPECT_EQ(check(),
            "IncompleteSignatureException: AWS query-string parameters must include "
            "'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
            "Re-examine the query-string parameters.");
}

TEST_F(SigV4CheckTest, WantsADateOfItsOwnKind) {
  for (const std::string wrong :
       {"Sun, 30 Aug 2015 12:36:00 GMT", "2015-08-30T12:36:00Z", "20151330T123600Z",
        "20150230T123600Z", "20150830T243600Z", "x"}) {
    fields["X-Amz-Date"] = wrong;
    EXPECT_EQ(check(),
              "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '" +
                  wrong + "'. See http://en.wikipedia.org/wiki/ISO_8601");
  }
}

TEST_F(SigV4CheckTest, ToleratesFiveMinutesOfClockSkew) {
  EXPECT_EQ(check(kNow + 300), "ada");
  EXPECT_EQ(check(kNow - 300), "ada");
  EXPECT_EQ(check(kNow + 301),
            "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than "
            "20150830T123601Z (20150830T124101Z - 5 min.)");
  EXPECT_EQ(check(kNow - 301),
            "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later "
            "than 20150830T123559Z (20150830T123059Z + 5 min.)");
}

TEST_F(SigV4CheckTest, WantsTheHostSignedAndOneAlgorithm) {
  replace("host;", "");
  EXPECT_EQ(check(),
            "InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS Authorization.");
  sign();
  replace("SHA256", "SHA384");
  EXPECT_EQ(check(),
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA384' (only "
            "AWS4-HMAC-SHA256 for now). ");
}

TEST_F(SigV4CheckTest, WantsAScopeThatIsOne) {
  replace("AKIDEXAMPLE/", "");
  EXPECT_EQ(
      check(),
      "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, "
      "e.g. keyid/date/region/service/term, got '20150830/eu-west-1/kms/aws4_request'");
  sign();
  replace("/20150830/eu-west-1/kms/aws4_request", "/20150831/mars/s3/aws5_request");
  EXPECT_EQ(
      check(),
      "InvalidSignatureException: Credential should be scoped to a valid region, not 'mars'. "
      "Credential should be scoped to correct service: 'kms'. Credential should be scoped with a "
      "valid terminator: 'aws4_request', not 'aws5_request'. Date in Credential scope does not "
      "match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from "
      "'20150830T123600Z'.");
}

TEST_F(SigV4CheckTest, KnowsItsRegionsAndItsKeys) {
  const std::string unknown =
      "UnrecognizedClientException: The security token included in the request is invalid.";
  replace("eu-west-1", "xx-nowhere-1");
  EXPECT_EQ(check(), unknown);
  sign();
  replace("AKIDEXAMPLE", "NOBODY");
  EXPECT_EQ(check(), unknown);
  fields["X-Amz-Security-Token"] = "token";
  sign();
  EXPECT_EQ(check(), unknown);
}

TEST_F(SigV4CheckTest, ChecksThePayloadThatWasPromised) {
  fields["X-Amz-Content-Sha256"] = to_hex(kms::sha256(body));
  sign();
  EXPECT_EQ(check(), "ada");
  fields["X-Amz-Content-Sha256"] = to_hex(kms::sha256("other"));
  sign();
  EXPECT_EQ(check(),
            "InvalidSignatureException: The provided 'x-amz-content-sha256' header does not match "
            "what was computed.");
}

TEST(SigV4Test, APresignedRequestIsGoodAsLongAsItSays) {
  const auto presigned = std::ranges::find(vectors(), "presigned"sv, &Vector::name);
  ASSERT_NE(presigned, vectors().end());
  EXPECT_EQ(verdict(presigned->request(), "kms", kNow + 3600), "ada");
  EXPECT_EQ(verdict(presigned->request(), "kms", kNow + 3601),
            "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than "
            "20150830T123601Z (20150830T133601Z - 60 min.)");
}

TEST(SigV4Test, ReadsAndWritesDates) {
  EXPECT_EQ(amz_date(kNow), "20150830T123600Z");
  EXPECT_EQ(parse_amz_date("20150830T123600Z"), kNow);
  EXPECT_EQ(amz_date(0), "19700101T000000Z");
  EXPECT_EQ(parse_amz_date("20240229T235959Z"), 1'709'251'199);
  EXPECT_EQ(amz_date(1'709'251'199), "20240229T235959Z");
  EXPECT_EQ(parse_amz_date("20230229T000000Z"), std::nullopt);
  EXPECT_EQ(parse_amz_date("20150830 123600Z"), std::nullopt);
  EXPECT_EQ(parse_amz_date("2015083aT123600Z"), std::nullopt);
}

}  // namespace
}  // namespace faultline::tools
