// Histories of clients, told line by line, that an order of the calls explains, or that none does.
#include "regions/invariants/linearizability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/regions/secrets_api.h"

namespace faultline::regions {
namespace {

using Verdict = Linearization::Verdict;

std::uint64_t digest(const std::string& value) {
  return digest_of(v1::StoredVersion::STRING, value);
}

class LinearizabilityTest : public ::testing::Test {
 protected:
  std::uint64_t begin(const std::string& request, const std::string& token = {},
                      const std::string& value = {}) {
    CallGhost call;
    call.id = ++last_;
    call.request = parse_request(request);
    call.token = token;
    if (!value.empty()) call.digest = digest(value);
    history.begins(call);
    return call.id;
  }
  std::uint64_t begin_create(const std::string& token) {
    return begin("create_secret { name: 'db' secret_string: '" + token + "' }", token, token);
  }
  std::uint64_t begin_put(const std::string& token, const std::string& stages = {}) {
    return begin("put_secret_value { secret_id: 'db' " + stages + " }", token, token);
  }
  std::uint64_t begin_read() { return begin("get_secret_value { secret_id: 'db' }"); }
  std::uint64_t begin_describe() { return begin("describe_secret { secret_id: 'db' }"); }

  void ok(std::uint64_t call) { history.is_answered(call, v1::ApiResponse()); }
  void put_ok(std::uint64_t call, const std::vector<std::string>& labels) {
    v1::ApiResponse response;
    for (const std::string& label : labels)
      response.mutable_put_secret_value()->add_version_stages(label);
    history.is_answered(call, response);
  }
  // What was read: the version's value is its id.
  void read_ok(std::uint64_t call, const std::string& version, const std::string& value = {}) {
    v1::ApiResponse response;
    v1::GetSecretValueResponse& read = *response.mutable_get_secret_value();
    read.set_version_id(version);
    read.set_secret_string(value.empty() ? version : value);
    read.add_version_stages("AWSCURRENT");
    history.is_answered(call, response);
  }
  void fails(std::uint64_t call, const std::string& code) {
    history.is_answered(call, tl::make_unexpected(Error{code, ""}));
  }
  void create(const std::string& token) { ok(begin_create(token)); }
  void put(const std::string& token) { put_ok(begin_put(token), {"AWSCURRENT"}); }
  void read(const std::string& version) { read_ok(begin_read(), version); }

  Linearization judged() { return linearize(history); }
  Verdict verdict() { return judged().verdict; }

  History history;

 private:
  std::uint64_t last_ = 0;
};

TEST_F(LinearizabilityTest, NothingIsExplained) {
  EXPECT_EQ(verdict(), Verdict::Found);
  EXPECT_EQ(judged().states, 0U);
}

TEST_F(LinearizabilityTest, OneAfterTheOther) {
  create("v1");
  read("v1");
  put("v2");
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, AStaleReadAfterAnAcknowledgedWrite) {
  create("v1");
  put("v2");
  const std::uint64_t read = begin_read();
  read_ok(read, "v1");
  const Linearization found = judged();
  ASSERT_EQ(found.verdict, Verdict::Impossible);
  ASSERT_EQ(found.counterexample->calls, std::vector<std::uint64_t>{read});
  EXPECT_NE(found.counterexample->found.find("GetSecretValue (call 3)"), std::string::npos)
      << found.counterexample->found;
}

TEST_F(LinearizabilityTest, AReadThatOverlapsTheWriteMayBeOfEither) {
  for (const char* version : {"v1", "v2"}) {
    history = {};
    create("v1");
    const std::uint64_t read = begin_read();
    put("v2");
    read_ok(read, version);
    EXPECT_EQ(verdict(), Verdict::Found) << version;
  }
}

TEST_F(LinearizabilityTest, NewThenOldIsNoOrderEvenWhileTheWriteIsUnderWay) {
  create("v1");
  const std::uint64_t write = begin_put("v2");
  read("v2");
  read("v1");
  put_ok(write, {"AWSCURRENT"});
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, ALostUpdate) {
  create("v1");
  const std::uint64_t one = begin("tag_resource { secret_id: 'db' tags { key: 'a' value: '1' } }");
  const std::uint64_t two = begin("tag_resource { secret_id: 'db' tags { key: 'b' value: '2' } }");
  ok(one);
  ok(two);
  const auto describe_with = [&](const std::vector<std::pair<std::string, std::string>>& tags) {
    v1::ApiResponse response;
    v1::DescribeSecretResponse& described = *response.mutable_describe_secret();
    (*described.mutable_version_ids_to_stages())["v1"].add_values()->set_string_value("AWSCURRENT");
    for (const auto& [key, value] : tags) {
      auto& fields =
          *described.mutable_tags()->add_values()->mutable_struct_value()->mutable_fields();
      fields["Key"].set_string_value(key);
      fields["Value"].set_string_value(value);
    }
    history.is_answered(begin_describe(), response);
  };
  describe_with({
      {"a", "1"},
      {"b", "2"}
  });
  EXPECT_EQ(verdict(), Verdict::Found);
  describe_with({
      {"b", "2"}
  });
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, TwoOverlappingWritesMayComeInEitherOrder) {
  for (const char* last : {"v2", "v3"}) {
    history = {};
    create("v1");
    const std::uint64_t one = begin_put("v2");
    const std::uint64_t two = begin_put("v3");
    put_ok(one, {"AWSCURRENT"});
    put_ok(two, {"AWSCURRENT"});
    read(last);
    EXPECT_EQ(verdict(), Verdict::Found) << last;
  }
}

TEST_F(LinearizabilityTest, BothWereToldThatTheyAreCurrentAndTheEarlierOneIs) {
  create("v1");
  put("v2");
  put("v3");
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, AnAnswerTellsOfLabelsThatTheWriteDoesNotGive) {
  create("v1");
  put_ok(begin_put("v2", "version_stages: 'blue'"), {"AWSCURRENT"});
  EXPECT_EQ(verdict(), Verdict::Impossible);
  history = {};
  create("v1");
  put_ok(begin_put("v2", "version_stages: 'blue'"), {"blue"});
  read("v1");
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, WhatNobodyWasToldOfMayHaveHappenedOrNot) {
  for (const char* version : {"v1", "v2"}) {
    history = {};
    create("v1");
    fails(begin_put("v2"), "ConnectionClosed");
    read("v1");
    read(version);
    EXPECT_EQ(verdict(), Verdict::Found) << version;
  }
  read("v1");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, WhatIsUnansweredIsOpenToo) {
  create("v1");
  begin_put("v2");
  read("v1");
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, WhatWasRefusedHasNotHappened) {
  create("v1");
  fails(begin_put("v2"), "AccessDeniedException");
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, ARefusalSaysWhatIsThere) {
  create("v1");
  fails(begin_create("v9"), "ResourceExistsException");
  EXPECT_EQ(verdict(), Verdict::Found);
  fails(begin_read(), "ResourceNotFoundException");
  EXPECT_EQ(verdict(), Verdict::Impossible);
  history = {};
  fails(begin_create("v1"), "ResourceExistsException");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, AnotherValueThanWasWritten) {
  create("v1");
  read_ok(begin_read(), "v1", "not what was written");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, DeletedIsNotReadUntilItIsRestored) {
  create("v1");
  ok(begin("delete_secret { secret_id: 'db' }"));
  ok(begin("restore_secret { secret_id: 'db' }"));
  read("v1");
  EXPECT_EQ(verdict(), Verdict::Found);
  ok(begin("delete_secret { secret_id: 'db' }"));
  read("v1");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

TEST_F(LinearizabilityTest, ALabelIsMovedOnce) {
  const std::string move =
      "update_secret_version_stage { secret_id: 'db' version_stage: 'AWSCURRENT' "
      "remove_from_version_id: '";
  // parse_request makes short ids long.
  const std::string one = full_token("v1");
  const std::string two = full_token("v2");
  create(one);
  put(two);
  ok(begin(move + "v2' move_to_version_id: 'v1' }"));
  read(one);
  EXPECT_EQ(verdict(), Verdict::Found);
  ok(begin(move + "v2' move_to_version_id: 'v1' }"));
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

// A forced deletion fits where there is nothing, too; taken there, it would not be left for later.
TEST_F(LinearizabilityTest, WhatChangesNothingNowMayChangeSomethingLater) {
  const auto first = begin_create("v1");
  const auto deletion =
      begin("delete_secret { secret_id: 'db' force_delete_without_recovery: true }");
  const auto second = begin_create("v2");
  ok(first);
  ok(deletion);
  ok(second);
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, NothingIsHeardAfterItsEnd) {
  create("v1");
  const std::uint64_t late = begin_read();
  history.ends_here();
  read_ok(late, "v7");
  read("v8");
  EXPECT_EQ(history.calls().size(), 2U);
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, SixtyFourAtOnceAreFastWhereTheOrderOfCommitsIsKnown) {
  create("v0");
  std::vector<std::uint64_t> writes;
  for (int i = 1; i <= 64; ++i) writes.push_back(begin_put("v" + std::to_string(i)));
  // In another order than they are answered.
  for (std::size_t i = 0; i < writes.size(); ++i)
    history.took_effect(writes[i * 37 % writes.size()]);
  for (const std::uint64_t write : writes) put_ok(write, {"AWSCURRENT"});
  read("v" + std::to_string(1 + 63 * 37 % 64));
  const Linearization found = judged();
  EXPECT_EQ(found.verdict, Verdict::Found);
  EXPECT_LT(found.states, 100U);
}

TEST_F(LinearizabilityTest, AWrongHintDecidesNothing) {
  create("v1");
  const std::uint64_t one = begin_put("v2");
  const std::uint64_t two = begin_put("v3");
  history.took_effect(one);
  history.took_effect(two);
  put_ok(one, {"AWSCURRENT"});
  put_ok(two, {"AWSCURRENT"});
  read("v2");
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, AnswersToNobodyAndSecondAnswersSayNothing) {
  ok(77);
  history.took_effect(78);
  create("v1");
  const std::uint64_t reader = begin_read();
  read_ok(reader, "v1");
  read_ok(reader, "v9");
  begin("list_secrets {}");
  begin("stop_replication_to_replica { secret_id: 'db' }");
  EXPECT_EQ(history.calls().size(), 2U);
  EXPECT_EQ(verdict(), Verdict::Found);
}

TEST_F(LinearizabilityTest, AListIsOfOneInstant) {
  create("v1");
  put("v2");
  const auto list = [&](const std::string& current, const std::string& previous) {
    v1::ApiResponse response;
    v1::ListSecretVersionIdsResponse& listed = *response.mutable_list_secret_version_ids();
    v1::SecretVersionsListEntry& one = *listed.add_versions();
    one.set_version_id(current);
    one.add_version_stages("AWSCURRENT");
    v1::SecretVersionsListEntry& two = *listed.add_versions();
    two.set_version_id(previous);
    two.add_version_stages("AWSPREVIOUS");
    history.is_answered(begin("list_secret_version_ids { secret_id: 'db' }"), response);
  };
  list("v2", "v1");
  EXPECT_EQ(verdict(), Verdict::Found);
  list("v1", "v2");
  EXPECT_EQ(verdict(), Verdict::Impossible);
}

// What was read fits nowhere. The orders of twelve calls are 12!; the sets of them are 4096, and
// each leads to one state.
TEST_F(LinearizabilityTest, TheMemoKeepsWhatDoesNotFitSmall) {
  create("v1");
  std::vector<std::uint64_t> tags;
  for (int i = 0; i < 12; ++i) {
    const std::string key = "k" + std::to_string(i);
    tags.push_back(
        begin("tag_resource { secret_id: 'db' tags { key: '" + key + "' value: 'x' } }"));
  }
  for (const std::uint64_t tag : tags) ok(tag);
  read("v9");
  const Linearization found = linearize(history, 100'000);
  EXPECT_EQ(found.verdict, Verdict::Impossible);
  EXPECT_LT(found.states, 12U * 4096U + 10U);
}

TEST_F(LinearizabilityTest, MoreThanTheBoundIsNotJudged) {
  create("v1");
  std::vector<std::uint64_t> writes;
  for (int i = 2; i < 40; ++i) writes.push_back(begin_put("v" + std::to_string(i)));
  for (const std::uint64_t write : writes) put_ok(write, {"AWSCURRENT"});
  read("v99");
  const Linearization found = linearize(history, 1'000);
  EXPECT_EQ(found.verdict, Verdict::NotJudged);
  EXPECT_FALSE(found.counterexample.has_value());
}

TEST_F(LinearizabilityTest, ALongHistoryIsJudgedAsFarAsItIsKept) {
  create("v1");
  for (std::size_t i = 0; i < 2 * History::kCallsMax; ++i) read("v1");
  EXPECT_EQ(history.calls().size(), History::kCallsMax);
  EXPECT_EQ(verdict(), Verdict::Found);
}

}  // namespace
}  // namespace faultline::regions
