// Pages of any size, one after the other, are the whole list, each entry once and in order.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/services/other_calls.h"

namespace faultline::regions {
namespace {

// All pages, `limit` entries each.
template <class Get>
std::vector<std::string> pages(OtherCalls& calls, const std::string& operation,
                               const std::string& members, int limit, Get get) {
  std::vector<std::string> all;
  std::string marker;
  while (true) {
    const auto answer = calls.kms_ok(operation + " { " + members +
                                     " limit: " + std::to_string(limit) + marker + " }");
    const auto& page = get(answer, all);
    RC_ASSERT(page.truncated() == page.has_next_marker());
    if (!page.truncated()) return all;
    marker = " marker: '" + page.next_marker() + "'";
  }
}

RC_GTEST_PROP(KmsPagingTest, PagesOfKeysAreTheList, ()) {
  OtherCalls calls;
  const int keys = *rc::gen::inRange(0, 12);
  std::vector<std::string> made;
  for (int i = 0; i < keys; ++i) made.push_back(calls.create_key());
  std::ranges::sort(made);
  const int limit = *rc::gen::inRange(1, 14);
  const auto listed = pages(
      calls, "list_keys", "", limit, [&](const v1::KmsResponse& answer, auto& all) -> auto& {
        RC_ASSERT(answer.list_keys().keys_size() <= limit);
        for (const auto& key : answer.list_keys().keys()) all.push_back(key.key_id());
        return answer.list_keys();
      });
  RC_ASSERT(listed == made);
}

RC_GTEST_PROP(KmsPagingTest, PagesOfAliasesAreTheList, ()) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  const int aliases = *rc::gen::inRange(0, 12);
  std::vector<std::string> made;
  for (int i = 0; i < aliases; ++i) {
    made.push_back("alias/a" + std::to_string(i));
    calls.kms_ok("create_alias { alias_name: '" + made.back() + "' target_key_id: '" + id + "' }");
  }
  std::ranges::sort(made);
  const int limit = *rc::gen::inRange(1, 14);
  const auto listed = pages(
      calls, "list_aliases", "", limit, [&](const v1::KmsResponse& answer, auto& all) -> auto& {
        for (const auto& alias : answer.list_aliases().aliases()) {
          all.push_back(alias.alias_name());
        }
        return answer.list_aliases();
      });
  RC_ASSERT(listed == made);
}

TEST(KmsPagingTest, WhatGoesBetweenTwoPagesHidesNoOther) {
  OtherCalls calls;
  const std::string id = calls.create_key();
  for (const char* alias : {"alias/a", "alias/b", "alias/c"}) {
    calls.kms_ok("create_alias { alias_name: '" + std::string(alias) + "' target_key_id: '" + id +
                 "' }");
  }
  const auto first = calls.kms_ok("list_aliases { limit: 1 }").list_aliases();
  calls.kms_ok("delete_alias { alias_name: 'alias/a' }");
  const auto rest =
      calls.kms_ok("list_aliases { marker: '" + first.next_marker() + "' }").list_aliases();
  ASSERT_EQ(rest.aliases_size(), 2);
  EXPECT_EQ(rest.aliases(0).alias_name(), "alias/b");
}

TEST(KmsPagingTest, OneListRefusesAnothersMarkers) {
  OtherCalls calls;
  calls.create_key();
  calls.create_key();
  const auto keys = calls.kms_ok("list_keys { limit: 1 }").list_keys();
  EXPECT_EQ(calls.kms_error("list_aliases { marker: '" + keys.next_marker() + "' }"),
            "InvalidMarkerException: The marker is invalid.");
}

}  // namespace
}  // namespace faultline::regions
