#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "engine/trace.h"
#include "proto/trace.pb.h"
#include "regions/call_summary.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kPunctuation = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";

class GetRandomPasswordTest : public testing::Test {
 protected:
  std::string password(const std::string& request = "") {
    return api_.ok("get_random_password { " + request + " }")
        .get_random_password()
        .random_password();
  }
  static bool has_any(const std::string& text, std::string_view of) {
    return text.find_first_of(of) != std::string::npos;
  }
  static bool has_only(const std::string& text, const std::string& of) {
    return text.find_first_not_of(of) == std::string::npos;
  }
  std::string error(const std::string& request) {
    return api_.error("get_random_password { " + request + " }");
  }

  SecretsApi api_;
};

TEST_F(GetRandomPasswordTest, HasThirtyTwoCharactersOfEveryTypeAndNoSpace) {
  const std::string all =
      std::string(kLower) + std::string(kUpper) + std::string(kDigits) + std::string(kPunctuation);
  for (int i = 0; i < 20; ++i) {
    const std::string made = password();
    EXPECT_EQ(made.size(), 32U);
    EXPECT_TRUE(has_only(made, all)) << made;
    for (const std::string_view type : {kLower, kUpper, kDigits, kPunctuation}) {
      EXPECT_TRUE(has_any(made, type)) << made << " has none of " << type;
    }
  }
}

TEST_F(GetRandomPasswordTest, HasOneOfEachTypeEvenWhenItIsShort) {
  for (int i = 0; i < 50; ++i) {
    const std::string made = password("password_length: 4");
    ASSERT_EQ(made.size(), 4U);
    for (const std::string_view type : {kLower, kUpper, kDigits, kPunctuation}) {
      EXPECT_TRUE(has_any(made, type)) << made << " has none of " << type;
    }
  }
}

TEST_F(GetRandomPasswordTest, LeavesOutWhatIsExcluded) {
  EXPECT_TRUE(has_only(password("exclude_punctuation: true exclude_numbers: true"),
                       std::string(kLower) + std::string(kUpper)));
  EXPECT_TRUE(has_only(password("exclude_punctuation: true exclude_uppercase: true "
                                "exclude_lowercase: true"),
                       std::string(kDigits)));
  EXPECT_EQ(password("exclude_punctuation: true exclude_uppercase: true exclude_lowercase: true "
                     "exclude_characters: '012345678'"),
            std::string(32, '9'));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(has_any(password("exclude_characters: 'abc/@\"'"), "abc/@\""));
  }
}

TEST_F(GetRandomPasswordTest, MayHaveSpaces) {
  const std::string made = password("password_length: 4096 include_space: true");
  EXPECT_EQ(made.size(), 4096U);
  EXPECT_TRUE(has_any(made, " "));
  EXPECT_FALSE(has_any(password("password_length: 4096"), " "));
  EXPECT_FALSE(has_any(password("password_length: 4096 include_space: true "
                                "exclude_characters: ' '"),
                       " "));
}

TEST_F(GetRandomPasswordTest, UsesItsWholeAlphabet) {
  const std::string made = password("password_length: 4096");
  EXPECT_EQ(std::set<char>(made.begin(), made.end()).size(), 94U);
}

TEST_F(GetRandomPasswordTest, NeedsRoomForTheRequiredTypes) {
  const std::string too_short =
      "InvalidParameterException: Password length is too short based on the required types.";
  EXPECT_EQ(error("password_length: 3"), too_short);
  EXPECT_EQ(error("password_length: 1 exclude_numbers: true exclude_punctuation: true"), too_short);
  EXPECT_EQ(password("password_length: 1 require_each_included_type: false").size(), 1U);
  EXPECT_EQ(password("password_length: 2 exclude_numbers: true exclude_punctuation: true").size(),
            2U);
}

TEST_F(GetRandomPasswordTest, ChecksItsParameters) {
  EXPECT_EQ(error("password_length: 4097"),
            "ValidationException: 1 validation error detected: Value '4097' at 'passwordLength' "
            "failed to satisfy constraint: Member must have value less than or equal to 4096");
  EXPECT_EQ(error("password_length: 0"),
            "ValidationException: 1 validation error detected: Value '0' at 'passwordLength' "
            "failed to satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(error("exclude_numbers: true exclude_punctuation: true exclude_uppercase: true "
                  "exclude_lowercase: true"),
            "InvalidParameterException: No characters are left to make a password of.");
}

TEST_F(GetRandomPasswordTest, IsAnotherOneEveryTimeAndTheSameInTheSameWorld) {
  const std::string first = password();
  const std::string second = password();
  EXPECT_NE(first, second);
  EXPECT_NE(first,
            api_.ok("get_random_password {}", kEast).get_random_password().random_password());
  SecretsApi again;
  EXPECT_EQ(again.ok("get_random_password {}").get_random_password().random_password(), first);
  again.world().crash(kWest);
  again.world().restart(kWest);
  EXPECT_EQ(again.ok("get_random_password {}").get_random_password().random_password(), second);
}

// ---- what the trace may say ---------------------------------------------------------------------

class AllText : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override {
    text += event.SerializeAsString();
    if (event.kind() == v1::CALL_ENDED) digests.insert(event.digest());
  }
  std::string text;
  std::set<std::uint64_t> digests;
};

TEST_F(GetRandomPasswordTest, IsNotInTheTraceNorIsADigestOfIt) {
  AllText trace;
  api_.world().simulation().trace().add_sink(&trace);
  std::set<std::string> made;
  for (int i = 0; i < 8; ++i) made.insert(password("password_length: 8"));
  for (int i = 0; i < 8; ++i) {
    made.insert(password("password_length: 1 require_each_included_type: false"));
  }
  EXPECT_GT(made.size(), 12U);
  for (const std::string& one : made) {
    if (one.size() < 8) continue;
    EXPECT_EQ(trace.text.find(one), std::string::npos) << one;
  }
  EXPECT_EQ(trace.digests.size(), 1U) << "the digest differs from password to password";
}

TEST(CallSummaryTest, OfABatchHasNoValuesInIt) {
  v1::ApiResponse response;
  v1::SecretValueEntry& entry = *response.mutable_batch_get_secret_value()->add_secret_values();
  entry.set_name("db");
  entry.set_secret_string("one");
  const CallSummary one = summarize(response);
  entry.set_secret_string("other");
  EXPECT_EQ(summarize(response).digest, one.digest);
  entry.clear_secret_string();
  entry.set_secret_binary("third");
  EXPECT_EQ(summarize(response).digest, one.digest);
  EXPECT_EQ(one.text, "1 values, 0 errors");
  entry.set_version_id("v2");
  EXPECT_NE(summarize(response).digest, one.digest);
}

}  // namespace
}  // namespace faultline::regions
