// Filters as they were recorded from the service, order, and page tokens.
#include "regions/api/list_filters.h"

#include <gtest/gtest.h>

namespace faultline::regions::api {
namespace {

Listed named(const std::string& name, const std::string& description = "") {
  Listed listed;
  listed.secret.set_name(name);
  if (!description.empty()) listed.secret.set_description(description);
  return listed;
}

v1::Filter filter(const std::string& key, const std::vector<std::string>& values) {
  v1::Filter made;
  made.set_key(key);
  for (const std::string& value : values) made.add_values(value);
  return made;
}

bool name_matches(const std::string& name, const std::vector<std::string>& values) {
  return matches(filter("name", values), named(name));
}

bool description_matches(const std::string& description, const std::string& value) {
  return matches(filter("description", {value}), named("db", description));
}

bool all_matches(const std::string& name, const std::string& value) {
  return matches(filter("all", {value}), named(name));
}

TEST(NameFilterTest, ComparesTheBeginningLetterForLetter) {
  EXPECT_TRUE(name_matches("production/DBWest", {"production/DB"}));
  EXPECT_FALSE(name_matches("production/DBWest", {"Production"}));
  EXPECT_FALSE(name_matches("production/DBWest", {"DBWest"}));
  EXPECT_FALSE(name_matches("testing1", {"testing1 one"}));
}

TEST(NameFilterTest, NeedsOneOfItsValues) {
  EXPECT_TRUE(name_matches("b", {"a", "b"}));
  EXPECT_FALSE(name_matches("c", {"a", "b"}));
}

TEST(NameFilterTest, IsTurnedRoundByAnExclamationMark) {
  EXPECT_TRUE(name_matches("db", {"!/"}));
  EXPECT_FALSE(name_matches("/db", {"!/"}));
  EXPECT_TRUE(name_matches("/db", {"!/", "/d"}));
}

TEST(DescriptionFilterTest, FindsWordsByTheirBeginning) {
  for (const char* description : {"a secret", "an secret", "asecret"}) {
    EXPECT_TRUE(description_matches(description, "a")) << description;
  }
  EXPECT_FALSE(description_matches("thesecret", "a"));
  EXPECT_TRUE(description_matches("one and two", "one two"));
  EXPECT_TRUE(description_matches("one and two", "o t"));
  EXPECT_FALSE(description_matches("one and two", "one three"));
  EXPECT_TRUE(description_matches("A Secret", "sec"));
}

TEST(DescriptionFilterTest, IsTurnedRoundByAnExclamationMark) {
  for (const char* description : {"a secret", "an secret", "asecret", "thesecret"}) {
    EXPECT_TRUE(description_matches(description, "!c")) << description;
  }
  EXPECT_FALSE(description_matches("a cat", "!c"));
}

TEST(AllFilterTest, SplitsNamesAtOneKindOfSeparatorAndAtCapitals) {
  EXPECT_EQ(words_of("AppBeta"), (std::vector<std::string>{"App", "Beta"}));
  EXPECT_EQ(words_of("COMPANYthings"), (std::vector<std::string>{"COMPAN", "Ythings"}));
  EXPECT_EQ(words_of("my/secret/name"), (std::vector<std::string>{"my", "secret", "name"}));
  EXPECT_EQ(words_of("my/secret+name"), std::vector<std::string>{"my/secret+name"});
  EXPECT_EQ(words_of("one two"), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(words_of("-").empty());
}

TEST(AllFilterTest, LooksEverywhere) {
  Listed listed = named("MyApp", "the database");
  v1::Tag& tag = *listed.secret.add_tags();
  tag.set_key("team");
  tag.set_value("blue");
  for (const char* value : {"app", "data", "TEAM", "blu"}) {
    EXPECT_TRUE(matches(filter("all", {value}), listed)) << value;
  }
  EXPECT_FALSE(matches(filter("all", {"green"}), listed));
  EXPECT_FALSE(matches(filter("all", {"the blue"}), listed));  // words of one attribute
}

TEST(AllFilterTest, FindsNoInfixAndNoLoneSeparator) {
  EXPECT_FALSE(all_matches("Secret", "ret"));
  EXPECT_FALSE(all_matches("my-secret", "-"));
  EXPECT_TRUE(all_matches("my-secret", "SEC"));
}

TEST(TagFilterTest, LooksAtEachTag) {
  Listed listed = named("db");
  for (const auto& [key, value] : {std::pair("team", "blue"), std::pair("env", "prod")}) {
    v1::Tag& tag = *listed.secret.add_tags();
    tag.set_key(key);
    tag.set_value(value);
  }
  EXPECT_TRUE(matches(filter("tag-key", {"en"}), listed));
  EXPECT_FALSE(matches(filter("tag-key", {"prod"}), listed));
  EXPECT_TRUE(matches(filter("tag-value", {"blue"}), listed));
  EXPECT_FALSE(matches(filter("tag-value", {"!prod"}), listed));
}

TEST(RegionFilterTest, FindsReplicatedSecrets) {
  Listed listed = named("db");
  EXPECT_FALSE(matches(filter("primary-region", {"us"}), listed));
  EXPECT_TRUE(matches(filter("primary-region", {"!us-west-2"}), listed));
  listed.primary_region = "us-west-2";
  EXPECT_TRUE(matches(filter("primary-region", {"us"}), listed));
  EXPECT_FALSE(matches(filter("primary-region", {"!us-west-2"}), listed));
  EXPECT_FALSE(matches(filter("owning-service", {"rds"}), listed));
}

TEST(FiltersTest, MustAllAgree) {
  v1::ListSecretsRequest request;
  *request.add_filters() = filter("name", {"a"});
  *request.add_filters() = filter("name", {"ab"});
  EXPECT_TRUE(matches_all(request.filters(), named("abc")));
  EXPECT_FALSE(matches_all(request.filters(), named("acb")));
}

TEST(FiltersTest, AreChecked) {
  v1::ListSecretsRequest request;
  *request.add_filters() = filter("nme", {"a"});
  const auto wrong_key = check_filters(request.filters());
  ASSERT_FALSE(wrong_key.has_value());
  EXPECT_EQ(wrong_key.error().message,
            "1 validation error detected: Value 'nme' at 'filters.1.member.key' failed to satisfy "
            "constraint: Member must satisfy enum value set: [description, name, tag-key, "
            "tag-value, primary-region, owning-service, all]");
  request.clear_filters();
  *request.add_filters() = filter("name", {"a*"});
  EXPECT_FALSE(check_filters(request.filters()).has_value());
  request.clear_filters();
  *request.add_filters() = filter("name", {});
  EXPECT_FALSE(check_filters(request.filters()).has_value());
  request.clear_filters();
  for (int i = 0; i < 11; ++i) *request.add_filters() = filter("name", {"a"});
  EXPECT_FALSE(check_filters(request.filters()).has_value());
}

// ---- tokens -------------------------------------------------------------------------------------

TEST(PageTokenTest, RemembersAPlace) {
  const Place place{.key = -3, .name = "db/one"};
  const auto read = read_token("question", make_token("question", place));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, place);
}

TEST(PageTokenTest, IsGoodForOneQuestion) {
  const std::string token = make_token("question", {.key = 1, .name = "db"});
  const auto other = read_token("another question", token);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "InvalidNextTokenException");
}

TEST(PageTokenTest, IsRefusedWhenItIsNotOurs) {
  std::string token = make_token("question", {.key = 1, .name = "db"});
  for (const std::string& text : {std::string(), std::string("nonsense"), std::string(32, 'z'),
                                  token + "x", token.substr(0, token.size() - 1)}) {
    EXPECT_FALSE(read_token("question", text).has_value()) << text;
  }
  token.back() ^= 1;
  EXPECT_FALSE(read_token("question", token).has_value());
}

}  // namespace
}  // namespace faultline::regions::api
