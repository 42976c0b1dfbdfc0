#include "tools/serve/aws_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "tools/serve/base64.h"

namespace faultline::tools {
namespace {

using namespace std::string_view_literals;
using google::protobuf::Message;

std::string written(const Message& message) {
  std::string json;
  append_aws_json(message, json);
  return json;
}

// "" when it can be read; otherwise "syntax" or the text about its shape.
std::string trouble(std::string_view body, Message& message) {
  const auto read = read_aws_json(body, message);
  if (read) return {};
  return read.error().kind == JsonProblem::Kind::Syntax ? "syntax" + read.error().text
                                                        : read.error().text;
}
template <class Shape>
std::string trouble(std::string_view body) {
  Shape message;
  return trouble(body, message);
}

TEST(AwsJsonTest, ReadsEveryKindOfMember) {
  v1::CreateSecretRequest request;
  ASSERT_EQ(
      trouble(R"({"Name":"db","SecretBinary":"Zm9vdGVzdA==","ForceOverwriteReplicaSecret":true,
      "Tags":[{"Key":"a","Value":""}],"AddReplicaRegions":[{"Region":"r"},{"Region":"s","KmsKeyId":"k"}]})",
              request),
      "");
  EXPECT_EQ(request.name(), "db");
  EXPECT_EQ(request.secret_binary(), "footest");
  EXPECT_TRUE(request.force_overwrite_replica_secret());
  ASSERT_EQ(request.tags_size(), 1);
  EXPECT_TRUE(request.tags(0).has_value());
  EXPECT_EQ(request.add_replica_regions(1).kms_key_id(), "k");

  v1::KmsEncryptRequest encrypt;
  ASSERT_EQ(trouble(R"({"EncryptionContext":{"b":"2","a":"1"},"Plaintext":""})", encrypt), "");
  EXPECT_EQ(encrypt.encryption_context().at("a"), "1");
  EXPECT_EQ(encrypt.encryption_context().size(), 2U);
  EXPECT_TRUE(encrypt.has_plaintext());
  EXPECT_EQ(written(encrypt), R"({"Plaintext":"","EncryptionContext":{"a":"1","b":"2"}})");
}

TEST(AwsJsonTest, PassesOverWhatItDoesNotKnowAndTakesNullForAbsent) {
  v1::CreateSecretRequest request;
  ASSERT_EQ(trouble(R"({"name":"no","Nope":{"a":[1,{"b":null}]},"Name":"db","SecretString":null,
                        "Tags":null,"AddReplicaRegions":[null]})",
                    request),
            "");
  EXPECT_EQ(written(request), R"({"Name":"db"})");
}

TEST(AwsJsonTest, TakesNothingForAnEmptyObject) {
  for (const std::string_view body : {"", " ", "\r\n\t", "{}"}) {
    v1::ListSecretsRequest request;
    EXPECT_EQ(trouble(body, request), "");
    EXPECT_EQ(written(request), "{}");
  }
}

TEST(AwsJsonTest, OfAMemberThatComesTwiceTheLastOneCounts) {
  v1::CreateSecretRequest request;
  ASSERT_EQ(
      trouble(R"({"Name":"a","Tags":[{"Key":"x"},{"Key":"y"}],"Name":"b","Tags":[]})", request),
      "");
  EXPECT_EQ(request.name(), "b");
  EXPECT_EQ(request.tags_size(), 0);
}

TEST(AwsJsonTest, ReadsNumbersAsFarAsTheyFit) {
  const auto window = [](std::string_view number) {
    v1::DeleteSecretRequest request;
    const std::string text =
        trouble(R"({"RecoveryWindowInDays":)" + std::string(number) + "}", request);
    return text.empty() ? std::to_string(request.recovery_window_in_days()) : text;
  };
  EXPECT_EQ(window("7"), "7");
  EXPECT_EQ(window("7.9"), "7");
  EXPECT_EQ(window("-7.9"), "-7");
  EXPECT_EQ(window("1e1"), "10");
  EXPECT_EQ(window("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(window("9223372036854775808"), "NUMBER_VALUE cannot be converted to Long");
  EXPECT_EQ(window("1e19"), "DECIMAL_VALUE cannot be converted to Long");
  EXPECT_EQ(window("1e300"), "DECIMAL_VALUE cannot be converted to Long");
  EXPECT_EQ(window("1e999"), "DECIMAL_VALUE cannot be converted to Long");
  EXPECT_EQ(window("-1e999"), "DECIMAL_VALUE cannot be converted to Long");
  EXPECT_EQ(window("1e-400"), "0");
  EXPECT_EQ(window("07"), "syntax");
  EXPECT_EQ(window("NaN"), "syntax");

  v1::ListSecretsRequest list;
  EXPECT_EQ(trouble(R"({"MaxResults":2147483648})", list),
            "NUMBER_VALUE cannot be converted to Integer");
}

TEST(AwsJsonTest, SaysWhichTypeItCannotTake) {
  using Create = v1::CreateSecretRequest;
  EXPECT_EQ(trouble<Create>(R"({"Name":7})"), "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(trouble<Create>(R"({"Name":7.5})"), "DECIMAL_VALUE cannot be converted to String");
  EXPECT_EQ(trouble<Create>(R"({"Name":true})"), "TRUE_VALUE cannot be converted to String");
  EXPECT_EQ(trouble<Create>(R"({"Name":[]})"), "Start of list found where not expected");
  EXPECT_EQ(trouble<Create>(R"({"Name":{}})"),
            "Start of structure or map found where not expected");
  EXPECT_EQ(trouble<Create>(R"({"Tags":{}})"),
            "Start of structure or map found where not expected");
  EXPECT_EQ(trouble<Create>(R"({"Tags":"x"})"), "Unexpected field type");
  EXPECT_EQ(trouble<Create>(R"({"Tags":["x"]})"), "Unexpected field type");
  EXPECT_EQ(trouble<Create>(R"({"SecretBinary":"abc"})"),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3");
  EXPECT_EQ(trouble<Create>(R"({"ForceOverwriteReplicaSecret":"true"})"),
            "STRING_VALUE cannot be converted to Boolean");
  EXPECT_EQ(trouble<v1::KmsEncryptRequest>(R"({"EncryptionContext":{"a":1}})"),
            "NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(trouble<Create>("[]"), "Start of list found where not expected");
  EXPECT_EQ(trouble<Create>("\"x\""), "Unexpected field type");
}

TEST(AwsJsonTest, RefusesWhatIsNoJson) {
  const std::string deep(100'000, '[');
  const std::string deep_objects = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += R"({"a":)";
    return text;
  }();
  for (const std::string_view body :
       {std::string_view("{"), std::string_view("}"), std::string_view(R"({"Name":)"),
        std::string_view(R"({"Name":"a"}x)"), std::string_view("{'Name':'a'}"),
        std::string_view(R"({"Name":"a",})"), std::string_view("{\"Name\":\"\xff\"}"),
        std::string_view("{\"Name\":\"\xed\xa0\x80\"}"), std::string_view(R"({"Name":"\ud800"})"),
        std::string_view("{\"Name\":\"a\nb\"}"), std::string_view(R"({"Name":"\x"})"),
        std::string_view("{\"Name\":\"a\0b\"}", 13), std::string_view(deep),
        std::string_view(deep_objects), std::string_view("nul"),
        std::string_view("\xef\xbb\xbf{}")}) {
    EXPECT_EQ(trouble<v1::CreateSecretRequest>(body), "syntax") << body.substr(0, 40);
    EXPECT_FALSE(is_json(body)) << body.substr(0, 40);
  }
  EXPECT_TRUE(is_json(R"([1, {"a": null}])"));
  EXPECT_TRUE(is_json(""));
}

TEST(AwsJsonTest, KeepsTextAsItIs) {
  v1::CreateSecretRequest request;
  const std::string body =
      "{\"SecretString\":\"\\u0000\\u001f \\\"\\\\\\/\\b\\f\\n\\r\\t \\u00e9\\ud83d\\ude00 "
      "\xe2\x82\xac\"}";
  ASSERT_EQ(trouble(body, request), "");
  EXPECT_EQ(request.secret_string(),
            "\0\x1f \"\\/\b\f\n\r\t \xc3\xa9\xf0\x9f\x98\x80 \xe2\x82\xac"sv);
  EXPECT_EQ(written(request),
            "{\"SecretString\":\"\\u0000\\u001f \\\"\\\\/\\b\\f\\n\\r\\t \xc3\xa9\xf0\x9f\x98\x80 "
            "\xe2\x82\xac\"}");
}

TEST(AwsJsonTest, WritesNoBytesThatAreNoText) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
  };
  EXPECT_EQ(quoted("a\xff"
                   "b"),
            R"("a\ufffdb")");
  EXPECT_EQ(quoted("\xc3\xa9\xe2\x82"), "\"\xc3\xa9\\ufffd\\ufffd\"");
  for (const std::string_view wrong : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                                       "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_TRUE(is_json(quoted(wrong)));
    EXPECT_EQ(quoted(wrong).substr(0, 7), R"("\ufffd)");
  }
  for (const std::string_view right : {"\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(quoted(right), '"' + std::string(right) + '"');
    EXPECT_TRUE(is_json(quoted(right)));
  }
}

TEST(AwsJsonTest, WritesTimeStampsWithThousandthsAndWithoutExponents) {
  const auto shown = [](double date) {
    v1::GetSecretValueResponse response;
    response.set_created_date(date);
    return written(response);
  };
  EXPECT_EQ(shown(1'523'477'145.713), R"({"CreatedDate":1523477145.713})");
  EXPECT_EQ(shown(1'523'923'200), R"({"CreatedDate":1523923200})");
  EXPECT_EQ(shown(1'767'225'600.05), R"({"CreatedDate":1767225600.05})");
  EXPECT_EQ(shown(1'767'225'600.9996), R"({"CreatedDate":1767225601})");
  EXPECT_EQ(shown(0), R"({"CreatedDate":0})");
  EXPECT_EQ(shown(-0.5), R"({"CreatedDate":-0.5})");
  EXPECT_EQ(shown(1e300), R"({"CreatedDate":9000000000000})");
  EXPECT_EQ(shown(std::numeric_limits<double>::infinity()), R"({"CreatedDate":0})");
  EXPECT_EQ(shown(std::numeric_limits<double>::quiet_NaN()), R"({"CreatedDate":0})");
}

TEST(AwsJsonTest, WritesEmptyListsOnlyWhereAwsDoes) {
  EXPECT_EQ(written(v1::ListSecretsResponse()), R"({"SecretList":[]})");
  EXPECT_EQ(written(v1::BatchGetSecretValueResponse()), R"({"SecretValues":[],"Errors":[]})");
  EXPECT_EQ(written(v1::CreateSecretResponse()), "{}");
  v1::DescribeSecretResponse described;
  EXPECT_EQ(written(described), "{}");
  described.mutable_tags();
  EXPECT_EQ(written(described), R"({"Tags":[]})");
}

TEST(AwsJsonTest, WritesMapsOfListsInTheOrderOfTheirKeys) {
  v1::DescribeSecretResponse described;
  auto& stages = *described.mutable_version_ids_to_stages();
  stages["v2"].add_values()->set_string_value("AWSCURRENT");
  stages["v1"].add_values()->set_string_value("AWSPREVIOUS");
  stages["v1"].add_values()->set_string_value("mine");
  const std::string json =
      R"({"VersionIdsToStages":{"v1":["AWSPREVIOUS","mine"],"v2":["AWSCURRENT"]}})";
  EXPECT_EQ(written(described), json);
  v1::DescribeSecretResponse again;
  ASSERT_EQ(trouble(json, again), "");
  EXPECT_EQ(written(again), json);
}

TEST(Base64Test, IsTheStandardOne) {
  // RFC 4648, section 10.
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"",         ""        },
      {"f",        "Zg=="    },
      {"fo",       "Zm8="    },
      {"foo",      "Zm9v"    },
      {"foob",     "Zm9vYg=="},
      {"fooba",    "Zm9vYmE="},
      {"foobar",   "Zm9vYmFy"},
      {"\xfb\xff", "+/8="    }
  };
  for (const auto& [plain, coded] : vectors) {
    std::string out;
    append_base64(plain, out);
    EXPECT_EQ(out, coded);
    EXPECT_EQ(from_base64(coded), std::string(plain));
  }
  for (const std::string_view wrong : {"Zg", "Zg=", "Z===", "====", "Zm9v=", "Z=8=", "Zm-_",
                                       "Zm9v\n", "Zm 9", "Zh==", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(from_base64(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace faultline::tools
