// Ghosts: what a watcher knows of a world, gathered from commits, calls and messages: the regions'
// secrets, the history of each lineage, the calls that are under way, what a link's two ends have
// told each other. Nothing here is read by the world.
//
// Lineage  a secret's life as a primary, named by its ARN. A replica follows its primary's lineage;
//          promoted, it begins one of its own with what it has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/time.h"
#include "proto/secrets_manager.pb.h"
#include "proto/storage.pb.h"

namespace faultline::regions {

using RecordPtr = std::shared_ptr<const v1::StoredSecret>;

// One stored value.
struct ValueGhost {
  std::uint64_t digest = 0;  // of kind and plaintext; 0: it does not open
  std::vector<std::string> key_arns;
};

// Region, the primary's ARN, generation.
using LinkKey = std::tuple<std::string, std::string, std::uint64_t>;

struct LinkGhost {
  v1::StoredLink record;
  // Since when it has had what it is to bring over, or its region has been able to.
  engine::Instant since;
  // When it was last written as InProgress.
  engine::Instant begun;
  // How often its status was written; how often its region's KMS had refused when it last began.
  std::uint64_t written = 0;
  std::uint64_t kms_errors = 0;
};

// What a region held from one instant on; null: nothing.
struct StateSeen {
  std::uint64_t number = 0;
  RecordPtr record;
};

struct SecretGhost {
  std::string name;
  RecordPtr record;
  std::map<std::string, ValueGhost> values;
  std::map<LinkKey, LinkGhost> links;
  // Every state since the earliest call that is under way began; the last is the present one.
  std::vector<StateSeen> states = {{}};
  // How often it became, or ceased to be, a replica.
  std::uint64_t roles = 0;
  // A replica: which state of its lineage it holds.
  std::size_t index = 0;
  // The present record was written without a sync; when its sync's time is over.
  bool unsynced = false;
  engine::Instant durable_at;
  // Attached links that its last erasure took with it.
  std::size_t links_erased = 0;
  // Calls that name it and have not been answered; and those whose answer left it open whether they
  // took effect.
  std::vector<std::uint64_t> pending;
  std::vector<std::uint64_t> maybe;
  // When a call of each operation last succeeded.
  std::map<int, engine::Instant> successes;
};

// The reads that a batch is taken apart into have ids of their own; this is the world's number of
// the call that they are of. Of any other call it is its id.
inline constexpr int kBatchShift = 48;
constexpr std::uint64_t number_of_call(std::uint64_t id) {
  return id & ((std::uint64_t{1} << kBatchShift) - 1);
}

struct RegionGhost {
  std::string name;
  bool up = true;
  bool open = true;
  // What its disk holds may change behind the store's back.
  bool tainted = false;
  // It was changed so: what is there when the store is opened next is taken as it is.
  bool replaced = false;
  std::map<std::string, SecretGhost, std::less<>> secrets;
  // Lineage → the newest generation that was removed, or promoted, here.
  std::map<std::string, std::uint64_t, std::less<>> removed;
  std::map<std::string, std::uint64_t, std::less<>> promoted;
  // Lineage → generation of the tombstone that was committed.
  std::map<std::string, std::uint64_t, std::less<>> stones;
  // Lineage → the newest generation whose removal was asked for here.
  std::map<std::string, std::uint64_t, std::less<>> removals_heard;
  // A commit failed: whether it took effect is seen when the store is opened again.
  bool has_lost = false;
  std::uint64_t lost_commits = 0;
  std::uint64_t kms_errors = 0;
  std::uint64_t openings = 0;
  std::uint64_t offers_heard = 0;
  std::uint64_t answers_given = 0;
};

// What replicas must hold of one state, as hashes.
struct Snapshot {
  std::uint64_t sequence = 0;
  std::uint64_t whole = 0;    // labels, description, tags
  std::uint64_t labels = 0;   // which version has which
  std::uint64_t current = 0;  // the version id that is AWSCURRENT
};

struct Lineage {
  std::string arn;
  std::string region;
  std::string name;
  std::vector<Snapshot> history;
  // Version id → digests; more than one only where a version was pruned and its id used again.
  std::map<std::string, std::vector<std::uint64_t>> values;
  // Durability is not owed to it.
  bool forfeited = false;
  // Region → the state that a client was told to be InSync there.
  std::map<std::string, std::size_t> told;
};

// What went to and fro on one link.
struct LinkTalk {
  std::set<std::uint64_t> heard;   // sequences of snapshots that arrived
  std::uint32_t offers_since = 0;  // snapshots that were sent since the link last began
  std::uint32_t allowed_more = 0;  // full copies that the replica asked for
  std::uint64_t acked = 0;         // newest acknowledgement that was sent …
  std::uint64_t ack_heard = 0;     // … and that arrived since the primary's store was opened
  std::vector<std::pair<std::uint64_t, std::uint64_t>> refusals;  // sequence, hash of the text
  bool ended = false;  // the replica said that the link is over
};

struct CallGhost {
  std::uint64_t id = 0;
  std::string region;
  std::string principal;
  std::string secret;  // its name there; empty: none, or it cannot exist
  std::string arn;     // which it must have; empty: any
  v1::ApiRequest request;
  std::string token;
  std::uint64_t digest = 0;  // of the value it brings; 0: none
  bool mutates = false;
  engine::Instant began;
  // As they were when it began.
  std::uint64_t state = 0;
  std::uint64_t roles = 0;
  std::uint64_t kms_errors = 0;
  std::uint64_t kms_uses = 0;
  std::uint64_t openings = 0;
  std::size_t session_floor = 0;
  std::size_t told_floor = 0;
  std::string lineage;
  std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> failed_links;
  // A commit was its doing, and when that is durable.
  bool took_effect = false;
  engine::Instant durable_at;
};

// ---- about records ------------------------------------------------------------------------------
[[nodiscard]] Snapshot snapshot_of(const v1::StoredSecret& secret);
// The ARN of the lineage that a record belongs to.
[[nodiscard]] std::string lineage_of(const v1::StoredSecret& secret);
[[nodiscard]] bool is_replica(const RecordPtr& record);
[[nodiscard]] std::uint64_t digest_of(v1::StoredVersion::Kind kind, std::string_view plaintext);
// Whether it is what the call names.
[[nodiscard]] bool names(const CallGhost& call, const RecordPtr& record);
// How people call a link's status.
[[nodiscard]] std::string_view status_of(const v1::StoredLink* link);

}  // namespace faultline::regions
