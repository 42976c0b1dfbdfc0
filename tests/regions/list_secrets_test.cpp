#include <gtest/gtest.h>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

class ListSecretsTest : public testing::Test {
 protected:
  void create(const std::string& name, const std::string& more = "") {
    api_.ok("create_secret { name: '" + name + "' " + more + " }");
  }
  static std::string names(const v1::ListSecretsResponse& response) {
    std::string text;
    for (const v1::SecretListEntry& entry : response.secret_list()) {
      text += (text.empty() ? "" : " ") + entry.name();
    }
    return text;
  }
  std::string list(const std::string& more = "", std::string_view region = kWest) {
    return names(api_.ok("list_secrets { " + more + " }", region).list_secrets());
  }

  SecretsApi api_;
};

TEST_F(ListSecretsTest, IsInOrderOfCreation) {
  for (const char* name : {"b", "c", "a"}) create(name);
  EXPECT_EQ(list(), "b c a");
  EXPECT_EQ(list("sort_order: 'desc'"), "a c b");
  EXPECT_EQ(list("sort_by: 'name'"), "a b c");
  EXPECT_EQ(list("sort_by: 'name' sort_order: 'desc'"), "c b a");
}

TEST_F(ListSecretsTest, SortsByChangeAndByReading) {
  for (const char* name : {"a", "b", "c"}) create(name, "secret_string: 'x'");
  api_.ok("update_secret { secret_id: 'a' description: 'x' }");
  EXPECT_EQ(list("sort_by: 'last-changed-date'"), "b c a");
  api_.value("b");
  EXPECT_EQ(list("sort_by: 'last-accessed-date'"), "a c b");
}

TEST_F(ListSecretsTest, ComesInPages) {
  for (const char* name : {"b", "d", "a", "c", "e"}) create(name);
  for (const std::string order : {"", "sort_order: 'desc'", "sort_by: 'name'"}) {
    std::string all;
    std::string token;
    int pages = 0;
    do {
      const v1::ListSecretsResponse page =
          api_.ok("list_secrets { max_results: 2 " + order +
                  (token.empty() ? "" : " next_token: '" + token + "'") + " }")
              .list_secrets();
      all += (all.empty() ? "" : " ") + names(page);
      token = page.next_token();
      ++pages;
    } while (!token.empty());
    EXPECT_EQ(pages, 3);
    EXPECT_EQ(all, list(order));
  }
}

TEST_F(ListSecretsTest, GoesOnWhenTheLastSecretOfThePageIsGone) {
  for (const char* name : {"a", "b", "c"}) create(name);
  const std::string token = api_.ok("list_secrets { max_results: 2 }").list_secrets().next_token();
  api_.ok("delete_secret { secret_id: 'b' force_delete_without_recovery: true }");
  EXPECT_EQ(list("max_results: 2 next_token: '" + token + "'"), "c");
}

TEST_F(ListSecretsTest, RefusesATokenOfAnotherQuestion) {
  for (const char* name : {"a", "b", "c"}) create(name);
  const std::string token = api_.ok("list_secrets { max_results: 2 }").list_secrets().next_token();
  EXPECT_TRUE(api_.error("list_secrets { sort_by: 'name' next_token: '" + token + "' }")
                  .starts_with("InvalidNextTokenException"));
  EXPECT_TRUE(api_.error("list_secrets { next_token: 'made up' }")
                  .starts_with("InvalidNextTokenException"));
}

TEST_F(ListSecretsTest, HidesWhatWaitsForItsDeletion) {
  create("a");
  create("b");
  api_.ok("delete_secret { secret_id: 'a' }");
  EXPECT_EQ(list(), "b");
  EXPECT_EQ(list("include_planned_deletion: true"), "a b");
}

TEST_F(ListSecretsTest, Filters) {
  create("production/one", "tags { key: 'team' value: 'blue' }");
  create("production/two");
  create("test", "description: 'the blue one'");
  EXPECT_EQ(list("filters { key: 'name' values: 'production' }"), "production/one production/two");
  EXPECT_EQ(list("filters { key: 'name' values: '!production' }"), "test");
  EXPECT_EQ(list("filters { key: 'all' values: 'blue' }"), "production/one test");
  EXPECT_EQ(list("filters { key: 'name' values: 'production' } "
                 "filters { key: 'tag-key' values: 'team' }"),
            "production/one");
  EXPECT_TRUE(api_.error("list_secrets { filters { key: 'colour' values: 'x' } }")
                  .starts_with("ValidationException: 1 validation error detected: Value 'colour' "
                               "at 'filters.1.member.key'"));
}

TEST_F(ListSecretsTest, ShowsWhatADescriptionShows) {
  create("db",
         "client_request_token: 'v1' secret_string: 'x' description: 'mine' "
         "tags { key: 'team' value: 'blue' } add_replica_regions { region: 'us-east-1' }");
  create("other");
  api_.world().run_until_idle();
  const v1::ListSecretsResponse listed = api_.ok("list_secrets {}").list_secrets();
  const v1::SecretListEntry& entry = listed.secret_list(0);
  const v1::DescribeSecretResponse described = api_.describe();
  EXPECT_EQ(entry.arn(), described.arn());
  EXPECT_EQ(entry.description(), "mine");
  EXPECT_EQ(entry.created_date(), described.created_date());
  EXPECT_EQ(entry.last_changed_date(), described.last_changed_date());
  EXPECT_EQ(entry.tags(0).value(), "blue");
  EXPECT_EQ(entry.primary_region(), kWest);
  EXPECT_EQ(entry.secret_versions_to_stages().at(full_token("v1")).values(0).string_value(),
            "AWSCURRENT");
  EXPECT_FALSE(listed.secret_list(1).has_primary_region());
  EXPECT_EQ(list("filters { key: 'primary-region' values: 'us-west' }", kEast), "db");
}

TEST_F(ListSecretsTest, ChecksItsParameters) {
  for (const char* wrong : {"max_results: 0", "max_results: 101", "sort_by: 'size'",
                            "sort_order: 'up'", "next_token: ''"}) {
    EXPECT_TRUE(api_.error("list_secrets { " + std::string(wrong) + " }")
                    .starts_with("ValidationException"))
        << wrong;
  }
}

// ---- versions -----------------------------------------------------------------------------------

class ListSecretVersionIdsTest : public testing::Test {
 protected:
  SecretsApi api_;
};

TEST_F(ListSecretVersionIdsTest, ShowsVersionsInTheOrderOfTheirMaking) {
  api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'x' }");
  api_.ok("put_secret_value { secret_id: 'db' client_request_token: 'v2' secret_string: 'x' }");
  api_.value();
  const v1::ListSecretVersionIdsResponse listed =
      api_.ok("list_secret_version_ids { secret_id: 'db' }").list_secret_version_ids();
  EXPECT_EQ(listed.name(), "db");
  EXPECT_EQ(listed.arn(), api_.arn());
  EXPECT_FALSE(listed.has_next_token());
  ASSERT_EQ(listed.versions_size(), 2);
  EXPECT_EQ(listed.versions(0).version_stages(0), "AWSPREVIOUS");
  EXPECT_FALSE(listed.versions(0).has_last_accessed_date());
  EXPECT_TRUE(listed.versions(1).has_last_accessed_date());
  EXPECT_EQ(listed.versions(1).kms_key_ids(0), "DefaultEncryptionKey");
  EXPECT_GT(listed.versions(1).created_date(), listed.versions(0).created_date());
}

TEST_F(ListSecretVersionIdsTest, ComesInPages) {
  api_.ok("create_secret { name: 'db' client_request_token: 'v1' secret_string: 'x' }");
  for (const char* version : {"v2", "v3", "v4", "v5"}) {
    api_.ok("put_secret_value { secret_id: 'db' client_request_token: '" + std::string(version) +
            "' secret_string: 'x' }");
  }
  std::string all;
  std::string token;
  do {
    const v1::ListSecretVersionIdsResponse page =
        api_.ok("list_secret_version_ids { secret_id: 'db' include_deprecated: true "
                "max_results: 2" +
                (token.empty() ? "" : " next_token: '" + token + "'") + " }")
            .list_secret_version_ids();
    for (const auto& entry : page.versions()) all += short_token(entry.version_id()) + " ";
    token = page.next_token();
  } while (!token.empty());
  EXPECT_EQ(all, "v1 v2 v3 v4 v5 ");
  EXPECT_TRUE(api_.error("list_secret_version_ids { secret_id: 'db' next_token: 'x' }")
                  .starts_with("InvalidNextTokenException"));
}

TEST_F(ListSecretVersionIdsTest, WorksWithADeadKeyAndOnWhatWaitsForItsDeletion) {
  api_.make_key("alias/mine");
  api_.ok("create_secret { name: 'db' secret_string: 'x' kms_key_id: 'alias/mine' }");
  api_.fault("key_deleted { region: 'us-west-2' key: 'alias/mine' }");
  api_.ok("delete_secret { secret_id: 'db' }");
  EXPECT_EQ(api_.ok("list_secret_version_ids { secret_id: 'db' }")
                .list_secret_version_ids()
                .versions_size(),
            1);
}

}  // namespace
}  // namespace faultline::regions
