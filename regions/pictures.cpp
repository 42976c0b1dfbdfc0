#include "regions/pictures.h"

#include <algorithm>
#include <array>
#include <utility>

namespace faultline::regions {
namespace {

struct Picture {
  // "S12,D05": separated by commas.
  std::string_view ids;
  // Mermaid, without its head. C: a client; P: the primary; R: a replica; S: its sibling; K: the
  // KMS of the replica's Region.
  std::string_view body;
};

constexpr std::array<std::pair<char, std::string_view>, 5> kParticipants = {
    {
     {'C', "a client"},
     {'P', "us-west-2, the primary"},
     {'R', "us-east-1, a replica"},
     {'S', "eu-west-1, a replica"},
     {'K', "KMS in us-east-1"},
     }
};

// clang-format off
constexpr std::array kPictures = {
  Picture{"STATUS-INPROGRESS,STATUS-INSYNC,S33,NET-01",
    "C->>P: PutSecretValue\n"
    "P-->>C: OK\n"
    "Note over P: us-east-1 is InProgress\n"
    "P->>R: Replicate 2\n"
    "Note over R: sealed with its own key, synced\n"
    "R-->>P: ReplicateAck 2\n"
    "Note over P: us-east-1 is InSync\n"},
  Picture{"STATUS-FAILED,L03,S19,S20,S21",
    "P->>R: Replicate 2\n"
    "R-->>P: ReplicateNack, with the reason\n"
    "Note over P: us-east-1 is Failed, and says why\n"
    "Note over R: the cause is mended\n"
    "C->>P: ReplicateSecretToRegions\n"
    "P->>R: Replicate 2\n"
    "R-->>P: ReplicateAck 2\n"
    "Note over P: us-east-1 is InSync\n"},
  Picture{"REASON-NAME,OPS-07",
    "Note over R: has a secret of this name\n"
    "P->>R: Replicate 1\n"
    "R-->>P: ReplicateNack NAME_EXISTS\n"
    "Note over P: Failed, the name already exists\n"
    "C->>P: ReplicateSecretToRegions, ForceOverwrite\n"
    "P->>R: Replicate 1, overwrite\n"
    "Note over R: what was there is gone\n"
    "R-->>P: ReplicateAck 1\n"},
  Picture{"REASON-KMS,D14,KMS-05,KMS-06,KMS-01",
    "P->>R: Replicate 2\n"
    "R->>K: GenerateDataKey\n"
    "K-->>R: AccessDeniedException\n"
    "R-->>P: ReplicateNack KMS_ACCESS_DENIED\n"
    "Note over P: Failed, access to KMS is not allowed\n"
    "Note over R: still serves version 1\n"},
  Picture{"REASON-REGION,REG-05",
    "C->>P: CreateSecret, replica us-east-1\n"
    "P-->>C: OK\n"
    "P->>R: Replicate 1\n"
    "Note over R: not enabled for this account\n"
    "R-->>P: ReplicateNack REGION_NOT_ENABLED\n"
    "Note over P: Failed, the Region is not enabled\n"},
  Picture{"REASON-NETWORK,NET-09,NET-11,L02",
    "P-xR: Replicate 2\n"
    "Note over P: waits 1 s\n"
    "P-xR: Replicate 2\n"
    "Note over P: waits 2 s\n"
    "P-xR: Replicate 2\n"
    "Note over P: waits 4 s\n"
    "P-xR: Replicate 2\n"
    "Note over P: Failed, a network error\n"},
  Picture{"S01,S03,D17,REG-01",
    "C->>P: PutSecretValue\n"
    "Note over P: writes AWSCURRENT to the new version, syncs\n"
    "Note over P: power fails, the value is not written\n"
    "P-->>C: connection closed\n"
    "C->>P: GetSecretValue\n"
    "P-->>C: AWSCURRENT has no value\n"},
  Picture{"S02,OPS-05",
    "C->>P: UpdateSecretVersionStage AWSCURRENT to v2\n"
    "Note over P: v1 AWSPREVIOUS, v2 AWSCURRENT, in one batch\n"
    "P-->>C: OK\n"},
  Picture{"S05,S06,D01,NET-05",
    "P->>P: put 3, put 4\n"
    "P->>R: Replicate 4\n"
    "Note over R: holds 4\n"
    "P->>R: Replicate 3, late\n"
    "Note over R: 3 is older than 4, ignored\n"},
  Picture{"D02,NET-03",
    "P->>R: Replicate 2\n"
    "P-xR: Replicate 3, lost\n"
    "R-->>P: ReplicateAck 2\n"
    "Note over P: an answer to 2 says nothing of 3\n"},
  Picture{"D03",
    "P->>R: Replicate 2, AWSCURRENT on v2\n"
    "C->>P: move AWSCURRENT back to v1\n"
    "P->>R: Replicate 3, no new version\n"
    "Note over R: a label that moves is news, too\n"},
  Picture{"S10,D04,D21,NET-04,API-04",
    "P->>R: Replicate 3\n"
    "R--xP: ReplicateAck 3, lost\n"
    "P->>R: Replicate 3, again\n"
    "Note over R: has 3, changes nothing\n"
    "R-->>P: ReplicateAck 3\n"},
  Picture{"S07,D16",
    "P->>R: Replicate 2\n"
    "R-->>P: ReplicateAck 2, before the sync\n"
    "Note over P: InSync\n"
    "Note over R: power fails, 2 was not synced\n"
    "C->>R: GetSecretValue\n"
    "R-->>C: version 1\n"},
  Picture{"S08,D15,DSK-01,DSK-10",
    "C->>P: PutSecretValue\n"
    "P-->>C: OK, before the sync\n"
    "Note over P: power fails\n"
    "C->>P: GetSecretValue\n"
    "P-->>C: the old value\n"},
  Picture{"S11,OPS-01,L06",
    "Note over P: down, or cut off\n"
    "C->>R: StopReplicationToReplica\n"
    "Note over R: a secret of its own, P is not asked\n"
    "R-->>C: OK\n"
    "C->>R: PutSecretValue\n"
    "R-->>C: OK\n"},
  Picture{"S12,D05",
    "P->>R: Replicate 3, held up\n"
    "C->>R: StopReplicationToReplica\n"
    "C->>R: PutSecretValue\n"
    "Note over R: the late Replicate 3 arrives\n"
    "R-->>P: ReplicateNack FENCED\n"
    "Note over P: the link is over\n"},
  Picture{"S13,D06,D07",
    "C->>R: StopReplicationToReplica\n"
    "R-->>C: OK, before the sync\n"
    "Note over R: power fails, a replica again\n"
    "P->>R: Replicate 3\n"
    "Note over R: what was promoted is overwritten\n"},
  Picture{"S14,D22",
    "C->>R: PutSecretValue\n"
    "R-->>C: InvalidParameterException, a replica is read-only\n"},
  Picture{"S15,S16,D08,OPS-02,NET-06",
    "P->>R: Replicate 1, held up\n"
    "C->>P: RemoveRegionsFromReplication\n"
    "P->>R: RemoveReplica\n"
    "Note over R: deleted, a tombstone stays\n"
    "Note over R: the late Replicate 1 arrives\n"
    "R-->>P: ReplicateNack LINK_REMOVED\n"},
  Picture{"S17",
    "C->>P: DeleteSecret\n"
    "P-->>C: InvalidParameterException, it has replicas\n"},
  Picture{"D09,S34",
    "P->>R: Replicate 2\n"
    "R-->>P: ReplicateNack\n"
    "Note over P: us-east-1 is Failed\n"
    "P->>S: Replicate 2, all the same\n"
    "S-->>P: ReplicateAck 2\n"},
  Picture{"D10,D18,L01",
    "C->>P: CreateSecret, replica us-east-1\n"
    "Note over P: secret and task in one batch\n"
    "Note over P: power fails, starts again\n"
    "Note over P: finds the task on its disk\n"
    "P->>R: Replicate 1\n"
    "R-->>P: ReplicateAck 1\n"},
  Picture{"S23,D11",
    "P->>R: Replicate 1, the first copy\n"
    "R->>K: GenerateDataKey\n"
    "K-->>R: AccessDeniedException\n"
    "Note over R: removes what it had begun\n"
    "R-->>P: ReplicateNack\n"},
  Picture{"S26,S27,D12,D13,S25",
    "P->>P: opens its data key with its own KMS\n"
    "P->>R: Replicate, sealed for the way\n"
    "R->>K: GenerateDataKey, context is R's ARN and version\n"
    "K-->>R: a data key of this Region\n"
    "Note over R: stores what only this Region opens\n"},
  Picture{"S29,KMS-03,KMS-04",
    "Note over P: us-east-1 is InSync\n"
    "C->>K: DisableKey\n"
    "C->>R: GetSecretValue\n"
    "R->>K: Decrypt\n"
    "K-->>R: DisabledException\n"
    "R-->>C: DecryptionFailure\n"},
  Picture{"S32,API-05",
    "C->>R: GetSecretValue\n"
    "R-->>C: version 2\n"
    "C->>R: GetSecretValue\n"
    "R-->>C: version 2 or newer, never 1\n"},
  Picture{"S38,L05,D19",
    "P-xR: Replicate 2\n"
    "P-xR: Replicate 3\n"
    "Note over P: one letter says all that is pending\n"
    "Note over P: waits double, and end\n"
    "P->>R: Replicate 5, the newest state\n"},
  Picture{"D20,CLK-02,S37",
    "P-xR: Replicate 2\n"
    "Note over P: try again in 1 s of the monotonic clock\n"
    "Note over P: the wall clock is set back 1 h\n"
    "P->>R: Replicate 2, after 1 s\n"},
  Picture{"S18",
    "C->>P: DeleteSecret, 7 days\n"
    "P-->>C: OK, and the date\n"
    "C->>P: GetSecretValue\n"
    "P-->>C: InvalidRequestException\n"
    "C->>P: RestoreSecret, before the date\n"
    "P-->>C: OK\n"},
  Picture{"L04",
    "C->>P: RemoveRegionsFromReplication\n"
    "P-xR: RemoveReplica, lost\n"
    "P->>R: RemoveReplica, again\n"
    "Note over R: deletes the replica\n"
    "R-->>P: RemoveReplicaAck\n"},
  Picture{"NET-10",
    "P->>R: Replicate 2\n"
    "Note over R: has 2\n"
    "R--xP: ReplicateAck 2, lost\n"
    "Note over P: hears nothing, sends again\n"},
  Picture{"API-03",
    "C->>P: PutSecretValue, token t\n"
    "Note over P: has the new version\n"
    "P-->>C: InternalServiceError\n"
    "C->>P: PutSecretValue, token t\n"
    "P-->>C: OK, the same version\n"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 44> kShown = {{
  {"S01", "15_half_a_secret.textproto"},
  {"S02", "11_a_password_that_rotates.textproto"},
  {"S03", "15_half_a_secret.textproto"},
  {"S04", "13_twice_delivered.textproto"},
  {"S05", "06_late_mail.textproto"},
  {"S06", "06_late_mail.textproto"},
  {"S07", "14_the_insync_that_lied.textproto"},
  {"S08", "07_acknowledged_then_crashed.textproto"},
  {"S09", "13_twice_delivered.textproto"},
  {"S10", "13_twice_delivered.textproto"},
  {"S11", "08_promote_while_cut_off.textproto"},
  {"S12", "16_the_old_primary_knocks.textproto"},
  {"S13", "23_static_stability_drill.textproto"},
  {"S14", "04_someone_already_lives_there.textproto"},
  {"S15", "17_the_zombie_replica.textproto"},
  {"S16", "17_the_zombie_replica.textproto"},
  {"S17", "21_the_clock_went_back.textproto"},
  {"S18", "21_the_clock_went_back.textproto"},
  {"S19", "03_locked_out_by_kms.textproto"},
  {"S20", "05_lost_in_the_post.textproto"},
  {"S21", "03_locked_out_by_kms.textproto"},
  {"S22", "05_lost_in_the_post.textproto"},
  {"S23", "04_someone_already_lives_there.textproto"},
  {"S24", "01_hello_replica.textproto"},
  {"S25", "01_hello_replica.textproto"},
  {"S26", "01_hello_replica.textproto"},
  {"S27", "01_hello_replica.textproto"},
  {"S28", "11_a_password_that_rotates.textproto"},
  {"S29", "20_insync_but_unreadable.textproto"},
  {"S30", "chaos/keys.textproto"},
  {"S31", "chaos/three_regions.textproto"},
  {"S32", "18_read_your_writes_elsewhere.textproto"},
  {"S33", "18_read_your_writes_elsewhere.textproto"},
  {"S34", "defects/D20_deadline_on_wall_clock.textproto"},
  {"S35", "chaos/three_regions.textproto"},
  {"S36", ""},
  {"S37", "21_the_clock_went_back.textproto"},
  {"S38", "22_the_healing_that_killed.textproto"},
  {"L01", "22_the_healing_that_killed.textproto"},
  {"L02", "defects/D20_deadline_on_wall_clock.textproto"},
  {"L03", "chaos/three_regions.textproto"},
  {"L04", "17_the_zombie_replica.textproto"},
  {"L05", "22_the_healing_that_killed.textproto"},
  {"L06", "23_static_stability_drill.textproto"},
}};
// clang-format on

bool is_one_of(std::string_view id, std::string_view ids) {
  while (!ids.empty()) {
    const std::size_t end = std::min(ids.find(','), ids.size());
    if (ids.substr(0, end) == id) return true;
    ids.remove_prefix(std::min(end + 1, ids.size()));
  }
  return false;
}

// Whether a line of the body is about the participant: as sender, as receiver, or in a note.
bool appears(std::string_view body, char participant) {
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = body.find('\n', begin);
    std::string_view line = body.substr(begin, end - begin);
    line = line.substr(0, line.find(':'));
    const bool speaks = line.front() == participant && !line.starts_with("Note");
    if (speaks || line.back() == participant) return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

std::string picture_of(std::string_view id) {
  for (const Picture& picture : kPictures) {
    if (!is_one_of(id, picture.ids)) continue;
    std::string out = "sequenceDiagram\n";
    for (const auto& [letter, name] : kParticipants) {
      if (!appears(picture.body, letter)) continue;
      out += std::string("  participant ") + letter + " as " + std::string(name) + "\n";
    }
    for (std::size_t begin = 0; begin < picture.body.size();) {
      const std::size_t end = picture.body.find('\n', begin) + 1;
      out += "  " + std::string(picture.body.substr(begin, end - begin));
      begin = end;
    }
    return out;
  }
  return {};
}

std::string_view scenario_of_property(std::string_view id) {
  for (const auto& [property, scenario] : kShown) {
    if (property == id) return scenario;
  }
  return {};
}

}  // namespace faultline::regions
