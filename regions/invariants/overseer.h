// Overseer: the ghosts of one world and the judges that look at them. One method for each thing
// that can be heard; which properties it judges stands above its body.
//
//   records.cpp   what a region commits: a secret's versions, labels, role; who asked for it
//   values.cpp    stored values, keys and nonces; plaintext where none may be
//   links.cpp     what a primary says of its replicas, and what the two ends have told each other
//   calls.cpp     what clients ask and are told
//   reads.cpp     what clients read, and in which order
//   batches.cpp   batches of reads, taken apart
//   recovery.cpp  what a store holds when it is opened again; faults
//   sweep.cpp     everything once more; what should have come to pass
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regions/invariants/canary.h"
#include "regions/invariants/ghost.h"
#include "regions/invariants/linearizability.h"
#include "regions/invariants/master_keys.h"
#include "regions/invariants/monitor.h"
#include "regions/invariants/sequential_secret.h"
#include "regions/secret_store.h"
#include "regions/world.h"

namespace faultline::regions {

// Whether a fault is about more than messages between regions.
[[nodiscard]] bool is_local(const v1::Fault& fault);

class Overseer {
 public:
  Overseer(World& world, MonitorOptions options);

  void after_event();
  void on_call(const CallSeen& call);
  void on_answer(const AnswerSeen& answer);
  void on_commit(std::string_view region, const Transaction& transaction);
  void on_commit_lost(std::string_view region);
  void on_message(const MessageSeen& message);
  void on_delivery(const MessageSeen& message);
  void on_kms_call(const KmsCallSeen& call);
  void on_kms_request(const KmsRequestSeen& request);
  void on_life(std::string_view region, bool up);
  void on_store(std::string_view region, bool open);
  void on_fault(const v1::Fault& fault, bool begins);
  void forfeit_by(const v1::Fault& fault);
  void settle_begins();
  void at_end(const EndState& end);
  void was_repeated(bool equal);

  [[nodiscard]] const std::vector<PropertyViolation>& violations() const { return violations_; }
  [[nodiscard]] const std::array<std::uint64_t, kProperties>& held() const { return held_; }

 private:
  using Id = std::uint64_t;
  using LinkEntry = std::pair<const LinkKey, LinkGhost>;

  // ---- saying ---------------------------------------------------------------------------------
  void hold(Property property) { ++held_[static_cast<std::size_t>(property)]; }
  void report(Property property, std::string_view secret, std::string_view region,
              std::string found);
  // Nothing about durability is owed to this lineage.
  [[nodiscard]] bool forfeited(const std::string& lineage) const;

  // ---- ghosts ---------------------------------------------------------------------------------
  RegionGhost& region(std::string_view name);
  SecretGhost& secret(RegionGhost& at, const std::string& name);
  Lineage& lineage(const std::string& arn, std::string_view region, const std::string& name);
  LinkTalk& talk(std::string_view replica, const std::string& lineage, std::uint64_t generation);
  [[nodiscard]] std::uint64_t digest_in(const std::string& lineage, const std::string& id) const;
  void push_state(SecretGhost& secret, RecordPtr record);
  History& history(std::string_view region, const std::string& secret);
  // Something happens in the region that the specification of S31 does not know.
  void end_histories(const std::string& region);
  [[nodiscard]] engine::Instant now() const {
    return options_.clock ? options_.clock() : world_.now();
  }
  [[nodiscard]] bool talks_like_the_built_in() const { return offers_seen_ > 0; }

  // ---- records.cpp ----------------------------------------------------------------------------
  void take_record(RegionGhost& at, SecretGhost& secret, RecordPtr now_held);
  void judge_labels(const RegionGhost& at, const SecretGhost& secret);
  void judge_replica(RegionGhost& at, SecretGhost& secret, const RecordPtr& before);
  void judge_standalone(RegionGhost& at, SecretGhost& secret, const RecordPtr& before);
  void judge_absence(RegionGhost& at, SecretGhost& secret, const RecordPtr& before);
  void judge_overwritten(RegionGhost& at, SecretGhost& secret, const v1::StoredSecret& before);
  // The call whose doing this change is; null: nobody's.
  CallGhost* explained(SecretGhost& secret, const RecordPtr& before);
  CallGhost* find_call(SecretGhost& secret, v1::ApiRequest::OperationCase operation);
  [[nodiscard]] bool has_writers(const SecretGhost& secret) const;
  void note_history(Lineage& line, const v1::StoredSecret& record);
  void note_effect(const RegionGhost& at, CallGhost& call);

  // ---- values.cpp -----------------------------------------------------------------------------
  void take_value(RegionGhost& at, SecretGhost& secret, const v1::StoredSecret* record,
                  const std::string& id, std::string_view bytes);
  void judge_digest(const RegionGhost& at, const v1::StoredSecret& record, const std::string& id,
                    std::uint64_t digest);
  void judge_freshness(const RegionGhost& at, const std::string& arn, const std::string& id,
                       const v1::StoredVersion& stored);
  void judge_wire(const MessageSeen& message);
  void judge_at_rest(const RegionGhost& at, const Transaction& transaction);
  void scan_disks();
  void scan(Property property, std::string_view bytes, std::string_view where,
            std::string_view region);
  void add_public(const v1::ApiRequest& request);

  // ---- links.cpp ------------------------------------------------------------------------------
  void take_link(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link, bool erased);
  void judge_transition(const RegionGhost& at, const SecretGhost& secret,
                        const v1::StoredLink* before, const v1::StoredLink& link, bool erased);
  void judge_failed(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link);
  void judge_in_sync(RegionGhost& at, SecretGhost& secret, const v1::StoredLink& link);
  // S07 for every link of a secret, seen from the primary or from a replica.
  void judge_equality(RegionGhost& primary, SecretGhost& secret);
  void judge_equality_of_replica(RegionGhost& at, const SecretGhost& secret);
  [[nodiscard]] std::string difference(const RegionGhost& primary, const SecretGhost& secret,
                                       const v1::StoredLink& link);
  [[nodiscard]] bool is_promoted_there(const v1::StoredLink& link);
  void judge_pace(bool all);

  // ---- calls.cpp ------------------------------------------------------------------------------
  void judge_success(RegionGhost& at, SecretGhost& secret, CallGhost& call,
                     const v1::ApiResponse& response);
  void judge_durable(RegionGhost& at, SecretGhost& secret, const CallGhost& call);
  void judge_token(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                   const v1::ApiResponse& response);
  void judge_effect(SecretGhost& secret, const CallGhost& call);
  CallGhost* twin_that_took_effect(SecretGhost& secret, const CallGhost& call);
  void judge_read(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                  const v1::GetSecretValueResponse& response);
  void judge_description(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                         const v1::DescribeSecretResponse& response);
  void judge_list(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                  const v1::ListSecretVersionIdsResponse& response);
  void judge_session(RegionGhost& at, const CallGhost& call, const RecordPtr& state,
                     std::uint64_t Snapshot::*part, std::uint64_t value);
  void judge_rekeyed(RegionGhost& at, SecretGhost& secret, const CallGhost& call);
  void judge_failure(RegionGhost& at, SecretGhost& secret, const CallGhost& call,
                     const Error& error);
  void judge_unharmed(RegionGhost& at, SecretGhost& secret, const CallGhost& call);
  void forget_call(SecretGhost& secret, Id id, bool maybe);
  [[nodiscard]] bool in_every_state(const SecretGhost& secret, const CallGhost& call,
                                    const std::function<bool(const RecordPtr&)>& holds) const;
  [[nodiscard]] DigestOf digests(const SecretGhost& secret) const;

  // ---- batches.cpp ----------------------------------------------------------------------------
  // A batch is as many reads as secrets it may show, all as long as the batch.
  void begin_batch(const CallSeen& batch);
  // Of a call that is no batch: nothing.
  void answer_batch(const AnswerSeen& answer);

  // ---- recovery.cpp ---------------------------------------------------------------------------
  struct Contents;
  [[nodiscard]] std::optional<Contents> read_store(const RegionGhost& at);
  void compare_opened(RegionGhost& at, const Contents& found);
  void adopt(RegionGhost& at, const Contents& found);
  void judge_recovered(RegionGhost& at, SecretGhost& secret, const RecordPtr& found);
  void forfeit_region(const std::string& region);

  // ---- sweep.cpp ------------------------------------------------------------------------------
  void sweep();
  void sweep_store(RegionGhost& at, const Contents& found);
  void judge_end_of_link(const EndState& end, RegionGhost& at, SecretGhost& secret,
                         const LinkGhost& ghost);
  void judge_orphans(const EndState& end);
  void judge_order();
  void judge_unanswered();
  [[nodiscard]] bool at_rest();
  [[nodiscard]] bool is_alive(const EndState& end, std::string_view region) const;
  [[nodiscard]] bool cause_is_gone(const RegionGhost& at, const SecretGhost& secret,
                                   const v1::StoredLink& link);

  World& world_;
  MonitorOptions options_;
  MasterKeys keys_;
  CanaryNet canaries_;
  std::map<std::string, RegionGhost, std::less<>> regions_;
  std::map<std::string, Lineage> lineages_;
  std::map<LinkKey, LinkTalk> talks_;
  std::map<Id, CallGhost> calls_;
  std::map<Id, CallGhost> maybe_calls_;
  // A batch under way → the ids of its reads.
  std::map<Id, std::vector<Id>> batches_;
  // Region, secret → what its clients asked and were told.
  std::map<std::pair<std::string, std::string>, History> histories_;
  // Session (principal, region, lineage) → the state that was read last.
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> sessions_;
  // Whose wrapped data key, and whose nonce, as hashes.
  std::map<std::uint64_t, std::uint64_t> data_keys_;
  std::map<std::uint64_t, std::uint64_t> nonces_;
  // (region, principal, secret, version) → how many uses of KMS had succeeded, this one included.
  std::map<std::uint64_t, std::uint64_t> kms_uses_;
  std::uint64_t kms_count_ = 0;
  std::set<std::string, std::less<>> principals_;
  std::set<std::string> forced_;  // regions that a client asked to overwrite in
  std::uint64_t offers_seen_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t states_ = 0;
  engine::Instant last_event_;
  std::size_t faults_in_force_ = 0;
  std::size_t slow_faults_ = 0;    // that add time which no bound knows
  engine::Instant clear_since_;    // of faults
  engine::Instant well_since_;     // of slow ones
  engine::Instant local_trouble_;  // when a fault last began or ended that is not the network's
  bool requests_repeat_ = false;
  bool keys_are_odd_ = false;
  engine::Instant settled_at_;
  std::vector<PropertyViolation> violations_;
  std::set<std::tuple<Property, std::string, std::string>> said_;
  std::array<std::uint64_t, kProperties> held_{};
};

}  // namespace faultline::regions
