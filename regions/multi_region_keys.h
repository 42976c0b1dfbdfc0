// MultiRegionKeys: what keys do by themselves. Related multi-Region keys share their material
// across regions, which takes time and a network; deletions and automatic rotations come due.
//
// Regions' KMS know nothing of each other (kms/kms.h, "multi-Region keys"); this carries what is
// shared from the primary key to its replicas.
//
// Time     Each step takes service.key_replication_time when the two regions can talk. While a cut
//          lies between them it waits; it looks again a second later in the background, and at once
//          when a fault ends.
// Faults   Of the network; and what a KMS that answers nobody cannot do now is done later.
// Trace    KEY_CHANGED, at the key's region: "Deleted", "MaterialRotated", "ReplicaCreated",
//          "ReplicaDeleted" (at the primary; outcome: the replica's region), "BecamePrimary",
//          "BecameReplica".
// Costs    A world whose KMS no client calls schedules and traces nothing here.
// Source   AWS KMS Developer Guide, "Multi-Region keys in AWS KMS", "Rotate AWS KMS keys", "Delete
//          an AWS KMS key".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event_queue.h"
#include "engine/time.h"
#include "kms/kms.h"

namespace faultline::regions {

class World;

class MultiRegionKeys {
 public:
  // The world outlives this.
  explicit MultiRegionKeys(World& world);
  MultiRegionKeys(const MultiRegionKeys&) = delete;
  MultiRegionKeys& operator=(const MultiRegionKeys&) = delete;

  // ---- for the API ------------------------------------------------------------------------------
  struct Replicate {
    std::string key;  // id or ARN, of a primary key of `from`
    std::string from;
    std::string to;
    std::string description{};
    const v1::Policy* policy = nullptr;
    std::vector<kms::Tag> tags{};
    const kms::Caller* keeper = nullptr;
    // Needs kms:CreateKey in the other region.
    std::string caller_arn{};
  };
  // The replica is Creating from now on, and Enabled when its material has come over. Errors: those
  // of Kms::begin_replication and create_replica; UnsupportedOperationException when the account
  // has not enabled the region, or the world has none of that name.
  kms::Result<kms::KeyMetadata> replicate(const Replicate& request);
  // Of a key that replicate() made.
  kms::Result<std::string> policy_document(const std::string& region, std::string_view key);
  // Both keys are Updating from now on. Errors: those of Kms::begin_update_primary.
  kms::Result<void> update_primary(std::string_view key, std::string_view from,
                                   std::string_view to);

  // ---- for whoever changes keys -----------------------------------------------------------------
  // A client has called KMS: from now on keys are watched.
  void begin_to_watch();
  // Something may have changed in the region's KMS: what follows from it is set in motion, if keys
  // are watched.
  void keys_changed(std::string_view region);
  // See other_services.h.
  [[nodiscard]] engine::Duration busy_for() const;
  // A fault has ended, or is about to.
  void fault_ended();
  // Everything is looked at anew: for a world that was restored.
  void resume();

 private:
  // What was last seen of a key.
  struct Seen {
    std::string material;
    bool multi_region = false;
  };
  struct AtRegion {
    std::uint64_t changes = 0;
    bool was_seen = false;
    std::map<std::string, Seen> keys;
    engine::EventId timer = 0;
    std::int64_t timer_due_unix_ns = 0;
  };
  // Work on one multi-Region key.
  struct Job {
    engine::EventId timer = 0;
    bool waits = false;  // for the network
    // Empty unless its primary region is being changed.
    std::string old_primary;
    std::string new_primary;
  };

  void look_at(const std::string& region);
  void arm(const std::string& region);
  void plan(const std::string& key_id);
  void schedule(const std::string& key_id, engine::Duration after, engine::TimerClass urgency);
  void work_on(const std::string& key_id);
  bool change_primary(const std::string& key_id, const Job& job);
  bool bring_over(const std::string& key_id, const std::string& primary);
  bool bring_to(const std::string& key_id, const std::string& primary, const std::string& replica);
  [[nodiscard]] bool is_in_step(const std::string& key_id, const std::string& primary);
  [[nodiscard]] bool can_talk(const std::string& one, const std::string& other);
  // The region of its primary key; empty: none here.
  [[nodiscard]] std::string primary_of(const std::string& key_id);
  [[nodiscard]] v1::KeyState state_of(const std::string& region, const std::string& key_id);
  [[nodiscard]] bool has_key(const std::string& region, const std::string& key_id);
  [[nodiscard]] std::uint64_t shared_digest(const std::string& region, const std::string& key_id);
  [[nodiscard]] std::int64_t wall_unix_ns(const std::string& region);
  void record(const std::string& region, const std::string& key_id, std::string_view what,
              std::string_view outcome = {});

  World& world_;
  bool watches_ = false;
  std::map<std::string, AtRegion, std::less<>> regions_;
  std::map<std::string, Job> jobs_;  // by key id
  // What was brought over last: digests of what related keys share, by key id and region.
  std::map<std::pair<std::string, std::string>, std::uint64_t> brought_;
};

}  // namespace faultline::regions
