// The rules of staging labels, one by one, and the sequences recorded from the service.
#include "regions/staging_labels.h"

#include <gtest/gtest.h>

namespace faultline::regions {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;

class StagingLabelsTest : public testing::Test {
 protected:
  void put(const std::string& id, const std::vector<std::string>& labels = {"AWSCURRENT"}) {
    v1::VersionInfo version;
    version.set_version_id(id);
    version.set_created_unix_ns(now_);
    add_version(secret_, version, labels);
  }
  void move(std::string_view label, std::string_view to) { move_label(secret_, label, to); }

  // "v1: AWSPREVIOUS; v2: AWSCURRENT AWSPENDING", without the unlabelled ones.
  [[nodiscard]] std::string labels() const {
    std::string text;
    for (const v1::VersionInfo& version : secret_.versions()) {
      if (version.stages().empty()) continue;
      text += (text.empty() ? "" : "; ") + version.version_id() + ":";
      for (const std::string& stage : version.stages()) text += " " + stage;
    }
    return text;
  }
  [[nodiscard]] int versions() const { return secret_.versions_size(); }

  v1::StoredSecret secret_;
  std::int64_t now_ = 0;
};

TEST_F(StagingLabelsTest, MakeTheFirstVersionCurrentAskedOrNot) {
  put("v1", {"mine"});
  EXPECT_EQ(labels(), "v1: AWSCURRENT mine");
}

TEST_F(StagingLabelsTest, LetAFirstVersionBePendingToo) {
  put("v1", {"AWSPENDING"});
  EXPECT_EQ(labels(), "v1: AWSCURRENT AWSPENDING");
}

TEST_F(StagingLabelsTest, LeaveThePreviousVersionBehind) {
  put("v1");
  put("v2");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
  put("v3");
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT");
  EXPECT_EQ(versions(), 3);
}

TEST_F(StagingLabelsTest, MoveBack) {
  put("v1");
  put("v2");
  move("AWSCURRENT", "v1");
  EXPECT_EQ(labels(), "v1: AWSCURRENT; v2: AWSPREVIOUS");
}

TEST_F(StagingLabelsTest, StayWhenTheyMoveToWhereTheyAre) {
  put("v1");
  put("v2");
  move("AWSCURRENT", "v2");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST_F(StagingLabelsTest, OfTheCallersOwnStayOnTheOldVersion) {
  put("v1", {"AWSCURRENT", "blue"});
  put("v2");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS blue; v2: AWSCURRENT");
}

TEST_F(StagingLabelsTest, NeverPutPreviousOnTheCurrentVersion) {
  put("v1");
  put("v2", {"AWSCURRENT", "AWSPREVIOUS"});
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT");
}

TEST_F(StagingLabelsTest, LetPreviousBePutOnANewVersionThatIsNotCurrent) {
  put("v1");
  put("v2");
  put("v3", {"AWSPREVIOUS"});
  EXPECT_EQ(labels(), "v2: AWSCURRENT; v3: AWSPREVIOUS");
}

TEST_F(StagingLabelsTest, AbandonARotationWhenAnotherVersionBecomesCurrent) {
  put("v1");
  put("v2", {"AWSPENDING"});
  put("v3");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v3: AWSCURRENT");
}

TEST_F(StagingLabelsTest, KeepPendingWhenTheNewCurrentVersionAsksForIt) {
  put("v1");
  put("v2", {"AWSPENDING"});
  put("v3", {"AWSCURRENT", "AWSPENDING"});
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v3: AWSCURRENT AWSPENDING");
}

TEST_F(StagingLabelsTest, LeavePendingOnAThirdVersionWhenCurrentMoves) {
  put("v1");
  put("v2");
  put("v3", {"AWSPENDING"});
  move("AWSCURRENT", "v1");
  EXPECT_EQ(labels(), "v1: AWSCURRENT; v2: AWSPREVIOUS; v3: AWSPENDING");
}

TEST_F(StagingLabelsTest, AreTakenAway) {
  put("v1", {"AWSCURRENT", "blue"});
  detach_label(secret_, "blue");
  detach_label(secret_, "green");
  EXPECT_EQ(labels(), "v1: AWSCURRENT");
}

TEST_F(StagingLabelsTest, AreCountedOverAllVersions) {
  put("v1", {"AWSCURRENT", "a", "b"});
  put("v2", {"c"});
  EXPECT_EQ(count_labels(secret_), 4U);
}

// ---- recorded sequences -------------------------------------------------------------------------

TEST_F(StagingLabelsTest, FollowASingleRotation) {
  put("v1");
  put("v2", {"AWSPENDING"});
  move("AWSCURRENT", "v2");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT AWSPENDING");
  put("v3");
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT");
}

TEST_F(StagingLabelsTest, FollowTwoRotations) {
  put("v1");
  put("v2", {"AWSPENDING"});
  move("AWSCURRENT", "v2");
  put("v3", {"AWSPENDING"});
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT; v3: AWSPENDING");
  move("AWSCURRENT", "v3");
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS; v3: AWSCURRENT AWSPENDING");
}

TEST_F(StagingLabelsTest, FollowTwoRotationsWithLabelsOfTheCaller) {
  put("v1");
  put("v2", {"AWSPENDING", "AWSSOMETHING", "PUT1"});
  move("AWSCURRENT", "v2");
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT AWSPENDING AWSSOMETHING PUT1");
  put("v3", {"AWSPENDING", "PUT2"});
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT AWSSOMETHING PUT1; v3: AWSPENDING PUT2");
  move("AWSCURRENT", "v3");
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS AWSSOMETHING PUT1; v3: AWSCURRENT AWSPENDING PUT2");
}

TEST_F(StagingLabelsTest, FollowARotationAfterAPut) {
  put("v1");
  put("v2", {"AWSCURRENT", "PUT0"});
  EXPECT_EQ(labels(), "v1: AWSPREVIOUS; v2: AWSCURRENT PUT0");
  put("v3", {"AWSPENDING", "PUT1"});
  move("AWSCURRENT", "v3");
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS PUT0; v3: AWSCURRENT AWSPENDING PUT1");
  put("v4", {"AWSPENDING", "PUT2"});
  EXPECT_EQ(labels(), "v2: AWSPREVIOUS PUT0; v3: AWSCURRENT PUT1; v4: AWSPENDING PUT2");
  move("AWSCURRENT", "v4");
  EXPECT_EQ(labels(), "v2: PUT0; v3: AWSPREVIOUS PUT1; v4: AWSCURRENT AWSPENDING PUT2");
}

TEST_F(StagingLabelsTest, MoveFromVersionToVersion) {
  put("v1");
  put("v2", {"one", "two", "three"});
  put("v3", {"one", "two", "four"});
  EXPECT_EQ(labels(), "v1: AWSCURRENT; v2: three; v3: four one two");
}

TEST_F(StagingLabelsTest, LeaveAVersionUnlabelledWhenAllMoveOn) {
  put("v1");
  put("v2", {"one", "two", "three"});
  put("v3", {"one", "two", "three", "four"});
  EXPECT_EQ(labels(), "v1: AWSCURRENT; v3: four one three two");
  EXPECT_EQ(versions(), 3);
}

// ---- pruning ------------------------------------------------------------------------------------

TEST_F(StagingLabelsTest, ArePrunedFromTheOldestOnOnlyToMakeRoom) {
  for (int i = 0; i < 99; ++i) put("v" + std::to_string(i));
  now_ = 25 * kHourNs;
  EXPECT_TRUE(prune_versions(secret_, now_).empty());
  put("v99");
  EXPECT_EQ(prune_versions(secret_, now_), std::vector<std::string>{"v0"});
  EXPECT_EQ(versions(), 99);
}

TEST_F(StagingLabelsTest, AreNotPrunedBeforeADayHasPassed) {
  for (int i = 0; i < 120; ++i) put("v" + std::to_string(i));
  EXPECT_TRUE(prune_versions(secret_, 24 * kHourNs - 1).empty());
  EXPECT_EQ(prune_versions(secret_, 24 * kHourNs).size(), 21U);
  EXPECT_EQ(versions(), 99);
}

TEST_F(StagingLabelsTest, KeepAVersionForEver) {
  put("v0", {"AWSCURRENT", "keep"});
  for (int i = 1; i < 110; ++i) put("v" + std::to_string(i));
  const std::vector<std::string> pruned = prune_versions(secret_, 24 * kHourNs);
  EXPECT_EQ(pruned.front(), "v1");
  EXPECT_EQ(pruned.size(), 11U);
  EXPECT_NE(find_version(secret_, "v0"), nullptr);
}

}  // namespace
}  // namespace faultline::regions
