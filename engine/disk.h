// Disk: one machine's disk, in memory: named files, each with its bytes and how many are synced.
//
//     file->append("…");      the bytes are readable at once, and lost if power goes now
//     file->sync();           every byte written to this file so far survives any crash
//     disk.crash(v1::TEAR);   cuts each file somewhere between its synced length and its length
//
// Invariants   (1) synced length <= length, for every file.
//              (2) no crash touches a synced byte.
//              (3) an operation that answers an error has changed nothing.
// Directory    creating, renaming and removing files is durable at once, as on a journalling file
//              system that is asked to. This is a choice: it keeps faults about contents apart from
//              faults about names. DiskFaults::lose_renames takes it back: a crash then undoes each
//              such operation since the last sync of that file or of the directory.
// Crash        the machine's process must be gone before its disk crashes: freeze(), destroy it,
//              crash(), thaw(). Handles from before a crash answer Io.
// Luck         how much of a torn file is left depends on (the stream given, crash number, file
//              name), on nothing else.
// Time         operations take none. Whoever syncs awaits sync_cost() afterwards.
// Ownership    a DiskFile shares its file, which lives on while removed, as on POSIX; the Disk
//              outlives its handles.
// Determinism  listings and visits go in byte order of the names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/forward.h"
#include "engine/keyed_random.h"
#include "engine/time.h"
#include "proto/result.h"

namespace faultline::engine {

enum class DiskError { NotFound, Io, Full };

// What Linux says: "No such file or directory", "Input/output error", "No space left on device".
[[nodiscard]] std::string_view describe(DiskError error);

template <class T>
using DiskResult = Expected<T, DiskError>;

// What is wrong with a disk at the moment. Set and taken back by the fault injector; nothing else
// is remembered of a fault.
struct DiskFaults {
  // Every operation that writes, names or removes answers Io.
  bool fail_writes = false;
  // Syncs answer Io; the bytes stay unsynced, and a later sync covers them.
  bool fail_syncs = false;
  // Reads answer Io.
  bool fail_reads = false;
  // Appending and creating answer Full.
  bool full = false;
  // Syncs answer success and sync nothing. The next honest sync covers the bytes.
  bool lying_sync = false;
  // Consulted by crash(): see Directory above.
  bool lose_renames = false;
  // Added to sync_cost().
  Duration slow_sync = Duration::zero();
};

struct CrashReport {
  // Bytes cut from all files together.
  uint64_t bytes_lost = 0;
  // hash64 over (name, NUL, lost bytes) of each file that lost some, in order of names; 0 if none
  // did.
  uint64_t digest = 0;
};

// The files of a disk as they were, shared and immutable: copying an image, and loading one, copies
// no contents. May be read from several threads.
class DiskImage {
 public:
  [[nodiscard]] std::size_t file_count() const { return files_ ? files_->size() : 0; }
  // Files that came from elsewhere, by name: all of their bytes count as synced.
  [[nodiscard]] static DiskImage holding(std::map<std::string, std::string> files);

 private:
  friend class Disk;
  struct File {
    std::string name;
    std::shared_ptr<const std::string> bytes;
    uint64_t synced = 0;
  };
  std::shared_ptr<const std::vector<File>> files_;
};

// An open file. A value; copies refer to the same file. Default-constructed it refers to none and
// may only be assigned to.
class DiskFile {
 public:
  DiskFile() = default;

  // Writes behind the last byte.
  // Errors   Io (fail_writes, frozen, opened before a crash), Full.
  [[nodiscard]] DiskResult<void> append(std::string_view bytes);

  // Makes every byte of the file durable, and its present name.
  // Errors   Io (fail_syncs, frozen, opened before a crash).
  [[nodiscard]] DiskResult<void> sync();

  // Up to `count` bytes from `offset`, fewer at the end of the file, none beyond it. No copy: the
  // bytes stay valid until the file is next changed.
  // Errors   Io (fail_reads, opened before a crash).
  [[nodiscard]] DiskResult<std::string_view> read(uint64_t offset, std::size_t count) const;

  // All bytes as they are now. They never change: a later write goes to a copy.
  // Errors   as read().
  [[nodiscard]] DiskResult<std::shared_ptr<const std::string>> share() const;

  [[nodiscard]] uint64_t size() const;
  [[nodiscard]] uint64_t unsynced_bytes() const;

 private:
  friend class Disk;
  struct Inode;
  DiskFile(Disk* disk, std::shared_ptr<Inode> inode);
  [[nodiscard]] bool is_stale() const;

  Disk* disk_ = nullptr;
  std::shared_ptr<Inode> inode_;
  // Of the disk when the file was opened.
  uint64_t crashes_ = 0;
};

class Disk {
 public:
  // Told of every sync that was not refused by a frozen disk: `bytes` were written to the file
  // since its last sync, `digest` is their hash64, `outcome` is "ok", "failed" or "lied".
  using SyncObserver = std::function<void(std::string_view file, uint64_t bytes, uint64_t digest,
                                          std::string_view outcome)>;

  // `owner` names the machine in messages of failed checks.
  Disk(std::string owner, RandomStream luck);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // ---- files ----------------------------------------------------------------------------------
  // Names are any bytes; "/" means nothing here.
  // Errors   Io (fail_writes, frozen), Full (create); NotFound (open, rename, remove).

  // An empty file; one of that name is replaced, and lives on under handles to it.
  [[nodiscard]] DiskResult<DiskFile> create(std::string_view name);
  [[nodiscard]] DiskResult<DiskFile> open(std::string_view name);
  // Replaces what was called `to`.
  [[nodiscard]] DiskResult<void> rename(std::string_view from, std::string_view to);
  [[nodiscard]] DiskResult<void> remove(std::string_view name);
  // Makes every name as it is now durable. Matters only to a disk that loses renames.
  // Errors   Io (fail_syncs, frozen).
  [[nodiscard]] DiskResult<void> sync_directory();
  [[nodiscard]] bool exists(std::string_view name) const;

  // ---- looking from outside: no fault applies -------------------------------------------------
  [[nodiscard]] std::vector<std::string> list(std::string_view prefix = {}) const;
  // Nothing if there is no such file.
  [[nodiscard]] std::optional<uint64_t> size(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> contents(std::string_view name) const;
  // Over all files.
  [[nodiscard]] uint64_t total_bytes() const;
  [[nodiscard]] uint64_t unsynced_bytes() const;
  // Names that a disk which loses renames would change back now.
  [[nodiscard]] std::size_t unsynced_names() const { return durable_.size(); }
  // Shows every file, whole. The bytes are valid during the call.
  void scan(const std::function<void(std::string_view name, std::string_view bytes)>& visit) const;

  // ---- life -----------------------------------------------------------------------------------
  // Power goes and comes back. See v1::TornTail; TORN_TAIL_UNSPECIFIED means LOSE_ALL. After
  // LOSE_ALL and TEAR what is left is durable; after KEEP_ALL, the death of a process only,
  // unsynced bytes stay unsynced.
  CrashReport crash(v1::TornTail torn_tail);
  // From freeze() to thaw() nothing changes the disk: writes and syncs answer Io, so that a dying
  // process leaves no trace.
  void freeze() { frozen_ = true; }
  // Takes back freeze_after(), fail_once_after() and interrupt_after() too.
  void thaw();
  [[nodiscard]] bool is_frozen() const { return frozen_; }

  // ---- failing every point once ---------------------------------------------------------------
  // Operations that could change the disk (append, create, rename, remove, both syncs) and were not
  // refused by a frozen one.
  [[nodiscard]] uint64_t operations() const { return operations_; }
  // Freezes before the operation after the next `count`: power fails there, and crash() shows what
  // is left.
  void freeze_after(uint64_t count) { freeze_at_ = operations_ + count; }
  // The operation after the next `count` answers Io, once.
  void fail_once_after(uint64_t count) { fail_at_ = operations_ + count; }

  // Calls `interrupt` once, before the access (an operation, an opening or a reading) after the
  // next `count`: something happens to the machine in the middle of what it does.
  void interrupt_after(uint64_t count, std::function<void()> interrupt);
  // False: there was none, or it has been called.
  bool cancel_interrupt() { return std::exchange(interrupt_, nullptr) != nullptr; }

  // ---- faults ---------------------------------------------------------------------------------
  [[nodiscard]] DiskFaults& faults() { return faults_; }
  // Bit rot: flips bit `bit` (0 is the lowest) of the byte at `offset`, which stays as synced as it
  // was. False if there is no such byte. Bytes handed out by share() keep their old value, like a
  // page that was in memory.
  bool flip_bit(std::string_view name, uint64_t offset, unsigned bit);

  // Damage that can be put right: `damage` names it for repair(). Where it strikes depends on the
  // disk's luck. What has been cut off or removed since is not brought back, and damage that
  // overlaps goes in any order.
  // Bit rot: flips `bits` bits of the files, however synced.
  void rot(uint64_t damage, uint32_t bits);
  // Misdirected writes: the next `count` appends leave zeros in their place and overwrite bytes
  // elsewhere, as many as there are behind that place in its file.
  void misdirect(uint64_t damage, uint32_t count);
  void repair(uint64_t damage);

  // How long a sync takes: the base cost and slow_sync.
  [[nodiscard]] Duration sync_cost() const { return base_sync_cost_ + faults_.slow_sync; }
  // Source   ours: 0.5 ms, a busy network-attached SSD.
  void set_base_sync_cost(Duration cost) { base_sync_cost_ = cost; }

  void set_sync_observer(SyncObserver observer) { observer_ = std::move(observer); }

  // ---- real files -----------------------------------------------------------------------------
  // From now on the backing, which outlives the disk, has the same names and their durable bytes;
  // null: nothing has. In step: it has them already. If not, it gets every file at the next sync
  // that makes bytes durable, or when it is brought in step. See disk_backing.h.
  void set_backing(DiskBacking* backing, bool in_step);
  DiskResult<void> bring_backing_in_step();

  // ---- images ---------------------------------------------------------------------------------
  // The files and their synced lengths; names count as durable. Damage that can be put right is
  // not in it.
  [[nodiscard]] DiskImage image() const;
  // Replaces every file. REQUIRES: no handle to an old one is used any more.
  void load_image(const DiskImage& image);

 private:
  friend class DiskFile;
  using Inode = DiskFile::Inode;
  using Names = std::map<std::string, std::shared_ptr<Inode>, std::less<>>;

  struct Patch {
    uint64_t damage = 0;
    std::shared_ptr<Inode> inode;
    uint64_t offset = 0;
    std::string mask;
  };
  struct Misdirection {
    uint64_t damage = 0;
    uint32_t left = 0;
  };

  enum class Operation { Append, Create, Rename, Remove, Sync };

  // Counts one operation and says whether it may be done.
  [[nodiscard]] DiskResult<void> begin(Operation operation);
  [[nodiscard]] DiskResult<void> append(const std::shared_ptr<Inode>& inode,
                                        std::string_view bytes);
  [[nodiscard]] DiskResult<void> sync(Inode& inode);
  void observe_sync(const Inode& inode, std::string_view outcome) const;
  // ---- real files -----------------------------------------------------------------------------
  [[nodiscard]] bool mirrors_names() const { return backing_ != nullptr && backing_in_step_; }
  [[nodiscard]] bool is_named(const Inode& inode) const;
  // What would be there without the damage that can be put right.
  [[nodiscard]] std::shared_ptr<const std::string> right_bytes(const Inode& inode) const;
  // Makes all bytes of this file durable in the backing.
  [[nodiscard]] DiskResult<void> back_up(const Inode& inode);
  // The backing gets every file as far as it is durable, and all of `whole`.
  [[nodiscard]] DiskResult<void> replace_backing(const Inode* whole);
  // After an error nobody knows which names the backing has.
  [[nodiscard]] DiskResult<void> mirrored(DiskResult<void> outcome);
  // Files have changed that were durable. An error is met again by the next sync.
  void note_replaced();
  // REQUIRES: called before the name changes its file.
  void remember_durable(std::string_view name);
  void name_is_durable(Inode& inode);
  void undo_names();
  void cut(Inode& inode, uint64_t length);
  // Counts an access and does what is to be done before it.
  void touch();
  // Changes the bytes at the offset by exclusive or, and remembers it.
  void patch(uint64_t damage, const std::shared_ptr<Inode>& inode, uint64_t offset,
             std::string mask);
  // The file and the offset of a byte that luck picks. REQUIRES: there are bytes.
  [[nodiscard]] std::pair<std::shared_ptr<Inode>, uint64_t> pick_byte();

  const std::string owner_;
  const RandomStream luck_;
  Names names_;
  // For each name that changed since it was last durable: what a crash would bring back (null:
  // nothing).
  Names durable_;
  DiskFaults faults_;
  Duration base_sync_cost_ = Duration::micros(500);
  SyncObserver observer_;
  DiskBacking* backing_ = nullptr;
  bool backing_in_step_ = false;
  uint64_t crashes_ = 0;
  uint64_t operations_ = 0;
  std::optional<uint64_t> freeze_at_;
  std::optional<uint64_t> fail_at_;
  std::vector<Patch> patches_;  // oldest first
  std::vector<Misdirection> misdirections_;
  uint64_t picks_ = 0;          // by luck, of places to damage
  uint64_t accesses_left_ = 0;  // before interrupt_
  std::function<void()> interrupt_;
  bool frozen_ = false;
};

}  // namespace faultline::engine
