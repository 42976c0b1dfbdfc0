#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class TagsTest : public testing::Test {
 protected:
  TagsTest() {
    api_.ok(
        "create_secret { name: 'db' tags { key: 'a' value: '1' } tags { key: 'b' value: '2' } }");
  }
  // "a=1 b=2".
  std::string tags() {
    std::string text;
    const v1::DescribeSecretResponse described = api_.describe();
    for (const auto& tag : described.tags().values()) {
      const auto& fields = tag.struct_value().fields();
      text += (text.empty() ? "" : " ") + fields.at("Key").string_value() + "=" +
              fields.at("Value").string_value();
    }
    return text;
  }
  std::string tag(const std::string& more) {
    return api_.error("tag_resource { secret_id: 'db' " + more + " }");
  }

  SecretsApi api_;
};

TEST_F(TagsTest, KeepTheOrderOfFirstInsertion) {
  EXPECT_EQ(tag("tags { key: 'c' value: '3' } tags { key: 'a' value: '4' }"), "OK");
  EXPECT_EQ(tags(), "a=4 b=2 c=3");
}

TEST_F(TagsTest, AreRemovedByKey) {
  api_.ok("untag_resource { secret_id: 'db' tag_keys: 'a' tag_keys: 'nothing' }");
  EXPECT_EQ(tags(), "b=2");
}

TEST_F(TagsTest, ThatAreNotThereChangeNothing) {
  const double changed = api_.describe().last_changed_date();
  api_.ok("untag_resource { secret_id: 'db' tag_keys: 'nothing' }");
  EXPECT_EQ(api_.describe().last_changed_date(), changed);
}

TEST_F(TagsTest, AreAtMostFifty) {
  std::string many;
  for (int i = 0; i < 48; ++i) many += "tags { key: 'k" + std::to_string(i) + "' } ";
  EXPECT_EQ(tag(many), "OK");
  EXPECT_EQ(tag("tags { key: 'one-more' }"),
            "InvalidParameterException: You can't have more than 50 tags on a secret.");
  EXPECT_EQ(tag("tags { key: 'a' value: 'changed' }"), "OK");
}

TEST_F(TagsTest, AreChecked) {
  EXPECT_TRUE(
      tag("").starts_with("ValidationException: 1 validation error detected: Value null "
                          "at 'tags'"));
  EXPECT_TRUE(tag("tags { value: 'x' }").starts_with("ValidationException"));
  EXPECT_TRUE(tag("tags { key: 'aws:x' }").starts_with("InvalidParameterException"));
  EXPECT_TRUE(api_.error("untag_resource { secret_id: 'db' }").starts_with("ValidationException"));
}

}  // namespace
}  // namespace faultline::regions
