#include <gtest/gtest.h>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

struct Example {
  std::string request;
  std::string complaint;
};

TEST(KmsValidationTest, SaysWhatAwsSays) {
  const std::string one = "ValidationException: 1 validation error detected: ";
  const std::string fails = " failed to satisfy constraint: Member must ";
  const std::string key = "key_id: '11111111-2222-3333-4444-555555555555' ";
  const std::vector<Example> examples = {
      {"describe_key { }",                                     one + "Value null at 'keyId'" + fails + "not be null"},
      {"encrypt { " + key + "plaintext: '" + std::string(4097, 'x') + "' }",
       one + "Value at 'plaintext'" + fails + "have length less than or equal to 4096"},
      {"list_keys { limit: 0 }",
       one + "Value '0' at 'limit'" + fails + "have value greater than or equal to 1"                                                                                   },
      {"list_keys { limit: 1001 marker: '' }",
       "ValidationException: 2 validation errors detected: Value '1001' at 'limit'" + fails +
           "have value less than or equal to 1000; Value '' at 'marker'" + fails +
           "have length greater than or equal to 1"},
      {"create_key { tags { tag_key: '' tag_value: 'x' } }",
       one + "Value '' at 'tags.1.member.tagKey'" + fails +
           "have length greater than or equal to 1"                                                                     },
      {"create_key { origin: 'MARS' }",
       one + "Value 'MARS' at 'origin'" + fails +
           "satisfy enum value set: [AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE]"       },
      {"replicate_key { " + key + "replica_region: 'Mars' }",
       one + "Value 'Mars' at 'replicaRegion'" + fails +
           "satisfy regular expression pattern: ^([a-z]+-){2,3}\\d+$"                                               },
      {"untag_resource { " + key + "tag_keys: 'a' tag_keys: '' }",
       one + "Value '' at 'tagKeys.2.member'" + fails + "have length greater than or equal to 1"  },
      {"enable_key_rotation { " + key + "rotation_period_in_days: 89 }",
       one + "Value '89' at 'rotationPeriodInDays'" + fails +
           "have value greater than or equal to 90"                                         },
      {"create_grant { " + key + "grantee_principal: 'a' }",
       one + "Value null at 'operations'" + fails + "not be null"              },
      {"decrypt { }",                                                      one + "Value null at 'ciphertextBlob'" + fails + "not be null"                                                                                },
      {"retire_grant { }",
       "ValidationException: Grant token OR (grant ID, key ID) must be specified"         },
      {"list_keys { marker: 'made up by a client' }",
       "InvalidMarkerException: The marker is invalid."                                                     },
  };
  OtherCalls calls;
  for (const Example& example : examples) {
    EXPECT_EQ(calls.kms_error(example.request), example.complaint) << example.request;
  }
}

// The server prints the enumeration of key specs for a data key's, too.
TEST(KmsValidationTest, ADataKeyHasItsOwnSpecs) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  const std::string error =
      calls.kms_error("generate_data_key { key_id: '" + id + "' key_spec: 'SYMMETRIC_DEFAULT' }");
  EXPECT_TRUE(error.starts_with(
      "ValidationException: 1 validation error detected: Value 'SYMMETRIC_DEFAULT' at 'keySpec' "
      "failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, "))
      << error;
}

TEST(KmsValidationTest, CountsCharactersNotBytes) {
  OtherCalls calls;
  std::string text;
  for (int i = 0; i < 8192; ++i) text += "ü";
  EXPECT_EQ(calls.kms_error("create_key { description: '" + text + "' }"), "OK");
  const std::string id = calls.create_key("description: '" + text + "'");
  EXPECT_EQ(
      calls
          .kms_error("update_key_description { key_id: '" + id + "' description: '" + text + "ü' }")
          .substr(0, 51),
      "ValidationException: 1 validation error detected: V");
}

}  // namespace
}  // namespace faultline::regions
