#include "regions/level_kv_store.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/write_batch.h>

#include <algorithm>
#include <utility>

#include "proto/check.h"
#include "regions/log_tail.h"
#include "regions/store_format.h"

namespace faultline::regions {
namespace {

using leveldb::Slice;
using leveldb::Status;

Slice to_slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::string_view to_view(const Slice& bytes) { return {bytes.data(), bytes.size()}; }

StoreStatus to_store_status(const Status& status) {
  if (status.ok()) return {};
  return tl::unexpected(StoreError{status.ToString()});
}

tl::unexpected<StoreError> disk_error(std::string_view file, engine::DiskError error) {
  return tl::unexpected(
      StoreError{"IO error: " + std::string(file) + ": " + std::string(engine::describe(error))});
}

class NullLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

// Blocks come straight from the disk's memory. Without this, each database would make a cache of 8
// MiB in sixteen parts, which costs more than opening it.
class NoCache final : public leveldb::Cache {
 public:
  Handle* Insert(const Slice& key, void* value, std::size_t,
                 void (*deleter)(const Slice& key, void* value)) override {
    return new Entry{{}, key.ToString(), value, deleter};
  }
  Handle* Lookup(const Slice&) override { return nullptr; }
  void Release(Handle* handle) override {
    const std::unique_ptr<Entry> entry(static_cast<Entry*>(handle));
    entry->deleter(entry->key, entry->value);
  }
  void* Value(Handle* handle) override { return static_cast<Entry*>(handle)->value; }
  void Erase(const Slice&) override {}
  uint64_t NewId() override { return ++last_id_; }
  [[nodiscard]] std::size_t TotalCharge() const override { return 0; }

 private:
  struct Entry : Handle {
    std::string key;
    void* value;
    void (*deleter)(const Slice& key, void* value);
  };
  uint64_t last_id_ = 0;
};

// ---- before opening -----------------------------------------------------------------------------

struct Findings {
  bool is_new = true;
  bool has_tables = false;
  // No log ends in a torn record.
  bool may_reuse_logs = true;
};

StoreResult<LogTail> log_tail(const std::string& name, const engine::DiskFile& file) {
  const auto bytes = file.read(0, file.size());
  if (!bytes) return disk_error(name, bytes.error());
  return inspect_log_tail(*bytes, name.ends_with(".log") ? LogHolds::Batches : LogHolds::Anything);
}

// What CURRENT points at; LevelDB says what is wrong with it if this is no file.
StoreResult<std::string> current_manifest(engine::Disk& disk, const std::string& directory) {
  const std::string name = directory + "/CURRENT";
  const auto file = disk.open(name);
  if (!file) return std::string();
  const auto bytes = file->read(0, file->size());
  if (!bytes) return disk_error(name, bytes.error());
  return directory + "/" + std::string(bytes->substr(0, bytes->find('\n')));
}

// Makes durable what is there, and looks at the ends of the logs.
StoreResult<Findings> inspect(engine::Disk& disk, const std::string& directory) {
  Findings findings;
  FL_TRY(const std::string manifest, current_manifest(disk, directory));
  findings.is_new = manifest.empty();
  for (const std::string& name : disk.list(directory + "/")) {
    engine::DiskFile file = disk.open(name).value();
    if (file.unsynced_bytes() > 0) {
      const auto synced = file.sync();
      if (!synced) return disk_error(name, synced.error());
    }
    findings.has_tables |= name.ends_with(".ldb") || name.ends_with(".sst");
    if (name != manifest && !name.ends_with(".log")) continue;
    FL_TRY(const LogTail tail, log_tail(name, file));
    if (tail == LogTail::Damaged) {
      return tl::unexpected(StoreError{"Corruption: " + name + ": a record nobody wrote"});
    }
    findings.may_reuse_logs &= tail == LogTail::Clean;
  }
  // LevelDB would make a new database and remove the tables.
  if (findings.is_new && findings.has_tables) {
    return tl::unexpected(
        StoreError{"Corruption: " + directory + "/CURRENT: is missing, but there are tables"});
  }
  return findings;
}

StoreStatus sync_names(engine::Disk& disk, const std::string& directory) {
  if (disk.unsynced_names() == 0) return {};
  const auto synced = disk.sync_directory();
  if (!synced) return disk_error(directory, synced.error());
  return {};
}

}  // namespace

struct LevelKvStore::Impl {
  engine::DiskEnv& env;
  const LevelKvStoreOptions options;
  NoCache cache;
  NullLogger logger;
  std::unique_ptr<leveldb::DB> db;
  // Kept for its memory.
  leveldb::WriteBatch batch;
  // The first failure, after which LevelDB's log may be anything.
  std::string failure;

  Impl(engine::DiskEnv& disk_env, LevelKvStoreOptions wanted)
      : env(disk_env), options(std::move(wanted)) {}

  ~Impl() {
    if (db == nullptr) return;
    // A log that is left because the process ends is not left for another one.
    env.set_sync_on_close(options.directory, false);
    env.drain();
    db.reset();
  }

  Status open(bool may_reuse_logs) {
    leveldb::Options level;
    level.env = env.env();
    level.info_log = &logger;
    level.block_cache = &cache;
    level.create_if_missing = true;
    level.paranoid_checks = true;
    level.reuse_logs = options.reuse_logs && may_reuse_logs;
    level.write_buffer_size = options.write_buffer_bytes;
    level.compression = leveldb::kNoCompression;
    leveldb::DB* opened = nullptr;
    Status status = leveldb::DB::Open(level, options.directory, &opened);
    db.reset(opened);
    if (db != nullptr) env.set_sync_on_close(options.directory, options.sync_left_log);
    env.drain();
    return status;
  }

  [[nodiscard]] static leveldb::ReadOptions read_options() {
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    return options;
  }
};

LevelKvStore::LevelKvStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LevelKvStore::~LevelKvStore() = default;

StoreResult<std::unique_ptr<LevelKvStore>> LevelKvStore::open(engine::DiskEnv& env,
                                                              const LevelKvStoreOptions& options) {
  engine::Disk& disk = env.disk();
  FL_TRY(const Findings found, inspect(disk, options.directory));

  auto impl = std::make_unique<Impl>(env, options);
  const uint64_t errors_before = env.write_errors();
  const Status status = impl->open(found.may_reuse_logs);
  FL_TRY_VOID(to_store_status(status));
  if (env.write_errors() != errors_before) {
    return tl::unexpected(StoreError{"IO error: " + options.directory + ": recovery failed"});
  }
  // LevelDB renames CURRENT into its place and leaves it at that.
  FL_TRY_VOID(sync_names(disk, options.directory));
  return std::unique_ptr<LevelKvStore>(new LevelKvStore(std::move(impl)));
}

StoreResult<std::optional<std::string>> LevelKvStore::get(std::string_view key) {
  std::string value;
  const Status status = impl_->db->Get(Impl::read_options(), to_slice(key), &value);
  impl_->env.drain();
  if (status.IsNotFound()) return std::nullopt;
  FL_TRY_VOID(to_store_status(status));
  return value;
}

StoreStatus LevelKvStore::write(const WriteBatch& batch, bool sync) {
  if (!healthy()) {
    return tl::unexpected(StoreError{"closed after an earlier failure: " + impl_->failure});
  }
  impl_->batch.Clear();
  for (const WriteBatch::Operation& operation : batch.operations()) {
    if (operation.value) {
      impl_->batch.Put(operation.key, *operation.value);
    } else {
      impl_->batch.Delete(operation.key);
    }
  }
  leveldb::WriteOptions options;
  options.sync = sync;
  const uint64_t errors_before = impl_->env.write_errors();
  const Status status = impl_->db->Write(options, &impl_->batch);
  impl_->env.drain();
  if (!status.ok()) {
    impl_->failure = status.ToString();
  } else if (impl_->env.write_errors() != errors_before) {
    // The batch is in the log; flushing or compacting has failed, and LevelDB will say so to the
    // next writer.
    impl_->failure = "IO error: background work failed";
  }
  return to_store_status(status);
}

StoreStatus LevelKvStore::scan(std::string_view prefix, ScanVisitor visit) {
  Status status;
  {
    const std::unique_ptr<leveldb::Iterator> at(impl_->db->NewIterator(Impl::read_options()));
    for (at->Seek(to_slice(prefix)); at->Valid(); at->Next()) {
      const std::string_view key = to_view(at->key());
      if (!key.starts_with(prefix) || !visit(key, to_view(at->value()))) break;
    }
    status = at->status();
  }
  impl_->env.drain();
  return to_store_status(status);
}

bool LevelKvStore::healthy() const { return impl_->failure.empty(); }

engine::DiskImage make_empty_database_image(const LevelKvStoreOptions& options) {
  engine::Disk disk("empty database", engine::RandomStream());
  engine::DiskEnv env(disk, [] { return uint64_t{0}; });
  const auto store = LevelKvStore::open(env, options);
  FL_CHECK(store.has_value()) << "a faultless disk refused: " << store.error().message;
  const auto written = write_store_format(**store);
  FL_CHECK(written.has_value()) << "a faultless disk refused: " << written.error().message;
  return disk.image();
}

}  // namespace faultline::regions
