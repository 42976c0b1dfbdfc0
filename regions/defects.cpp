#include "regions/defects.h"

#include <algorithm>
#include <vector>

#include "regions/scenario/spelling.h"

namespace faultline::regions {
namespace {

constexpr std::array<DefectInfo, kDefects> kTable{
    {
     {Defect::D01, "D01", "LastArrivalWins",
         "A replica applies every snapshot that comes, the older ones, too.",
         "Amazon DynamoDB, 19 October 2025: a delayed worker applied an old plan over a newer one.",
         "S06,S05,S07", 1, "D01_last_arrival_wins.textproto"},
     {Defect::D02, "D02", "AnyAckMeansInSync",
         "Any acknowledgement of a link makes it InSync, of whichever snapshot it is.",
         "Statuses that lie; slips about how far a follower has come, as in Raft's matchIndex.",
         "S07", 1, "D02_any_ack_means_in_sync.textproto"},
     {Defect::D03, "D03", "OrderByCreation",
         "A replica takes a snapshot for news only if it brings a newer version, so that a label "
         "moved "
         "back is none.",
         "Rollbacks that nobody sees; last-writer-wins by the wrong clock.", "S07,L01", 0,
         "D03_order_by_creation.textproto"},
     {Defect::D04, "D04", "StageMoveAsOperation",
         "A label moved back travels as an operation, \"swap\", and is carried out at every "
         "delivery.",
         "Delivery at least once, and a change that must not be made twice.", "S07,S05", 1,
         "D04_stage_move_as_operation.textproto"},
     {Defect::D05, "D05", "PromotedStillFollows",
         "A promoted secret still applies the snapshots of its old primary.",
         "GitHub, 21 October 2018: 43 seconds of partition, writes on both coasts, no fence "
         "between "
         "them.",
         "S12", 1, "D05_promoted_still_follows.textproto"},
     {Defect::D06, "D06", "PromotionUnsynced", "A promotion is answered before it is durable.",
         "Acknowledged before it was synced; elections that are unclean.", "S13,S12", 2,
         "D06_promotion_unsynced.textproto"},
     {Defect::D07, "D07", "PromotionUnsyncedSometimes",
         "A promotion is not made durable if the link from the primary is cut and a sibling "
         "replica "
         "has Failed.",
         "Durability that was forgotten on one rare path of error handling.", "S13,S12", 5,
         "D07_promotion_unsynced_sometimes.textproto"},
     {Defect::D08, "D08", "NoTombstone",
         "A region that gave up a replica keeps no note of it, and a late snapshot makes the "
         "replica "
         "again.",
         "Deleted data that comes back, as zombies did in Cassandra.", "S15", 2,
         "D08_no_tombstone.textproto"},
     {Defect::D09, "D09", "FanOutStops",
         "A region that has failed ends the round: those behind it are not told of the change.",
         "A loop over three regions and more that its first error ends (ansible community.aws "
         "1789).",
         "L02,L01,S21", 1, "D09_fan_out_stops.textproto"},
     {Defect::D10, "D10", "FirstCopyForgotten",
         "A new replica region is written down, and the task to copy the secret there is not.",
         "Jobs that a crash loses: the list says so, and nobody works on it.", "L02,L01", 1,
         "D10_first_copy_forgotten.textproto"},
     {Defect::D11, "D11", "ShellStays",
         "When a first copy fails, a secret without a usable version stays behind.",
         "The user guide: a region without usable versions removes the secret.", "S23", 1,
         "D11_shell_stays.textproto"},
     {Defect::D12, "D12", "DataKeyCopied",
         "A replica keeps the data key as the primary's key has wrapped it.",
         "Multi-Region keys taken for granted where a key belongs to one region.", "S26", 0,
         "D12_data_key_copied.textproto"},
     {Defect::D13, "D13", "ContextOfThePrimary",
         "A replica wraps its data keys in the context of the primary's ARN.",
         "The user guide: the context is the secret's own ARN and the version's id.", "S27", 0,
         "D13_context_of_the_primary.textproto"},
     {Defect::D14, "D14", "FailedWithoutReason",
         "A failure at a key becomes Failed without a status message.",
         "Errors that are caught, and said nothing of.", "S19", 1,
         "D14_failed_without_reason.textproto"},
     {Defect::D15, "D15", "AnswersBeforeSync", "A primary answers before the change is durable.",
         "LevelDB's default; sixty such places in eleven systems (ALICE, OSDI 2014).", "S08", 1,
         "D15_answers_before_sync.textproto"},
     {Defect::D16, "D16", "AcksBeforeSync",
         "A replica acknowledges before the snapshot is durable.",
         "The same, where another region relies upon it.", "S07,S06", 2,
         "D16_acks_before_sync.textproto"},
     {Defect::D17, "D17", "TwoBatches",
         "Labels and values are committed one after the other, so that a crash can come between "
         "them.",
         "Atomicity across two writes that nobody promised (ALICE, OSDI 2014).", "S03,S01", 1,
         "D17_two_batches.textproto"},
     {Defect::D18, "D18", "TimersForgotten",
         "After a restart a primary believes that its snapshots are under way, and waits without a "
         "timer.",
         "A repair that never came, in Azure's ExtentManager (Deligiannis et al., FAST 2016).",
         "L02,L01", 2, "D18_timers_forgotten.textproto"},
     {Defect::D19, "D19", "RetriesWithoutEnd",
         "A snapshot is sent again at every tick, once for each version that is pending, with no "
         "backoff and no end.",
         "Retries that keep a broken service broken, as in EC2 on 20 October 2025.", "S38,L05", 2,
         "D19_retries_without_end.textproto"},
     {Defect::D20, "D20", "DeadlineOnWallClock",
         "The time to try again is read from the region's wall clock.",
         "Timers that a jump of the clock puts off.", "L02,L01", 2,
         "D20_deadline_on_wall_clock.textproto"},
     {Defect::D21, "D21", "TokensForgotten",
         "Which ClientRequestTokens were used is kept in memory only.",
         "PutSecretValue's promise that a repeated call changes nothing.", "S10", 2,
         "D21_tokens_forgotten.textproto"},
     {Defect::D22, "D22", "ReplicaWritable", "A replica accepts PutSecretValue.",
         "hashicorp/vault 8106: secondaries could rotate root credentials.", "S14", 0,
         "D22_replica_writable.textproto"},
     }
};

}  // namespace

const std::array<DefectInfo, kDefects>& defects() { return kTable; }

const DefectInfo* find_defect(std::string_view id) {
  const auto* const found = std::ranges::find(kTable, id, &DefectInfo::id);
  return found == kTable.end() ? nullptr : found;
}

std::string no_such_defect(std::string_view id) {
  std::vector<std::string> known;
  for (const DefectInfo& info : kTable) known.emplace_back(info.id);
  return "no defect is called \"" + std::string(id) + "\"" + did_you_mean(id, known);
}

std::string defects_as_markdown() {
  std::string out =
      "| id | name | what is changed | as in | caught by | depth | file |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const DefectInfo& info : kTable) {
    std::string properties(info.properties);
    for (std::size_t at = 0; (at = properties.find(',', at)) != std::string::npos; at += 2) {
      properties.replace(at, 1, ", ");
    }
    out += "| " + std::string(info.id) + " | " + std::string(info.name) + " | " +
           std::string(info.what) + " | " + std::string(info.why) + " | " + properties + " | " +
           std::to_string(info.depth) + " | `" + std::string(info.file) + "` |\n";
  }
  return out;
}

}  // namespace faultline::regions
