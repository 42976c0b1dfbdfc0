// The messages of the API are the bodies of AWS JSON 1.1: every member of every request and
// response, read from and written as AWS shapes them.
#include <gtest/gtest.h>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "proto/secrets_manager.pb.h"

namespace faultline::v1 {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// As the endpoint reads a body.
bool read(const std::string& json, Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(json, &message, options).ok();
}

std::string written(const Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

google::protobuf::Value tree(const std::string& json) {
  google::protobuf::Value value;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &value).ok()) << json;
  return value;
}

// Members that a body leaves out.
std::string missing(const Message& message) {
  std::string names;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    const bool there = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                                            : message.GetReflection()->HasField(message, field);
    if (!there) names += " " + field->json_name();
  }
  return names;
}

// A body with every member: read, complete, and the same when written.
template <class Shape>
void round_trip(const std::string& json) {
  Shape message;
  ASSERT_TRUE(read(json, message)) << json;
  EXPECT_EQ(missing(message), "") << Shape::descriptor()->name();
  EXPECT_TRUE(MessageDifferencer::Equals(tree(json), tree(written(message))))
      << json << "\n became \n"
      << written(message);
}

constexpr const char* kArn =
    R"("ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf", "Name": "db")";
constexpr const char* kReplicas = R"("ReplicationStatus": [{
    "Region": "us-east-1", "KmsKeyId": "alias/replica", "Status": "Failed",
    "StatusMessage": "Replication failed: Access to KMS is not allowed",
    "LastAccessedDate": 1523923200}])";
constexpr const char* kAddReplicas =
    R"("AddReplicaRegions": [{"Region": "us-east-1", "KmsKeyId": "alias/replica"}],
       "ForceOverwriteReplicaSecret": true)";
constexpr const char* kToken = R"("ClientRequestToken": "EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE")";
constexpr const char* kValues = R"("SecretBinary": "Zm9vdGVzdA==", "SecretString": "hunter2")";

std::string body(std::initializer_list<std::string> members) {
  std::string json = "{";
  for (const std::string& member : members) json += (json.size() > 1 ? ", " : "") + member;
  return json + "}";
}

TEST(AwsJsonTest, ShapesTheValuesOfASecret) {
  round_trip<CreateSecretRequest>(
      body({R"("Name": "db")", kToken, R"("Description": "a database", "KmsKeyId": "alias/mine")",
            kValues, R"("Tags": [{"Key": "team", "Value": "blue"}])", kAddReplicas,
            R"("Type": "partner")"}));
  round_trip<CreateSecretResponse>(body({kArn, R"("VersionId": "v1")", kReplicas}));
  round_trip<PutSecretValueRequest>(
      body({R"("SecretId": "db")", kToken, kValues, R"("VersionStages": ["AWSCURRENT", "blue"])",
            R"("RotationToken": "01234567-89ab-cdef-0123-456789abcdef")"}));
  round_trip<PutSecretValueResponse>(
      body({kArn, R"("VersionId": "v2", "VersionStages": ["AWSCURRENT"])"}));
  round_trip<GetSecretValueRequest>(
      R"({"SecretId": "db", "VersionId": "v1", "VersionStage": "AWSCURRENT"})");
  round_trip<GetSecretValueResponse>(body(
      {kArn, kValues,
       R"("VersionId": "v1", "VersionStages": ["AWSCURRENT"], "CreatedDate": 1523477145.713)"}));
  round_trip<UpdateSecretRequest>(
      body({R"("SecretId": "db")", kToken, R"("Description": "", "KmsKeyId": "")", kValues,
            R"("Type": "partner")"}));
  round_trip<UpdateSecretResponse>(body({kArn, R"("VersionId": "v3")"}));
  round_trip<UpdateSecretVersionStageRequest>(
      R"({"SecretId": "db", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": "v2",
          "MoveToVersionId": "v1"})");
  round_trip<UpdateSecretVersionStageResponse>(body({kArn}));
}

TEST(AwsJsonTest, ShapesDescriptions) {
  const std::string described =
      R"json("Description": "a database", "KmsKeyId": "alias/mine", "LastChangedDate": 1523477145.729,
         "LastAccessedDate": 1523923200, "DeletedDate": 1526069145.5,
         "Tags": [{"Key": "team", "Value": "blue"}], "CreatedDate": 1523477145.713,
         "PrimaryRegion": "us-west-2", "Type": "partner", "OwningService": "rds",
         "RotationEnabled": true, "RotationLambdaARN": "arn:aws:lambda:us-west-2:1:function:f",
         "RotationRules": {"AutomaticallyAfterDays": "10", "Duration": "3h",
                           "ScheduleExpression": "rate(10 days)"},
         "ExternalSecretRotationMetadata": [{"Key": "user", "Value": "app"}],
         "ExternalSecretRotationRoleArn": "arn:aws:iam::1:role/r",
         "LastRotatedDate": 1523477145.5, "NextRotationDate": 1524477145.5)json";
  round_trip<DescribeSecretRequest>(R"({"SecretId": "db"})");
  round_trip<DescribeSecretResponse>(
      body({kArn, described, R"("VersionIdsToStages": {"v1": ["AWSPREVIOUS"], "v2": ["AWSCURRENT",
            "AWSPENDING"]})",
            kReplicas}));
  round_trip<ListSecretsRequest>(
      R"({"IncludePlannedDeletion": true, "MaxResults": 10, "NextToken": "abc",
          "Filters": [{"Key": "name", "Values": ["a", "!b"]}], "SortBy": "name",
          "SortOrder": "desc"})");
  round_trip<ListSecretsResponse>(
      body({R"("SecretList": [{)" + std::string(kArn) + ", " + described +
                R"(, "SecretVersionsToStages": {"v1": ["AWSCURRENT"]}}])",
            R"("NextToken": "abc")"}));
  round_trip<ListSecretVersionIdsRequest>(
      R"({"SecretId": "db", "MaxResults": 1, "NextToken": "abc", "IncludeDeprecated": false})");
  round_trip<ListSecretVersionIdsResponse>(
      body({kArn, R"("Versions": [{"VersionId": "v1", "VersionStages": ["AWSCURRENT"],
        "LastAccessedDate": 1523923200, "CreatedDate": 1523477145.713,
        "KmsKeyIds": ["DefaultEncryptionKey"]}], "NextToken": "abc")"}));
}

TEST(AwsJsonTest, ShapesTheLifeOfASecret) {
  round_trip<DeleteSecretResponse>(body({kArn, R"("DeletionDate": 1526069145.713)"}));
  round_trip<RestoreSecretRequest>(R"({"SecretId": "db"})");
  round_trip<RestoreSecretResponse>(body({kArn}));
  round_trip<TagResourceRequest>(
      R"({"SecretId": "db", "Tags": [{"Key": "team", "Value": "blue"}]})");
  round_trip<TagResourceResponse>("{}");
  round_trip<UntagResourceRequest>(R"({"SecretId": "db", "TagKeys": ["team"]})");
  round_trip<UntagResourceResponse>("{}");
  round_trip<ApiError>(R"({"__type": "ResourceNotFoundException", "Message": "no"})");
}

TEST(AwsJsonTest, ShapesBatchesAndPasswords) {
  round_trip<BatchGetSecretValueRequest>(
      R"({"SecretIdList": ["db"], "Filters": [{"Key": "name", "Values": ["a"]}], "MaxResults": 5,
          "NextToken": "abc"})");
  round_trip<BatchGetSecretValueResponse>(
      body({R"("SecretValues": [{)" + std::string(kArn) + ", " + kValues +
                R"(, "VersionId": "v1", "VersionStages": ["AWSCURRENT"],
                    "CreatedDate": 1523477145.713}])",
            R"("NextToken": "abc", "Errors": [{"SecretId": "none",
               "ErrorCode": "ResourceNotFoundException", "Message": "no"}])"}));
  round_trip<GetRandomPasswordRequest>(
      R"({"PasswordLength": "24", "ExcludeCharacters": "/@", "ExcludeNumbers": true,
          "ExcludePunctuation": true, "ExcludeUppercase": true, "ExcludeLowercase": false,
          "IncludeSpace": true, "RequireEachIncludedType": false})");
  round_trip<GetRandomPasswordResponse>(R"({"RandomPassword": "x"})");
}

TEST(AwsJsonTest, ShapesReplication) {
  const std::string arn =
      R"("ARN": "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf")";
  round_trip<ReplicateSecretToRegionsRequest>(body({R"("SecretId": "db")", kAddReplicas}));
  round_trip<ReplicateSecretToRegionsResponse>(body({arn, kReplicas}));
  round_trip<RemoveRegionsFromReplicationRequest>(
      R"({"SecretId": "db", "RemoveReplicaRegions": ["us-east-1"]})");
  round_trip<RemoveRegionsFromReplicationResponse>(body({arn, kReplicas}));
  round_trip<StopReplicationToReplicaRequest>(R"({"SecretId": "db"})");
  round_trip<StopReplicationToReplicaResponse>(body({arn}));
}

// The only 64-bit integer is in a request: protobuf would write it as a string, but we only read
// it.
TEST(AwsJsonTest, ReadsARecoveryWindowAsANumber) {
  DeleteSecretRequest request;
  ASSERT_TRUE(read(R"({"SecretId": "db", "RecoveryWindowInDays": 7,
                       "ForceDeleteWithoutRecovery": false})",
                   request));
  EXPECT_EQ(missing(request), "");
  EXPECT_EQ(request.recovery_window_in_days(), 7);
}

TEST(AwsJsonTest, CarriesBlobsAsBase64) {
  GetSecretValueResponse response;
  response.set_secret_binary("footest");
  EXPECT_EQ(written(response), R"({"SecretBinary":"Zm9vdGVzdA=="})");
  ASSERT_TRUE(read(R"({"SecretBinary": "Zm9vdGVzdA=="})", response));
  EXPECT_EQ(response.secret_binary(), "footest");
}

TEST(AwsJsonTest, WritesTimeStampsAsPlainNumbers) {
  GetSecretValueResponse response;
  response.set_created_date(1523477145.713);
  EXPECT_EQ(written(response), R"({"CreatedDate":1523477145.713})");
  response.set_created_date(1523923200);
  EXPECT_EQ(written(response), R"({"CreatedDate":1523923200})");
}

TEST(AwsJsonTest, IgnoresMembersThatItDoesNotKnow) {
  CreateSecretRequest request;
  ASSERT_TRUE(read(R"({"Name": "db", "Type": "partner", "Nested": {"a": [1, null]}})", request));
  EXPECT_EQ(request.name(), "db");
}

TEST(AwsJsonTest, TakesNullForAbsent) {
  CreateSecretRequest request;
  ASSERT_TRUE(read(R"({"Name": "db", "SecretString": null, "Tags": null})", request));
  EXPECT_FALSE(request.has_secret_string());
  EXPECT_TRUE(request.tags().empty());
}

TEST(AwsJsonTest, TellsAnEmptyMemberFromAnAbsentOne) {
  UpdateSecretRequest request;
  ASSERT_TRUE(read(R"({"SecretId": "db", "KmsKeyId": ""})", request));
  EXPECT_TRUE(request.has_kms_key_id());
  EXPECT_FALSE(request.has_description());
}

TEST(AwsJsonTest, LeavesOutWhatIsNotThereButNotTheEmptyTagsOfATaggedSecret) {
  DescribeSecretResponse response;
  response.set_name("db");
  EXPECT_EQ(written(response), R"({"Name":"db"})");
  response.mutable_tags();
  EXPECT_EQ(written(response), R"({"Name":"db","Tags":[]})");
}

TEST(AwsJsonTest, RefusesWhatIsNoObject) {
  CreateSecretRequest request;
  EXPECT_FALSE(read("", request));
  EXPECT_FALSE(read("[]", request));
  EXPECT_FALSE(read(R"({"Name": 7)", request));
  EXPECT_FALSE(read(R"({"Name": {"a": 1}})", request));
}

}  // namespace
}  // namespace faultline::v1
