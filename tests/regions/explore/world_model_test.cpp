// The real regions searched, choice by choice: what is exhausted, what is found, and that it can be
// shown again.
#include "regions/explore/world_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/explore/search.h"
#include "regions/explore/state_text.h"
#include "tests/regions/explore/bases.h"

namespace faultline::regions::explore {
namespace {

using engine::Certificate;
using testing::AllOf;
using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

Certificate search(const LoadedScenario& loaded, std::size_t depth, WorldModelOptions options) {
  options.shared = shared_parts();
  WorldModel model(loaded, options);
  return engine::Search<WorldModel>({.depth = depth}).run(model);
}

WorldModelOptions without_faults() { return {.families = {}, .faults = 0}; }

// Two regions, and calls after the secret has been replicated.
LoadedScenario script(std::string_view defect, std::string_view calls) {
  std::string text = R"(region { name: "us-west-2" } region { name: "us-east-1" }
    network { jitter: "0s" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } } })" +
                     std::string(calls);
  if (!defect.empty()) text += R"( service { defect: ")" + std::string(defect) + R"(" })";
  return load_or_fail(text);
}

// A region that joins later, so that its first copy is on its way.
constexpr std::string_view kJoin = R"(step { at: "1s" region: "us-west-2"
  replicate_secret_to_regions { secret_id: "late" add_replica_regions { region: "us-east-1" } } })";
constexpr std::string_view kLeave = R"(step { at: "2s" region: "us-west-2"
  remove_regions_from_replication { secret_id: "late" remove_replica_regions: "us-east-1" } })";
constexpr std::string_view kPut = R"(step { at: "1s" region: "us-west-2"
  put_secret_value { secret_id: "db" secret_string: "two" } })";
constexpr std::string_view kPutAgain = R"(step { at: "2s" region: "us-west-2"
  put_secret_value { secret_id: "db" secret_string: "three" } })";
constexpr std::string_view kPromote = R"(step { at: "2s" region: "us-east-1"
  stop_replication_to_replica { secret_id: "db" } })";

TEST(WorldModel, TheLibrarysScenarioIsExhaustedWithoutAViolation) {
  const LoadedScenario loaded = library("explore/write_remove_promote.textproto");
  ASSERT_TRUE(can_be_searched(loaded.scenario).has_value());
  const Certificate certificate = search(loaded, 3, {});
  EXPECT_TRUE(certificate.exhausted);
  EXPECT_THAT(certificate.violation, Eq(std::nullopt));
  EXPECT_GT(certificate.states, 20U);
}

struct Order {
  const char* defect;
  std::string_view calls;
  const char* property;
  std::size_t depth;
};
void PrintTo(const Order& order, std::ostream* out) { *out << order.defect; }

class DefectsOfOrder : public testing::TestWithParam<Order> {};

// No fault is needed, only an order that a network without luck never gives.
TEST_P(DefectsOfOrder, AreFoundAndShownAgain) {
  const LoadedScenario loaded = script(GetParam().defect, GetParam().calls);
  WorldModelOptions options = without_faults();
  options.shared = shared_parts();
  WorldModel model(loaded, options);
  const Certificate found = engine::Search<WorldModel>({.depth = GetParam().depth}).run(model);
  ASSERT_TRUE(found.violation.has_value()) << found.states << " states";
  EXPECT_THAT(*found.violation, HasSubstr(GetParam().property));
  // The same choices bring the same about, in another model.
  WorldModel again(loaded, options);
  again.reset();
  std::vector<std::string> told;
  for (const std::size_t choice : found.path) {
    ASSERT_LT(choice, again.choices());
    told.push_back(again.describe(choice));
    again.choose(choice);
  }
  const auto violation = again.broken() ? again.broken() : again.end();
  EXPECT_THAT(violation, Optional(Eq(*found.violation))) << testing::PrintToString(told);
  EXPECT_EQ(again.property(), GetParam().property);
}

TEST_P(DefectsOfOrder, AreNotInASoundWorld) {
  const Certificate certificate =
      search(script("", GetParam().calls), GetParam().depth, without_faults());
  EXPECT_TRUE(certificate.exhausted);
  EXPECT_THAT(certificate.violation, Eq(std::nullopt));
}

const std::string kTwoPuts = std::string(kPut) + std::string(kPutAgain);
const std::string kPutPromote = std::string(kPut) + std::string(kPromote);
const std::string kJoinLeave =
    R"(step { region: "us-west-2" create_secret { name: "late" secret_string: "one" } })" +
    std::string(kJoin) + std::string(kLeave);

INSTANTIATE_TEST_SUITE_P(WorldModel, DefectsOfOrder,
                         testing::Values(Order{"D01", kTwoPuts, "S06", 7},
                                         Order{"D05", kPutPromote, "S12", 6},
                                         Order{"D08", kJoinLeave, "S15", 7}),
                         [](const auto& test) { return std::string(test.param.defect); });

TEST(WorldModel, NamesOfReplicasMakeNoDifference) {
  const std::string text = R"(
    region { name: "us-west-2" } region { name: "us-east-1" } region { name: "eu-west-1" }
    network { jitter: "0s" }
    step { region: "us-west-2" create_secret { name: "db" secret_string: "one"
           add_replica_regions { region: "us-east-1" } add_replica_regions { region: "eu-west-1" } } })" +
                           kTwoPuts;
  for (const char* defect : {"", "D01"}) {
    const LoadedScenario loaded = load_or_fail(
        text + (*defect == 0 ? "" : R"( service { defect: ")" + std::string(defect) + R"(" })"));
    WorldModelOptions with = without_faults();
    WorldModelOptions without = without_faults();
    without.symmetry = false;
    const Certificate some = search(loaded, 4, with);
    const Certificate all = search(loaded, 4, without);
    EXPECT_EQ(some.violation.has_value(), all.violation.has_value()) << defect;
    if (*defect == 0) {
      EXPECT_LT(some.states, all.states);
    }
  }
}

TEST(WorldModel, FaultsAreChosenWhileTheBudgetLasts) {
  const LoadedScenario loaded = script("", kPut);
  WorldModelOptions options;
  options.families = {FaultFamily::Crash, FaultFamily::Cut, FaultFamily::Region, FaultFamily::Key};
  options.faults = 1;
  options.shared = shared_parts();
  WorldModel model(loaded, options);
  model.reset();
  std::vector<std::string> offered;
  for (std::size_t i = 0; i < model.choices(); ++i) offered.push_back(model.describe(i));
  EXPECT_THAT(offered, AllOf(testing::Contains(HasSubstr("us-west-2 is called: PutSecretValue db")),
                             testing::Contains("us-east-1 crashes and starts again"),
                             testing::Contains("us-west-2 is cut off"),
                             testing::Contains("us-east-1 is disabled"),
                             testing::Contains("the keys of us-east-1 are denied")));
  const auto cut = std::ranges::find(offered, "us-west-2 is cut off");
  model.choose(static_cast<std::size_t>(cut - offered.begin()));
  offered.clear();
  for (std::size_t i = 0; i < model.choices(); ++i) offered.push_back(model.describe(i));
  EXPECT_THAT(offered, testing::Contains(HasSubstr("mended: ")));
  EXPECT_THAT(offered, Not(testing::Contains(HasSubstr("crashes"))));
}

TEST(WorldModel, EqualChoicesLeadToEqualStates) {
  const LoadedScenario loaded = script("", kTwoPuts);
  WorldModelOptions options = without_faults();
  options.shared = shared_parts();
  WorldModel one(loaded, options);
  WorldModel other(loaded, options);
  one.reset();
  other.reset();
  EXPECT_EQ(one.state().to_hex(), other.state().to_hex());
  const std::string before = one.state().to_hex();
  one.choose(0);
  EXPECT_NE(one.state().to_hex(), before);
  one.reset();
  EXPECT_EQ(one.state().to_hex(), before);
  EXPECT_EQ(one.resets(), 2U);
  EXPECT_EQ(one.script_size(), 2U);
}

TEST(WorldModel, WhatCannotBeSearchedIsRefusedInWords) {
  const auto refusal = [](const LoadedScenario& loaded) {
    const auto possible = can_be_searched(loaded.scenario);
    return possible ? std::string() : possible.error();
  };
  EXPECT_EQ(refusal(script("", kPut)), "");
  EXPECT_THAT(refusal(chaos()), HasSubstr("a workload or chaos"));
  EXPECT_THAT(refusal(script("", "")), HasSubstr("nothing to search"));
  EXPECT_THAT(refusal(script("", R"(step { at: "0ms" region: "us-west-2" list_secrets {} })")),
              HasSubstr("nothing to search"));
  EXPECT_THAT(refusal(script("", R"(step { at: "1s" crash { region: "us-east-1" } })")),
              HasSubstr("only calls can be searched: take out \""));
  EXPECT_THAT(refusal(script("", R"(step { region: "us-west-2" list_secrets {}
                                           on { event: "PROMOTED" } })")),
              HasSubstr("follows an event"));
}

// ---- what tells states apart --------------------------------------------------------------------

TEST(StateText, LinesInAnyOrderAreTheSame) {
  EXPECT_EQ(hash_of_lines("a\nb\n").to_hex(), hash_of_lines("b\na\n").to_hex());
  EXPECT_NE(hash_of_lines("a\nb\n").to_hex(), hash_of_lines("a\nb\nb\n").to_hex());
  EXPECT_NE(hash_of_lines("ab\n").to_hex(), hash_of_lines("a\nb\n").to_hex());
  EXPECT_EQ(hash_of_lines("").to_hex(), hash_of_lines("").to_hex());
}

TEST(StateText, NamesChangePlacesAllAtOnce) {
  EXPECT_EQ(renamed("one two one three", {"one", "two"}, {"two", "one"}), "two one two three");
  EXPECT_EQ(renamed("", {"one"}, {"two"}), "");
}

// Whether a secret is there and what is on its way counts; when it came to be does not.
TEST(StateText, TimesDoNotCount) {
  const auto text_after = [](const std::string& at) {
    const LoadedScenario loaded = load_or_fail(R"(
      region { name: "us-west-2" } region { name: "us-east-1" }
      step { at: ")" + at + R"(" region: "us-west-2" create_secret { name: "db" secret_string: "one"
             client_request_token: "00000001-0000-4000-8000-000000000000"
             add_replica_regions { region: "us-east-1" } } })");
    ScenarioRun run(loaded, {});
    run.finish();
    return stores_text(run.world()) + traffic_text(run.world());
  };
  EXPECT_EQ(hash_of_lines(text_after("0s")).to_hex(), hash_of_lines(text_after("5s")).to_hex());
  EXPECT_THAT(text_after("0s"), AllOf(HasSubstr("us-west-2 secret"), HasSubstr("us-west-2 link"),
                                      HasSubstr("us-east-1 secret")));
}

}  // namespace
}  // namespace faultline::regions::explore
