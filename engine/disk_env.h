// DiskEnv: the world as LevelDB sees it (a leveldb::Env), made of one Disk and one thread.
//
//     DiskEnv env(disk, [&] { return now_in_microseconds; });
//     options.env = env.env();
//     db->Put(…);
//     env.drain();             // flush and compaction happen here, on this thread, in the run
//
// Drain        after every call to a database, and before its destruction; background work is
//              queued and nobody else runs it.
// Trap         single-threaded LevelDB waits for ever in CompactRange, in a Put while a full
//              memtable has not been drained, and in the destructor while work is queued.
// Files        "directory/name" is a file of that name on the disk; directories exist as soon as
//              they are named.
// Errors       as on Linux: NotFound "…: No such file or directory"; IOError "…: Input/output
//              error", "…: No space left on device", "lock …: already held by process".
// Durability   as LevelDB's own Env for POSIX: syncing a file named MANIFEST-… syncs the directory
//              first; nothing else does.
// Lifetime     survives crashes with its disk; databases opened on it do not outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/disk.h"

namespace leveldb {
class Env;
}  // namespace leveldb

namespace faultline::engine {

class DiskEnv {
 public:
  // `now_micros` answers LevelDB's questions about time, which only feed its statistics. `disk`
  // outlives the env.
  DiskEnv(Disk& disk, std::function<uint64_t()> now_micros);
  ~DiskEnv();
  DiskEnv(const DiskEnv&) = delete;
  DiskEnv& operator=(const DiskEnv&) = delete;

  // Owned by this.
  [[nodiscard]] leveldb::Env* env();
  [[nodiscard]] Disk& disk();

  // Runs the queued background work, and what that queues, until none is left. Returns how many
  // pieces ran.
  std::size_t drain();
  [[nodiscard]] std::size_t queued() const;

  // Appends, syncs, creations and renames that answered an error, since construction. LevelDB does
  // not tell of all of them: what its background work meets, it tells with the next write.
  [[nodiscard]] uint64_t write_errors() const;

  // While on, a file in `directory` that is closed with unsynced bytes is synced first. LevelDB
  // changes to a new log without syncing the old one, so that without this an unsynced batch can
  // vanish in a crash while a later, synced one stays. If such a sync fails, which LevelDB would
  // not hear of, appends in this directory answer an error until this is called again. Off at
  // first.
  void set_sync_on_close(const std::string& directory, bool on);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::engine
