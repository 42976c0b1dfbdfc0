// How a Disk is copied as a whole, and how real files follow it.
#include "engine/disk_backing.h"

#include <utility>

#include "engine/disk.h"
#include "engine/disk_inode.h"

namespace faultline::engine {

// ---- images -------------------------------------------------------------------------------------

DiskImage Disk::image() const {
  auto files = std::make_shared<std::vector<DiskImage::File>>();
  files->reserve(names_.size());
  for (const auto& [name, inode] : names_) {
    inode->shared = true;
    files->push_back({name, right_bytes(*inode), inode->synced});
  }
  DiskImage image;
  image.files_ = std::move(files);
  return image;
}

void Disk::load_image(const DiskImage& image) {
  names_.clear();
  durable_.clear();
  patches_.clear();
  static const std::vector<DiskImage::File> kNone;
  for (const DiskImage::File& file : image.files_ != nullptr ? *image.files_ : kNone) {
    auto inode = std::make_shared<Inode>();
    inode->name = file.name;
    // Shared, so that nothing is ever written through this pointer.
    inode->bytes = std::const_pointer_cast<std::string>(file.bytes);
    inode->synced = file.synced;
    inode->shared = true;
    names_.emplace_hint(names_.end(), file.name, std::move(inode));
  }
  note_replaced();
}

DiskImage DiskImage::holding(std::map<std::string, std::string> files) {
  auto held = std::make_shared<std::vector<File>>();
  held->reserve(files.size());
  for (auto& [name, bytes] : files) {
    const uint64_t size = bytes.size();
    held->push_back({name, std::make_shared<const std::string>(std::move(bytes)), size});
  }
  DiskImage image;
  image.files_ = std::move(held);
  return image;
}

std::shared_ptr<const std::string> Disk::right_bytes(const Inode& inode) const {
  std::shared_ptr<std::string> right;
  for (const Patch& patch : patches_) {
    if (patch.inode.get() != &inode) continue;
    if (right == nullptr) right = std::make_shared<std::string>(*inode.bytes);
    for (std::size_t i = 0; i < patch.mask.size(); ++i) {
      char& byte = (*right)[patch.offset + i];
      byte = static_cast<char>(byte ^ patch.mask[i]);
    }
  }
  return right == nullptr ? inode.bytes : std::move(right);
}

// ---- real files ---------------------------------------------------------------------------------

void Disk::set_backing(DiskBacking* backing, bool in_step) {
  backing_ = backing;
  backing_in_step_ = in_step;
}

DiskResult<void> Disk::bring_backing_in_step() {
  if (backing_ == nullptr || backing_in_step_) return {};
  return replace_backing(nullptr);
}

bool Disk::is_named(const Inode& inode) const {
  const auto found = names_.find(inode.name);
  return found != names_.end() && found->second.get() == &inode;
}

DiskResult<void> Disk::back_up(const Inode& inode) {
  if (!is_named(inode)) return {};
  if (!backing_in_step_) return inode.unsynced() > 0 ? replace_backing(&inode) : DiskResult<void>();
  return backing_->store(inode.name, *right_bytes(inode), inode.synced);
}

DiskResult<void> Disk::replace_backing(const Inode* whole) {
  std::vector<std::shared_ptr<const std::string>> kept;
  std::vector<DiskBacking::File> files;
  for (const auto& [name, inode] : names_) {
    kept.push_back(right_bytes(*inode));
    const std::string_view bytes = *kept.back();
    files.push_back({name, inode.get() == whole ? bytes : bytes.substr(0, inode->synced)});
  }
  FL_TRY_VOID(backing_->replace(files));
  backing_in_step_ = true;
  return {};
}

DiskResult<void> Disk::mirrored(DiskResult<void> outcome) {
  if (!outcome) backing_in_step_ = false;
  return outcome;
}

void Disk::note_replaced() {
  if (!mirrors_names()) return;
  backing_in_step_ = false;
  static_cast<void>(replace_backing(nullptr));
}

}  // namespace faultline::engine
