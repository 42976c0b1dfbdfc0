// From a request to a call, and from an answer to a response, in AWS's words.
#include "tools/serve/aws_front.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/serve/captured_reply.h"
#include "tests/serve/scripted_backend.h"

namespace faultline::tools {
namespace {

class AwsFrontTest : public testing::Test {
 protected:
  // A whole answer as "400 body"; "closed" when the connection was.
  std::string send() {
    std::vector<HttpField> list;
    for (const auto& [name, value] : fields) list.push_back({name, value});
    const auto reply = std::make_shared<CapturedReply>();
    front.handle({.method = method, .target = target, .fields = list, .body = body},
                 HttpReply(reply));
    if (!reply->response) return reply->dropped ? "closed" : "nothing";
    last = *reply->response;
    return std::to_string(last.status) + " " + last.body;
  }
  std::string send(std::string x_amz_target, std::string text) {
    fields["X-Amz-Target"] = std::move(x_amz_target);
    body = std::move(text);
    return send();
  }
  std::string send_path(std::string path, std::string text) {
    fields.erase("X-Amz-Target");
    fields["Content-Type"] = "application/json";
    target = std::move(path);
    body = std::move(text);
    return send();
  }
  void sign(std::string_view region, std::string_view service,
            std::string_view access_key_id = "AKIDEXAMPLE") {
    fields.erase("Authorization");
    fields["X-Amz-Date"] = "20150830T123600Z";
    std::vector<HttpField> list;
    for (const auto& [name, value] : fields) list.push_back({name, value});
    SigningKeys keys;
    const auto key = backend.find_access_key("AKIDEXAMPLE");
    fields["Authorization"] =
        authorization_header({.method = method, .target = target, .fields = list, .body = body},
                             *key, access_key_id, region, service, keys);
  }

  ScriptedBackend backend;
  AwsFront front{backend, {}};
  std::string method = "POST";
  std::string target = "/";
  std::string body;
  std::map<std::string, std::string> fields = {
      {"Host",         "127.0.0.1:4566"            },
      {"Content-Type", "application/x-amz-json-1.1"}
  };
  HttpResponse last;
};

class VerifyingFrontTest : public AwsFrontTest {
 protected:
  std::string send_verified() {
    AwsFront verifying(backend, {.auth = FrontOptions::Auth::Verify});
    std::vector<HttpField> list;
    for (const auto& [name, value] : fields) list.push_back({name, value});
    const auto reply = std::make_shared<CapturedReply>();
    verifying.handle({.method = method, .target = target, .fields = list, .body = body},
                     HttpReply(reply));
    last = *reply->response;
    return std::to_string(last.status) + " " + last.body;
  }
};

TEST_F(AwsFrontTest, CallsSecretsManager) {
  v1::ApiResponse answer;
  answer.mutable_get_secret_value()->set_name("db");
  answer.mutable_get_secret_value()->set_created_date(1.5);
  backend.secrets_answer = answer;
  EXPECT_EQ(send("secretsmanager.GetSecretValue", R"({"SecretId":"db"})"),
            R"(200 {"Name":"db","CreatedDate":1.5})");
  EXPECT_EQ(backend.secrets_request.get_secret_value().secret_id(), "db");
  EXPECT_EQ(last.content_type, "application/x-amz-json-1.1");
}

TEST_F(AwsFrontTest, CallsKms) {
  v1::KmsResponse answer;
  answer.mutable_encrypt()->set_ciphertext_blob("abc");
  backend.kms_answer = answer;
  EXPECT_EQ(send("TrentService.Encrypt", R"({"KeyId":"k","Plaintext":"YQ=="})"),
            R"(200 {"CiphertextBlob":"YWJj"})");
  EXPECT_EQ(backend.kms_request.encrypt().plaintext(), "a");
}

TEST_F(AwsFrontTest, CallsTheAccountApi) {
  v1::AccountResponse answer;
  answer.mutable_list_regions();
  backend.account_answer = answer;
  EXPECT_EQ(send_path("/listRegions", R"({"MaxResults":5})"), R"(200 {"Regions":[]})");
  EXPECT_EQ(backend.account_request.list_regions().max_results(), 5);
  EXPECT_EQ(last.content_type, "application/json");
  answer.mutable_enable_region();
  backend.account_answer = answer;
  EXPECT_EQ(send_path("/enableRegion", R"({"RegionName":"af-south-1"})"), "200 ");
}

// Every operation by its name, with an empty body.
void expect_all(ScriptedBackend& backend, const google::protobuf::Descriptor& any,
                std::string_view prefix, const std::function<std::string(std::string)>& call,
                const google::protobuf::Message& request) {
  for (int i = 0; i < any.field_count(); ++i) {
    std::string name = any.field(i)->message_type()->name();
    name = name.substr(prefix.size(), name.size() - prefix.size() - std::string("Request").size());
    const int before = backend.calls;
    EXPECT_EQ(call(name).substr(0, 4), "200 ") << name;
    EXPECT_EQ(backend.calls, before + 1) << name;
    EXPECT_TRUE(request.GetReflection()->HasField(request, any.field(i))) << name;
  }
}

TEST_F(AwsFrontTest, KnowsEveryOperation) {
  expect_all(
      backend, *v1::ApiRequest::descriptor(), "",
      [this](const std::string& name) { return send("secretsmanager." + name, "{}"); },
      backend.secrets_request);
  expect_all(
      backend, *v1::KmsRequest::descriptor(), "Kms",
      [this](const std::string& name) { return send("TrentService." + name, ""); },
      backend.kms_request);
  expect_all(
      backend, *v1::AccountRequest::descriptor(), "Account",
      [this](std::string name) {
        name[0] = static_cast<char>(name[0] + ('a' - 'A'));
        return send_path("/" + name, "{}");
      },
      backend.account_request);
  EXPECT_EQ(backend.calls, v1::ApiRequest::descriptor()->field_count() +
                               v1::KmsRequest::descriptor()->field_count() +
                               v1::AccountRequest::descriptor()->field_count());
}

TEST_F(AwsFrontTest, AnswersNothingWhereAwsHasNothingToSay) {
  v1::ApiResponse answer;
  answer.mutable_tag_resource();
  backend.secrets_answer = answer;
  EXPECT_EQ(send("secretsmanager.TagResource", "{}"), "200 ");
}

TEST_F(AwsFrontTest, SaysErrorsAsEachServiceDoes) {
  const auto fail = [](std::string code, std::string text) {
    return tl::make_unexpected(regions::Error{std::move(code), std::move(text)});
  };
  backend.secrets_answer = fail("ResourceNotFoundException", "can't \"find\"");
  EXPECT_EQ(send("secretsmanager.DescribeSecret", "{}"),
            R"(400 {"__type":"ResourceNotFoundException","Message":"can't \"find\""})");
  backend.secrets_answer = fail("InternalServiceError", "An error occurred on the server side.");
  EXPECT_EQ(send("secretsmanager.DescribeSecret", "{}").substr(0, 4), "500 ");
  backend.secrets_answer = fail("EncryptionFailure", "");
  EXPECT_EQ(send("secretsmanager.DescribeSecret", "{}"), R"(400 {"__type":"EncryptionFailure"})");

  backend.kms_answer = fail("NotFoundException", "Invalid keyId 'x'");
  EXPECT_EQ(send("TrentService.DescribeKey", "{}"),
            R"(400 {"__type":"NotFoundException","message":"Invalid keyId 'x'"})");
  backend.kms_answer = fail("InvalidCiphertextException", "");
  EXPECT_EQ(send("TrentService.Decrypt", "{}"), R"(400 {"__type":"InvalidCiphertextException"})");
  for (const auto& [code, status] : std::map<std::string, std::string>{
           {"DependencyTimeoutException", "503 "},
           {"KMSInternalException",       "500 "},
           {"KeyUnavailableException",    "500 "},
           {"ThrottlingException",        "400 "}
  }) {
    backend.kms_answer = fail(code, "");
    EXPECT_EQ(send("TrentService.Decrypt", "{}").substr(0, 4), status) << code;
  }

  for (const auto& [code, status] : std::map<std::string, std::string>{
           {"AccessDeniedException",     "403 "},
           {"ValidationException",       "400 "},
           {"ConflictException",         "409 "},
           {"TooManyRequestsException",  "429 "},
           {"InternalServerException",   "500 "},
           {"ResourceNotFoundException", "404 "}
  }) {
    backend.account_answer = fail(code, "text");
    EXPECT_EQ(send_path("/enableRegion", "{}").substr(0, 4), status) << code;
    EXPECT_NE(last.header_lines.find("x-amzn-ErrorType: " + code + "\r\n"), std::string::npos);
    EXPECT_EQ(last.body, R"({"__type":")" + code + R"(","message":"text"})");
  }
}

TEST_F(AwsFrontTest, ClosesTheConnectionWhenTheWorldDoes) {
  backend.secrets_answer = tl::make_unexpected(regions::Error{"ConnectionClosed", ""});
  EXPECT_EQ(send("secretsmanager.DescribeSecret", "{}"), "closed");
  backend.on_secrets = [](const v1::ApiRequest&, const AwsBackend::SecretsReply&) {};
  EXPECT_EQ(send("secretsmanager.DescribeSecret", "{}"), "closed");
}

TEST_F(AwsFrontTest, NumbersItsAnswersWithUuids) {
  const auto id = [this] {
    send("secretsmanager.ListSecrets", "{}");
    EXPECT_EQ(last.header_lines.substr(0, 18), "x-amzn-RequestId: ");
    return last.header_lines.substr(18, 36);
  };
  const std::string first = id();
  const std::string second = id();
  EXPECT_NE(first, second);
  for (const std::string& text : {first, second}) {
    EXPECT_EQ(text[8], '-');
    EXPECT_EQ(text[14], '4');
    EXPECT_EQ(std::string("89ab").find(text[19]) == std::string::npos, false);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef-"), std::string::npos);
  }
}

TEST_F(AwsFrontTest, RefusesWhatIsNoCall) {
  const std::string not_found = R"(404 {"__type":"UnknownOperationException"})";
  fields["X-Amz-Target"] = "secretsmanager.ListSecrets";
  for (const std::string wrong : {"GET", "HEAD", "PUT", "OPTIONS", "post", "BREW"}) {
    method = wrong;
    EXPECT_EQ(send(), not_found) << wrong;
  }
  method = "POST";
  target = "/somewhere";
  EXPECT_EQ(send(), not_found);
  target = "/?x=y";
  EXPECT_EQ(send().substr(0, 4), "200 ");
  target = "/";
  fields["Content-Type"] = "application/x-www-form-urlencoded";
  body = "Action=ListSecrets";
  EXPECT_EQ(send(), not_found);
  fields["Content-Type"] = "application/x-amz-json-1.1; charset=utf-8";
  body = "{}";
  EXPECT_EQ(send().substr(0, 4), "200 ");
  EXPECT_EQ(backend.calls, 2);
}

TEST_F(AwsFrontTest, RefusesOperationsThatItDoesNotKnow) {
  const std::string unknown = R"(400 {"__type":"UnknownOperationException"})";
  for (const std::string wrong :
       {"secretsmanager.getSecretValue", "secretsmanager.", "secretsmanager",
        "TrentService.GetSecretValue", "secretsmanager.Encrypt", "SecretsManager.ListSecrets",
        "kms.Encrypt", "", "."}) {
    EXPECT_EQ(send(wrong, "{}"), unknown) << wrong;
  }
  EXPECT_EQ(send("secretsmanager.Nope", "{"), R"(400 {"__type":"SerializationException"})");
  EXPECT_EQ(send("secretsmanager.ListSecrets", "{"), R"(400 {"__type":"SerializationException"})");
  EXPECT_EQ(
      send("secretsmanager.ListSecrets", R"({"MaxResults":"x"})"),
      R"(400 {"__type":"SerializationException","Message":"STRING_VALUE cannot be converted to Integer"})");
  EXPECT_EQ(
      send("TrentService.ListKeys", R"({"Limit":"x"})"),
      R"(400 {"__type":"SerializationException","message":"STRING_VALUE cannot be converted to Integer"})");
  EXPECT_EQ(backend.calls, 0);
}

TEST_F(AwsFrontTest, TakesTheRegionFromTheScopeThenTheHostThenTheDefault) {
  send("secretsmanager.ListSecrets", "{}");
  EXPECT_EQ(backend.last_region, "us-east-1");
  EXPECT_EQ(backend.last_principal, "admin");
  for (const std::string host :
       {"secretsmanager.eu-west-1.amazonaws.com", "kms-fips.eu-west-1.amazonaws.com:443"}) {
    fields["Host"] = host;
    send();
    EXPECT_EQ(backend.last_region, "eu-west-1") << host;
  }
  fields["Host"] = "secretsmanager.eu-west-1.example.com";
  send();
  EXPECT_EQ(backend.last_region, "us-east-1");
  fields["Authorization"] =
      "AWS4-HMAC-SHA256 Credential=NOBODY/20150830/eu-west-1/secretsmanager/aws4_request, "
      "SignedHeaders=host, Signature=0";
  send();
  EXPECT_EQ(backend.last_region, "eu-west-1");
  EXPECT_EQ(backend.last_principal, "admin");
  sign("eu-west-1", "secretsmanager");
  send();
  EXPECT_EQ(backend.last_principal, "ada");
}

TEST_F(AwsFrontTest, KnowsNoClientOfARegionThatIsNone) {
  sign("xx-nowhere-1", "secretsmanager");
  EXPECT_EQ(
      send("secretsmanager.ListSecrets", "{}"),
      R"(400 {"__type":"UnrecognizedClientException","Message":"The security token included in the request is invalid."})");
  EXPECT_EQ(backend.calls, 0);
}

TEST_F(VerifyingFrontTest, LetsOnlyThoseThroughWhoSigned) {
  fields["X-Amz-Target"] = "secretsmanager.ListSecrets";
  body = "{}";
  EXPECT_EQ(
      send_verified(),
      R"(400 {"__type":"MissingAuthenticationTokenException","Message":"Request is missing Authentication Token"})");
  sign("eu-west-1", "secretsmanager");
  EXPECT_EQ(send_verified().substr(0, 4), "200 ");
  EXPECT_EQ(backend.last_region, "eu-west-1");
  EXPECT_EQ(backend.last_principal, "ada");
  sign("eu-west-1", "kms");
  EXPECT_EQ(
      send_verified(),
      R"(400 {"__type":"InvalidSignatureException","Message":"Credential should be scoped to correct service: 'secretsmanager'. "})");
  sign("eu-west-1", "secretsmanager", "AKIDOTHER");
  EXPECT_EQ(send_verified().substr(0, 42), R"(400 {"__type":"UnrecognizedClientException)");
  sign("eu-west-1", "secretsmanager");
  body = "{ }";
  EXPECT_EQ(send_verified().substr(0, 40), R"(400 {"__type":"InvalidSignatureException)");
  EXPECT_EQ(backend.calls, 1);
}

TEST_F(VerifyingFrontTest, ReadsTheBodyBeforeItAsksWhoSentItAndItsShapeAfter) {
  fields["X-Amz-Target"] = "TrentService.ListKeys";
  body = "{";
  EXPECT_EQ(send_verified(), R"(400 {"__type":"SerializationException"})");
  body = R"({"Limit":"x"})";
  EXPECT_EQ(send_verified().substr(0, 50), R"(400 {"__type":"MissingAuthenticationTokenException)");
}

TEST_F(VerifyingFrontTest, TheAccountApiIsSignedForARegionThatTheWorldMayNotHave) {
  fields["Content-Type"] = "application/json";
  target = "/getRegionOptStatus";
  body = R"({"RegionName":"eu-west-1"})";
  sign("us-west-2", "account");
  EXPECT_EQ(send_verified().substr(0, 4), "200 ");
  sign("us-west-2", "kms");
  EXPECT_EQ(send_verified().substr(0, 4), "403 ");
}

// ---- for who has been admitted otherwise --------------------------------------------------------

TEST_F(AwsFrontTest, CallsAsWhoeverItIsToldWithoutASignature) {
  AwsFront strict(backend, {.auth = FrontOptions::Auth::Verify});
  const auto send_as = [&](std::string_view region, std::string_view x_amz_target,
                           std::string_view text, std::string_view type) {
    const std::vector<HttpField> list = {
        {"X-Amz-Target", x_amz_target},
        {"Content-Type", type        },
        {"Host",         "elsewhere" }
    };
    const auto reply = std::make_shared<CapturedReply>();
    strict.handle_as(region, "grace",
                     {.method = "POST", .target = "/any/path", .fields = list, .body = text},
                     HttpReply(reply));
    EXPECT_TRUE(reply->response);
    return std::to_string(reply->response->status) + " " + reply->response->body;
  };
  const std::string_view type = "application/x-amz-json-1.1";
  backend.secrets_answer = v1::ApiResponse();
  backend.secrets_answer->mutable_get_secret_value()->set_name("db");
  EXPECT_EQ(send_as("eu-west-1", "secretsmanager.GetSecretValue", R"({"SecretId":"db"})", type),
            R"(200 {"Name":"db"})");
  EXPECT_EQ(backend.last_region, "eu-west-1");
  EXPECT_EQ(backend.last_principal, "grace");
  EXPECT_EQ(backend.secrets_request.get_secret_value().secret_id(), "db");
  backend.secrets_answer = tl::make_unexpected(regions::Error{"ResourceNotFoundException", "No such."});
  EXPECT_EQ(send_as("eu-west-1", "secretsmanager.GetSecretValue", R"({"SecretId":"db"})", type),
            R"(400 {"__type":"ResourceNotFoundException","Message":"No such."})");
  backend.kms_answer = v1::KmsResponse();
  backend.kms_answer->mutable_list_aliases();
  EXPECT_TRUE(send_as("us-east-1", "TrentService.ListAliases", "{}", type).starts_with("200 "));
  EXPECT_EQ(backend.calls, 3);

  EXPECT_TRUE(send_as("mars-1", "secretsmanager.ListSecrets", "{}", type)
                  .starts_with(R"(400 {"__type":"UnrecognizedClientException")"));
  EXPECT_TRUE(send_as("us-east-1", "secretsmanager.ListSecrets", "{", type)
                  .starts_with(R"(400 {"__type":"SerializationException")"));
  EXPECT_EQ(send_as("us-east-1", "secretsmanager.Nothing", "{}", type),
            R"(400 {"__type":"UnknownOperationException"})");
  EXPECT_EQ(send_as("us-east-1", "", "{}", type), R"(400 {"__type":"UnknownOperationException"})");
  EXPECT_EQ(send_as("us-east-1", "secretsmanager.ListSecrets", "{}", "text/plain"),
            R"(404 {"__type":"UnknownOperationException"})");
  EXPECT_EQ(backend.calls, 3) << "nothing of this was executed";
}

}  // namespace
}  // namespace faultline::tools
