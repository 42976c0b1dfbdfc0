#include "engine/disk_env.h"

#include <leveldb/env.h>
#include <leveldb/slice.h>
#include <leveldb/status.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proto/check.h"

namespace faultline::engine {
namespace {

using leveldb::Slice;
using leveldb::Status;

Slice to_slice(std::string_view text) { return {text.data(), text.size()}; }

Status to_status(const std::string& name, DiskError error) {
  const Slice reason = to_slice(describe(error));
  return error == DiskError::NotFound ? Status::NotFound(name, reason)
                                      : Status::IOError(name, reason);
}

// "directory" of "directory/name".
std::string_view directory_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_manifest(std::string_view path) {
  return path.substr(path.rfind('/') + 1).starts_with("MANIFEST");
}

// What all files of one env share.
struct Shared {
  Disk& disk;
  uint64_t write_errors = 0;
  std::set<std::string, std::less<>> sync_on_close;
  // Directories in which a file was closed whose bytes could not be synced: what is written there
  // from now on must not outlive them.
  std::set<std::string, std::less<>> closed_unsynced;

  Status written(const std::string& name, const DiskResult<void>& outcome) {
    if (outcome) return Status::OK();
    ++write_errors;
    return to_status(name, outcome.error());
  }
};

class SequentialFile final : public leveldb::SequentialFile {
 public:
  SequentialFile(std::string name, DiskFile file)
      : name_(std::move(name)), file_(std::move(file)) {}

  Status Read(std::size_t count, Slice* result, char* scratch) override {
    const auto bytes = file_.read(offset_, count);
    if (!bytes) return to_status(name_, bytes.error());
    std::copy(bytes->begin(), bytes->end(), scratch);
    *result = Slice(scratch, bytes->size());
    offset_ += bytes->size();
    return Status::OK();
  }

  Status Skip(uint64_t count) override {
    offset_ = std::min(offset_ + count, std::max(offset_, file_.size()));
    return Status::OK();
  }

 private:
  const std::string name_;
  const DiskFile file_;
  uint64_t offset_ = 0;
};

// Hands out the disk's own bytes. LevelDB keeps such pointers until it closes the file and does not
// check their bytes twice, so that what was once handed out stays as it was.
// LevelDB 1.23 checks sums of every block of a table, and believes the table's last 48 bytes, which
// have none: a size near 2^64 there makes it read far outside its buffer. It also believes that they
// are there, when a disk that lied about a sync has lost them. (LevelDB's documentation,
// "leveldb File format": two block handles, each an offset and a size as varints, padding, magic.)
constexpr std::size_t kFooterBytes = 48;

bool take_varint(std::string_view& bytes, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool footer_stays_inside(std::string_view table) {
  const uint64_t size = table.size();
  std::string_view footer = table.substr(table.size() - kFooterBytes);
  for (int handle = 0; handle < 2; ++handle) {
    uint64_t offset = 0;
    uint64_t length = 0;
    if (!take_varint(footer, offset) || !take_varint(footer, length)) return false;
    if (offset > size || length > size - offset) return false;
  }
  return true;
}

class RandomAccessFile final : public leveldb::RandomAccessFile {
 public:
  RandomAccessFile(std::string name, DiskFile file)
      : name_(std::move(name)),
        is_table_(name_.ends_with(".ldb") || name_.ends_with(".sst")),
        file_(std::move(file)) {}

  Status Read(uint64_t offset, std::size_t count, Slice* result, char*) const override {
    const auto bytes = file_.share();
    if (!bytes) return to_status(name_, bytes.error());
    if (kept_.empty() || kept_.back() != *bytes) kept_.push_back(*bytes);
    const std::string_view whole = *kept_.back();
    if (is_table_) {
      if (offset > whole.size() || count > whole.size() - offset) {
        return Status::Corruption(name_, "the table is shorter than it was");
      }
      const bool is_footer = count == kFooterBytes && offset + kFooterBytes == whole.size();
      if (is_footer && !footer_stays_inside(whole)) {
        return Status::Corruption(name_, "the table's footer leads outside it");
      }
    }
    *result = to_slice(offset < whole.size() ? whole.substr(offset, count) : std::string_view());
    return Status::OK();
  }

 private:
  const std::string name_;
  const bool is_table_;
  const DiskFile file_;
  // Each content that was read from, oldest first: one, unless the file was changed while open.
  mutable std::vector<std::shared_ptr<const std::string>> kept_;
};

class WritableFile final : public leveldb::WritableFile {
 public:
  WritableFile(Shared& shared, std::string name, DiskFile file)
      : shared_(shared), name_(std::move(name)), file_(std::move(file)) {}
  ~WritableFile() override {
    if (!closed_) static_cast<void>(finish());
  }

  Status Append(const Slice& data) override {
    if (!shared_.closed_unsynced.empty() && is_in(shared_.closed_unsynced)) {
      return shared_.written(name_, tl::unexpected(DiskError::Io));
    }
    return shared_.written(name_, file_.append({data.data(), data.size()}));
  }

  Status Close() override { return closed_ ? Status::OK() : finish(); }

  Status Flush() override { return Status::OK(); }

  Status Sync() override {
    if (is_manifest(name_)) {
      const auto directory = shared_.disk.sync_directory();
      if (!directory) return shared_.written(name_, directory);
    }
    return shared_.written(name_, file_.sync());
  }

 private:
  Status finish() {
    closed_ = true;
    if (file_.unsynced_bytes() == 0 || !is_in(shared_.sync_on_close)) return Status::OK();
    Status status = Sync();
    if (!status.ok()) shared_.closed_unsynced.emplace(directory_of(name_));
    return status;
  }

  [[nodiscard]] bool is_in(const std::set<std::string, std::less<>>& directories) const {
    return directories.find(directory_of(name_)) != directories.end();
  }

  Shared& shared_;
  const std::string name_;
  DiskFile file_;
  bool closed_ = false;
};

class FileLock final : public leveldb::FileLock {
 public:
  explicit FileLock(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

class NullLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

}  // namespace

class DiskEnv::Impl final : public leveldb::Env {
 public:
  Impl(Disk& disk, std::function<uint64_t()> now_micros)
      : shared_{disk, 0, {}, {}}, now_micros_(std::move(now_micros)) {}
  ~Impl() override {
    FL_CHECK(queue_.empty()) << "background work was never drained";
    FL_CHECK(locks_.empty()) << "a database outlives its environment: " << *locks_.begin();
  }

  Shared& shared() { return shared_; }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }

  std::size_t drain() {
    std::size_t ran = 0;
    // Work may queue more work.
    while (ran < queue_.size()) {
      const Work work = queue_[ran++];
      work.function(work.argument);
    }
    queue_.clear();
    return ran;
  }

  // ---- opening files ----------------------------------------------------------------------------

  Status NewSequentialFile(const std::string& name, leveldb::SequentialFile** result) override {
    return open_for_reading<SequentialFile>(name, result);
  }

  Status NewRandomAccessFile(const std::string& name, leveldb::RandomAccessFile** result) override {
    return open_for_reading<RandomAccessFile>(name, result);
  }

  Status NewWritableFile(const std::string& name, leveldb::WritableFile** result) override {
    return write_to(name, shared_.disk.create(name), result);
  }

  Status NewAppendableFile(const std::string& name, leveldb::WritableFile** result) override {
    auto file = shared_.disk.open(name);
    return file ? write_to(name, std::move(file), result) : NewWritableFile(name, result);
  }

  // ---- names ------------------------------------------------------------------------------------

  bool FileExists(const std::string& name) override { return shared_.disk.exists(name); }

  Status GetChildren(const std::string& directory, std::vector<std::string>* result) override {
    result->clear();
    const std::string prefix = directory + "/";
    for (std::string& name : shared_.disk.list(prefix)) {
      name.erase(0, prefix.size());
      if (name.find('/') == std::string::npos) result->push_back(std::move(name));
    }
    return Status::OK();
  }

  Status RemoveFile(const std::string& name) override {
    const auto removed = shared_.disk.remove(name);
    return removed ? Status::OK() : to_status(name, removed.error());
  }

  Status CreateDir(const std::string&) override { return Status::OK(); }
  Status RemoveDir(const std::string&) override { return Status::OK(); }

  Status GetFileSize(const std::string& name, uint64_t* size) override {
    const auto found = shared_.disk.size(name);
    *size = found.value_or(0);
    return found ? Status::OK() : to_status(name, DiskError::NotFound);
  }

  Status RenameFile(const std::string& from, const std::string& to) override {
    return shared_.written(from, shared_.disk.rename(from, to));
  }

  Status LockFile(const std::string& name, leveldb::FileLock** lock) override {
    if (!locks_.insert(name).second) {
      *lock = nullptr;
      return Status::IOError("lock " + name, "already held by process");
    }
    *lock = new FileLock(name);
    return Status::OK();
  }

  Status UnlockFile(leveldb::FileLock* lock) override {
    const std::unique_ptr<FileLock> owned(static_cast<FileLock*>(lock));
    FL_CHECK(locks_.erase(owned->name()) == 1) << "unlocked twice: " << owned->name();
    return Status::OK();
  }

  // ---- time, threads, logs ----------------------------------------------------------------------

  void Schedule(void (*function)(void*), void* argument) override {
    queue_.push_back({function, argument});
  }

  void StartThread(void (*)(void*), void*) override {
    FL_CHECK(false) << "a database asked for a thread; a simulation has one";
  }

  uint64_t NowMicros() override { return now_micros_(); }
  void SleepForMicroseconds(int) override {}

  Status NewLogger(const std::string&, leveldb::Logger** result) override {
    *result = new NullLogger;
    return Status::OK();
  }

  Status GetTestDirectory(std::string* path) override {
    *path = "test";
    return Status::OK();
  }

 private:
  struct Work {
    void (*function)(void*);
    void* argument;
  };

  template <class File, class Base>
  Status open_for_reading(const std::string& name, Base** result) {
    *result = nullptr;
    auto file = shared_.disk.open(name);
    if (!file) return to_status(name, file.error());
    *result = new File(name, *std::move(file));
    return Status::OK();
  }

  Status write_to(const std::string& name, DiskResult<DiskFile> file,
                  leveldb::WritableFile** result) {
    *result = nullptr;
    if (!file) return shared_.written(name, tl::unexpected(file.error()));
    *result = new WritableFile(shared_, name, *std::move(file));
    return Status::OK();
  }

  Shared shared_;
  const std::function<uint64_t()> now_micros_;
  std::vector<Work> queue_;
  std::set<std::string> locks_;
};

DiskEnv::DiskEnv(Disk& disk, std::function<uint64_t()> now_micros)
    : impl_(std::make_unique<Impl>(disk, std::move(now_micros))) {}

DiskEnv::~DiskEnv() = default;

leveldb::Env* DiskEnv::env() { return impl_.get(); }

Disk& DiskEnv::disk() { return impl_->shared().disk; }

std::size_t DiskEnv::drain() { return impl_->drain(); }

std::size_t DiskEnv::queued() const { return impl_->queued(); }

uint64_t DiskEnv::write_errors() const { return impl_->shared().write_errors; }

void DiskEnv::set_sync_on_close(const std::string& directory, bool on) {
  Shared& shared = impl_->shared();
  shared.closed_unsynced.erase(directory);
  if (on) {
    shared.sync_on_close.insert(directory);
  } else {
    shared.sync_on_close.erase(directory);
  }
}

}  // namespace faultline::engine
