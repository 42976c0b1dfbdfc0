#include "regions/rotation/json_members.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

TEST(JsonMembers, FindsATextOfTheOutermostObject) {
  EXPECT_EQ(json_text_member(R"({"password":"a"})", "password"), "a");
  EXPECT_EQ(json_text_member(R"( { "n" : 1 , "password" : "a\"b" } )", "password"), R"(a\"b)");
  EXPECT_EQ(
      json_text_member(R"({"in":{"password":"no"},"list":["}"],"password":"yes"})", "password"),
      "yes");
  EXPECT_EQ(json_text_member(R"({"password":7})", "password"), std::nullopt);
  EXPECT_EQ(json_text_member(R"({"in":{"password":"no"}})", "password"), std::nullopt);
  EXPECT_EQ(json_text_member("{}", "password"), std::nullopt);
}

TEST(JsonMembers, TextThatIsNoObjectHasNone) {
  for (const char* const text :
       {"", "password", "[\"password\"]", R"({"password":"a")", R"({"password":"a"} x)",
        R"({"password":"a)", R"({"password" "a"})", R"({"password":"a",})",
        R"({"a":[1,"password":"b"})", R"({"password":"a\)"}) {
    EXPECT_EQ(json_text_member(text, "password"), std::nullopt) << text;
  }
}

TEST(JsonMembers, ReplacesAndLeavesTheRest) {
  EXPECT_EQ(with_json_text_member(R"({"username": "app", "password" :"old","port":5432})",
                                  "password", "new"),
            R"({"username": "app", "password" :"new","port":5432})");
  EXPECT_EQ(with_json_text_member("hunter2", "password", "new"), std::nullopt);
}

}  // namespace
}  // namespace faultline::regions
