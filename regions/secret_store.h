// SecretStore: what one region remembers, as typed records on a KvStore. One API call commits in
// one synced batch, replication intents included, so that a crash leaves either all of it or
// nothing.
//
//   s/<name>                              StoredSecret     the secret, without values
//   v/<name>\0<version id>                StoredVersion    one enveloped value
//   l/<name>\0<region>\0<arn>\0<generation>
//                                         StoredLink       one replica region and what it is still
//                                                          owed: the outbox
//   t/<primary ARN>                       StoredTombstone  a replica was removed here; its ghosts
//                                                          are not to be believed
//
// A removed link stays until its replica is gone, even when its secret is gone before and another
// one has taken the name.
//
// Invariants (1) what commit() accepted is durable before it returns.
//            (2) a commit whose secret has moved since it was read is refused, so that an operation
//                which awaited something never writes over another one's work.
// Errors     StoreError: the disk failed, or the store is closed. After a failed commit whether it
//            took effect is known only when the store has been opened again; the region does that
//            (services.h, store_failed).
// Trace      STORE_COMMITTED for each commit; REPLICATION_STATUS for each link whose status it
//            changed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/actor.h"
#include "proto/storage.pb.h"
#include "regions/kv_store.h"

namespace faultline::regions {

class Observer;

// The changes of one commit, in order.
class Transaction {
 public:
  // `why` appears in the trace: an operation or "replicate".
  explicit Transaction(std::string why) : why_(std::move(why)) {}

  // At most one secret a transaction is written; its revision is the one that was read, and
  // commit() adds one.
  void put_secret(v1::StoredSecret secret);
  // The record, its versions and its attached links; links that are being removed stay until their
  // replicas are gone.
  void erase_secret(const std::string& name);
  void put_version(const std::string& secret_name, const std::string& version_id,
                   const v1::StoredVersion& version);
  void erase_version(const std::string& secret_name, const std::string& version_id);
  void put_link(const std::string& secret_name, const v1::StoredLink& link);
  void erase_link(const std::string& secret_name, const v1::StoredLink& link);
  void put_tombstone(const v1::StoredTombstone& tombstone);

  // ---- for defects (defects.h) ------------------------------------------------------------------
  // Invariant (1) does not hold for this commit: a crash before the next one may undo it.
  void leave_unsynced() { synced_ = false; }
  // What it writes of values is written after the rest, so that a crash may come between.
  void write_in_two_batches() { in_two_batches_ = true; }

  // ---- for observers ----------------------------------------------------------------------------
  struct LinkChange {
    std::string secret_name;
    v1::StoredLink link;
    bool erased = false;
  };
  [[nodiscard]] const std::string& why() const { return why_; }
  // The record as it was written, once it was; nullptr: no record was written.
  [[nodiscard]] const std::shared_ptr<const v1::StoredSecret>& written_secret() const {
    return written_;
  }
  // Erased before the record is written.
  [[nodiscard]] const std::vector<std::string>& erased_secrets() const { return erased_secrets_; }
  [[nodiscard]] const std::vector<LinkChange>& link_changes() const { return links_; }
  // Versions, links and tombstones, as keys and bytes: what a secret's erasure adds is not in it,
  // nor is the record.
  [[nodiscard]] const WriteBatch& writes() const { return batch_; }

 private:
  friend class SecretStore;
  std::string why_;
  std::optional<v1::StoredSecret> secret_;
  std::shared_ptr<const v1::StoredSecret> written_;
  std::vector<std::string> erased_secrets_;
  std::vector<LinkChange> links_;
  WriteBatch batch_;
  bool synced_ = true;
  bool in_two_batches_ = false;
};

// Shown to users; not one that is being removed.
[[nodiscard]] inline bool is_attached(const v1::StoredLink& link) {
  return link.phase() == v1::StoredLink::ATTACHED;
}

enum class Commit { Done, Conflict };

class SecretStore {
 public:
  // Closed at first. The context outlives the store.
  explicit SecretStore(engine::ActorContext& ctx) : ctx_(ctx) {}

  // Not owned, and may change while the store is used; nullptr: nobody listens.
  void set_observer(Observer* const* observer) { observer_ = observer; }

  void open(std::unique_ptr<KvStore> kv) { kv_ = std::move(kv); }
  void close() {
    kv_.reset();
    parsed_.clear();
  }
  [[nodiscard]] bool is_open() const { return kv_ != nullptr; }

  [[nodiscard]] StoreResult<std::optional<v1::StoredSecret>> secret(const std::string& name) const;
  // The same without a copy; nullptr: there is none. What was read stays as it was read.
  [[nodiscard]] StoreResult<std::shared_ptr<const v1::StoredSecret>> look(
      const std::string& name) const;
  [[nodiscard]] StoreResult<std::optional<v1::StoredVersion>> version(
      const std::string& secret_name, const std::string& version_id) const;
  // Attached and removing ones, in the order in which they were made (by generation).
  [[nodiscard]] StoreResult<std::vector<v1::StoredLink>> links(
      const std::string& secret_name) const;
  [[nodiscard]] StoreResult<std::optional<v1::StoredTombstone>> tombstone(
      const std::string& primary_arn) const;
  // Every secret, by name.
  [[nodiscard]] StoreResult<std::vector<v1::StoredSecret>> secrets() const;
  // Every record as it lies there, in order of keys: for observers.
  [[nodiscard]] StoreStatus scan(ScanVisitor visit) const;
  // Names of secrets that have links: where a restarted region resumes.
  [[nodiscard]] StoreResult<std::vector<std::string>> secrets_with_links() const;

  // Conflict: the secret's revision is not the one that was read (or it appeared, or went away);
  // nothing was written.
  [[nodiscard]] StoreResult<Commit> commit(Transaction transaction);

 private:
  struct StatusChange {
    std::string secret;
    std::string region;
    std::string before;
    std::string after;
    std::string message;
    std::uint64_t sequence = 0;
  };
  StoreResult<bool> has_moved(const v1::StoredSecret& secret) const;
  StoreStatus add_erasures(const Transaction& transaction, WriteBatch& batch,
                           std::vector<StatusChange>& changes) const;
  StoreStatus write(const Transaction& transaction, const WriteBatch& batch);
  StoreStatus note_status_changes(const Transaction& transaction,
                                  std::vector<StatusChange>& changes) const;
  void record(const Transaction& transaction, const std::vector<StatusChange>& changes);

  [[nodiscard]] Observer* observer() const { return observer_ != nullptr ? *observer_ : nullptr; }

  std::unique_ptr<KvStore> kv_;
  engine::ActorContext& ctx_;
  Observer* const* observer_ = nullptr;
  // Secrets as the store holds them now: reading one again and again would parse it again and again. At most kParsedMost.
  mutable std::map<std::string, std::shared_ptr<const v1::StoredSecret>> parsed_;
};

}  // namespace faultline::regions
