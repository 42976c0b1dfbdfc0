#include "engine/disk.h"

#include <algorithm>
#include <utility>

#include "engine/disk_backing.h"
#include "engine/disk_inode.h"
#include "engine/hash.h"
#include "proto/check.h"
#include "proto/fault.pb.h"

namespace faultline::engine {

std::string_view describe(DiskError error) {
  switch (error) {
    case DiskError::NotFound:
      return "No such file or directory";
    case DiskError::Io:
      return "Input/output error";
    case DiskError::Full:
      return "No space left on device";
  }
  return "Unknown error";
}

// ---- DiskFile -----------------------------------------------------------------------------------

DiskFile::DiskFile(Disk* disk, std::shared_ptr<Inode> inode)
    : disk_(disk), inode_(std::move(inode)), crashes_(disk->crashes_) {}

bool DiskFile::is_stale() const { return crashes_ != disk_->crashes_; }

DiskResult<void> DiskFile::append(std::string_view bytes) {
  if (is_stale()) return tl::unexpected(DiskError::Io);
  return disk_->append(inode_, bytes);
}

DiskResult<void> DiskFile::sync() {
  if (is_stale()) return tl::unexpected(DiskError::Io);
  return disk_->sync(*inode_);
}

DiskResult<std::string_view> DiskFile::read(uint64_t offset, std::size_t count) const {
  disk_->touch();
  if (is_stale() || disk_->faults_.fail_reads) return tl::unexpected(DiskError::Io);
  const std::string_view bytes = *inode_->bytes;
  return offset < bytes.size() ? bytes.substr(offset, count) : std::string_view();
}

DiskResult<std::shared_ptr<const std::string>> DiskFile::share() const {
  disk_->touch();
  if (is_stale() || disk_->faults_.fail_reads) return tl::unexpected(DiskError::Io);
  inode_->shared = true;
  return inode_->bytes;
}

uint64_t DiskFile::size() const { return inode_->bytes->size(); }

uint64_t DiskFile::unsynced_bytes() const { return inode_->unsynced(); }

// ---- operations ---------------------------------------------------------------------------------

Disk::Disk(std::string owner, RandomStream luck) : owner_(std::move(owner)), luck_(luck) {}

Disk::~Disk() = default;

void Disk::touch() {
  if (!interrupt_ || accesses_left_-- > 0) return;
  const auto interrupt = std::exchange(interrupt_, nullptr);
  interrupt();
}

DiskResult<void> Disk::begin(Operation operation) {
  touch();
  if (freeze_at_ && operations_ >= *freeze_at_) frozen_ = true;
  if (frozen_) return tl::unexpected(DiskError::Io);
  const uint64_t number = operations_++;
  if (fail_at_ && number >= *fail_at_) {
    fail_at_.reset();
    return tl::unexpected(DiskError::Io);
  }
  if (operation == Operation::Sync) {
    if (faults_.fail_syncs) return tl::unexpected(DiskError::Io);
    return {};
  }
  if (faults_.fail_writes) return tl::unexpected(DiskError::Io);
  const bool allocates = operation == Operation::Append || operation == Operation::Create;
  if (faults_.full && allocates) return tl::unexpected(DiskError::Full);
  return {};
}

DiskResult<void> Disk::append(const std::shared_ptr<Inode>& inode, std::string_view bytes) {
  FL_TRY_VOID(begin(Operation::Append));
  if (misdirections_.empty() || bytes.empty()) {
    inode->writable().append(bytes);
    return {};
  }
  Misdirection& misdirection = misdirections_.front();
  const uint64_t damage = misdirection.damage;
  if (--misdirection.left == 0) misdirections_.erase(misdirections_.begin());
  const uint64_t offset = inode->bytes->size();
  inode->writable().append(bytes);
  patch(damage, inode, offset, std::string(bytes));
  const auto [victim, hit] = pick_byte();
  std::string mask = victim->bytes->substr(hit, bytes.size());
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<char>(mask[i] ^ bytes[i]);
  patch(damage, victim, hit, std::move(mask));
  return {};
}

DiskResult<void> Disk::sync(Inode& inode) {
  auto begun = begin(Operation::Sync);
  if (begun && backing_ != nullptr && !faults_.lying_sync) begun = back_up(inode);
  if (!begun) {
    if (!frozen_) observe_sync(inode, "failed");
    return begun;
  }
  observe_sync(inode, faults_.lying_sync ? "lied" : "ok");
  if (faults_.lying_sync) return {};
  inode.synced = inode.bytes->size();
  name_is_durable(inode);
  return {};
}

void Disk::observe_sync(const Inode& inode, std::string_view outcome) const {
  if (!observer_) return;
  const std::string_view written = std::string_view(*inode.bytes).substr(inode.synced);
  observer_(inode.name, written.size(), hash64(written), outcome);
}

DiskResult<DiskFile> Disk::create(std::string_view name) {
  FL_TRY_VOID(begin(Operation::Create));
  if (mirrors_names()) FL_TRY_VOID(mirrored(backing_->create(name)));
  remember_durable(name);
  auto inode = std::make_shared<Inode>();
  inode->name = name;
  inode->bytes = std::make_shared<std::string>();
  inode->name_pending = true;
  const auto found = names_.find(name);
  if (found == names_.end()) {
    names_.emplace(inode->name, inode);
  } else {
    found->second = inode;
  }
  return DiskFile(this, std::move(inode));
}

DiskResult<DiskFile> Disk::open(std::string_view name) {
  touch();
  const auto found = names_.find(name);
  if (found == names_.end()) return tl::unexpected(DiskError::NotFound);
  return DiskFile(this, found->second);
}

DiskResult<void> Disk::rename(std::string_view from, std::string_view to) {
  const auto found = names_.find(from);
  if (found == names_.end()) return tl::unexpected(DiskError::NotFound);
  FL_TRY_VOID(begin(Operation::Rename));
  if (from == to) return {};
  if (mirrors_names()) FL_TRY_VOID(mirrored(backing_->rename(from, to)));
  remember_durable(from);
  remember_durable(to);
  auto inode = std::move(found->second);
  names_.erase(found);
  inode->name = to;
  inode->name_pending = true;
  names_.insert_or_assign(inode->name, inode);
  return {};
}

DiskResult<void> Disk::remove(std::string_view name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return tl::unexpected(DiskError::NotFound);
  FL_TRY_VOID(begin(Operation::Remove));
  if (mirrors_names()) FL_TRY_VOID(mirrored(backing_->remove(name)));
  remember_durable(name);
  names_.erase(found);
  return {};
}

DiskResult<void> Disk::sync_directory() {
  FL_TRY_VOID(begin(Operation::Sync));
  if (faults_.lying_sync) return {};
  if (mirrors_names()) FL_TRY_VOID(mirrored(backing_->sync_names()));
  for (const auto& [name, before] : durable_) {
    const auto now = names_.find(name);
    if (now != names_.end()) now->second->name_pending = false;
  }
  durable_.clear();
  return {};
}

// ---- which names are durable --------------------------------------------------------------------

void Disk::remember_durable(std::string_view name) {
  if (durable_.find(name) != durable_.end()) return;
  const auto found = names_.find(name);
  durable_.emplace(std::string(name), found == names_.end() ? nullptr : found->second);
}

void Disk::name_is_durable(Inode& inode) {
  if (!inode.name_pending) return;
  inode.name_pending = false;
  for (auto entry = durable_.begin(); entry != durable_.end();) {
    auto& [name, before] = *entry;
    const auto now = names_.find(name);
    const Inode* current = now == names_.end() ? nullptr : now->second.get();
    // The rename has reached the disk as a whole, so that the old name is gone there too.
    if (before.get() == &inode && current != &inode) before = nullptr;
    entry = current == &inode || current == before.get() ? durable_.erase(entry) : ++entry;
  }
}

void Disk::undo_names() {
  for (auto& [name, before] : durable_) {
    if (before == nullptr) {
      names_.erase(name);
    } else {
      before->name = name;
      before->name_pending = false;
      names_.insert_or_assign(name, std::move(before));
    }
  }
}

// ---- crash --------------------------------------------------------------------------------------

CrashReport Disk::crash(v1::TornTail torn_tail) {
  ++crashes_;
  if (torn_tail == v1::KEEP_ALL) return {};
  bool replaced = faults_.lose_renames && !durable_.empty();
  if (faults_.lose_renames) undo_names();
  durable_.clear();

  CrashReport report;
  std::string lost;
  for (const auto& [name, inode] : names_) {
    const uint64_t unsynced = inode->unsynced();
    if (unsynced == 0) continue;
    uint64_t kept = 0;
    if (torn_tail == v1::TEAR) {
      kept = luck_.below(hash64(std::to_string(crashes_) + "/" + name), unsynced + 1);
    }
    replaced |= kept > 0;
    if (kept < unsynced) {
      lost.append(name).push_back('\0');
      lost.append(*inode->bytes, inode->synced + kept);
      report.bytes_lost += unsynced - kept;
    }
    cut(*inode, inode->synced + kept);
  }
  if (report.bytes_lost > 0) report.digest = hash64(lost);
  if (replaced) note_replaced();
  return report;
}

void Disk::cut(Inode& inode, uint64_t length) {
  FL_CHECK(length >= inode.synced) << owner_ << "'s disk would lose synced bytes of " << inode.name;
  if (inode.shared) {
    inode.bytes = std::make_shared<std::string>(*inode.bytes, 0, length);
    inode.shared = false;
  } else {
    inode.bytes->resize(length);
  }
  inode.synced = length;
  for (Patch& patch : patches_) {
    if (patch.inode.get() != &inode) continue;
    patch.mask.resize(patch.offset < length ? std::min(patch.mask.size(), length - patch.offset)
                                            : 0);
  }
}

void Disk::thaw() {
  frozen_ = false;
  freeze_at_.reset();
  fail_at_.reset();
  interrupt_ = nullptr;
}

void Disk::interrupt_after(uint64_t count, std::function<void()> interrupt) {
  accesses_left_ = count;
  interrupt_ = std::move(interrupt);
}

// ---- damage -------------------------------------------------------------------------------------

bool Disk::flip_bit(std::string_view name, uint64_t offset, unsigned bit) {
  const auto found = names_.find(name);
  if (found == names_.end() || offset >= found->second->bytes->size()) return false;
  char& byte = found->second->writable()[offset];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << (bit % 8)));
  note_replaced();
  return true;
}

std::pair<std::shared_ptr<DiskFile::Inode>, uint64_t> Disk::pick_byte() {
  uint64_t place = luck_.below(hash64("damage/" + std::to_string(++picks_)), total_bytes());
  for (const auto& [name, inode] : names_) {
    if (place < inode->bytes->size()) return {inode, place};
    place -= inode->bytes->size();
  }
  FL_CHECK(false) << owner_ << "'s disk has no byte to damage";
  return {};
}

void Disk::patch(uint64_t damage, const std::shared_ptr<Inode>& inode, uint64_t offset,
                 std::string mask) {
  std::string& bytes = inode->writable();
  for (std::size_t i = 0; i < mask.size(); ++i) {
    bytes[offset + i] = static_cast<char>(bytes[offset + i] ^ mask[i]);
  }
  patches_.push_back({.damage = damage, .inode = inode, .offset = offset, .mask = std::move(mask)});
}

void Disk::rot(uint64_t damage, uint32_t bits) {
  for (uint32_t i = 0; i < bits && total_bytes() > 0; ++i) {
    const auto [inode, offset] = pick_byte();
    const uint64_t bit = luck_.below(hash64("bit/" + std::to_string(picks_)), 8);
    patch(damage, inode, offset, std::string(1, static_cast<char>(1U << bit)));
  }
}

void Disk::misdirect(uint64_t damage, uint32_t count) {
  if (count > 0) misdirections_.push_back({.damage = damage, .left = count});
}

void Disk::repair(uint64_t damage) {
  std::erase_if(misdirections_, [&](const Misdirection& m) { return m.damage == damage; });
  for (const Patch& patch : patches_) {
    if (patch.damage != damage || patch.mask.empty()) continue;
    std::string& bytes = patch.inode->writable();
    for (std::size_t i = 0; i < patch.mask.size(); ++i) {
      bytes[patch.offset + i] = static_cast<char>(bytes[patch.offset + i] ^ patch.mask[i]);
    }
  }
  std::erase_if(patches_, [&](const Patch& patch) { return patch.damage == damage; });
}

// ---- looking from outside -----------------------------------------------------------------------

bool Disk::exists(std::string_view name) const { return names_.find(name) != names_.end(); }

std::vector<std::string> Disk::list(std::string_view prefix) const {
  std::vector<std::string> names;
  for (auto file = names_.lower_bound(prefix);
       file != names_.end() && file->first.starts_with(prefix); ++file) {
    names.push_back(file->first);
  }
  return names;
}

std::optional<uint64_t> Disk::size(std::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  return found->second->bytes->size();
}

std::optional<std::string> Disk::contents(std::string_view name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  return *found->second->bytes;
}

uint64_t Disk::total_bytes() const {
  uint64_t total = 0;
  for (const auto& [name, inode] : names_) total += inode->bytes->size();
  return total;
}

uint64_t Disk::unsynced_bytes() const {
  uint64_t total = 0;
  for (const auto& [name, inode] : names_) total += inode->unsynced();
  return total;
}

void Disk::scan(
    const std::function<void(std::string_view name, std::string_view bytes)>& visit) const {
  for (const auto& [name, inode] : names_) visit(name, *inode->bytes);
}

}  // namespace faultline::engine
