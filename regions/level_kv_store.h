// LevelKvStore: a KvStore that is a real LevelDB, on the simulated disk and the caller's thread.
//
//     FL_TRY(auto store, LevelKvStore::open(ctx.disk_env()));
//
// Beyond what LevelDB 1.23 does by itself, so that the invariants of kv_store.h hold:
//   - before opening, what an earlier process wrote without syncing is synced: LevelDB removes old
//     files on the strength of it;
//   - logs are reused, which makes opening cheap, unless one ends in a torn record, behind which
//     LevelDB would write what it later cannot read;
//   - a log that ends in a record with a damaged length is an error: LevelDB would take it for torn
//     and drop it;
//   - the log that LevelDB leaves for a new one is synced (DiskEnv::set_sync_on_close);
//   - after any failed write the store is unhealthy, not only after those that LevelDB remembers.
// Bit rot      every block and record is checked as it is read: damage is an error, never another
//              value.
// Errors       carry LevelDB's own text: "IO error: db/000003.log: Input/output error",
//              "Corruption: …".
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/disk.h"
#include "engine/disk_env.h"
#include "regions/kv_store.h"

namespace faultline::regions {

struct LevelKvStoreOptions {
  // The files are called "<directory>/…".
  std::string directory = "db";
  // Bytes of batches in memory, and in the log, before they become a table. Small, so that short
  // runs flush and compact too. LevelDB raises it to 65,536.
  std::size_t write_buffer_bytes = std::size_t{64} * 1024;
  bool reuse_logs = true;
  // See above. Off: LevelDB as it is, where a crash after a change of logs may leave a gap between
  // batches.
  bool sync_left_log = true;
};

class LevelKvStore final : public KvStore {
 public:
  // Opens the database on the env's disk, or makes one. `env` outlives the store; one store at a
  // time in a directory.
  // Errors   the disk failed, or its files are damaged; nothing is lost that was not lost before,
  //          and it may be tried again.
  [[nodiscard]] static StoreResult<std::unique_ptr<LevelKvStore>> open(
      engine::DiskEnv& env, const LevelKvStoreOptions& options = {});
  // Writes nothing more. REQUIRES: the env is still there.
  ~LevelKvStore() override;

  [[nodiscard]] StoreResult<std::optional<std::string>> get(std::string_view key) override;
  [[nodiscard]] StoreStatus write(const WriteBatch& batch, bool sync) override;
  [[nodiscard]] StoreStatus scan(std::string_view prefix, ScanVisitor visit) override;
  [[nodiscard]] bool healthy() const override;

 private:
  struct Impl;
  explicit LevelKvStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A disk that holds an empty database made with these options, always the same bytes, with nothing
// in it but its format (store_format.h). Opening a
// store on a disk that was loaded with it costs half of making one; keep it and load it into every
// new disk.
[[nodiscard]] engine::DiskImage make_empty_database_image(const LevelKvStoreOptions& options = {});

}  // namespace faultline::regions
