#include "tools/serve/region_files.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace faultline::tools {
namespace {

using engine::DiskError;
using engine::DiskResult;

constexpr std::string_view kDiskDirectory = "db/";

DiskResult<void> to_disk(const Posix<void>& outcome) {
  if (outcome) return {};
  const bool full = outcome.error() == ENOSPC || outcome.error() == EDQUOT;
  return tl::unexpected(full ? DiskError::Full : DiskError::Io);
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// LevelDB's documentation, "Files": what a database consists of.
bool belongs_to_database(std::string_view name) {
  return name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".log") ||
         name.ends_with(".ldb") || name.ends_with(".sst") || name.ends_with(".dbtmp");
}

}  // namespace

RegionFiles::RegionFiles(std::string directory, std::function<DiskResult<void>()> before_store)
    : directory_(std::move(directory)), before_store_(std::move(before_store)) {}

std::string RegionFiles::path_of(std::string_view name) const {
  if (name.starts_with(kDiskDirectory)) name.remove_prefix(kDiskDirectory.size());
  return directory_ + "/" + std::string(name);
}

DiskResult<void> RegionFiles::replace(const std::vector<File>& files) {
  if (retired_) return tl::unexpected(DiskError::Io);
  FL_TRY_VOID(before_store_());
  return to_disk(replace_all(files));
}

DiskResult<void> RegionFiles::store(std::string_view name, std::string_view bytes,
                                    std::uint64_t known) {
  if (retired_) return tl::unexpected(DiskError::Io);
  FL_TRY_VOID(before_store_());
  return to_disk(store_bytes(name, bytes, known));
}

DiskResult<void> RegionFiles::create(std::string_view name) {
  if (retired_) return tl::unexpected(DiskError::Io);
  return to_disk(create_empty(path_of(name)));
}

DiskResult<void> RegionFiles::rename(std::string_view from, std::string_view to) {
  if (retired_) return tl::unexpected(DiskError::Io);
  open_name_.clear();
  names_changed_ = true;
  return to_disk(rename_path(path_of(from), path_of(to)));
}

DiskResult<void> RegionFiles::remove(std::string_view name) {
  if (retired_) return tl::unexpected(DiskError::Io);
  open_name_.clear();
  names_changed_ = true;
  return to_disk(remove_file(path_of(name)));
}

DiskResult<void> RegionFiles::sync_names() {
  if (retired_) return tl::unexpected(DiskError::Io);
  return to_disk(make_names_durable());
}

// ---- with errno ---------------------------------------------------------------------------------

Posix<void> RegionFiles::replace_all(const std::vector<File>& files) {
  open_name_.clear();
  const std::string made = directory_ + ".new";
  const std::string old = directory_ + ".old";
  FL_TRY_VOID(recover(directory_));
  FL_TRY_VOID(make_directory(made));
  for (const File& file : files) {
    const std::string path = made + path_of(file.name).substr(directory_.size());
    FL_TRY(const Descriptor written, open_file(path, O_WRONLY | O_CREAT | O_EXCL));
    FL_TRY_VOID(write_at(written.get(), file.bytes, 0));
    FL_TRY_VOID(sync_data(written.get()));
  }
  FL_TRY_VOID(sync_directory(made));
  if (path_exists(directory_)) FL_TRY_VOID(rename_path(directory_, old));
  FL_TRY_VOID(rename_path(made, directory_));
  FL_TRY_VOID(sync_directory(parent_of(directory_)));
  names_changed_ = false;
  return remove_directory(old);
}

Posix<void> RegionFiles::store_bytes(std::string_view name, std::string_view bytes,
                                     std::uint64_t known) {
  if (open_name_ != name) {
    open_name_.clear();
    FL_TRY(open_file_, open_file(path_of(name), O_WRONLY));
    open_name_ = name;
  }
  FL_TRY_VOID(write_at(open_file_.get(), bytes.substr(known), known));
  FL_TRY_VOID(cut_file(open_file_.get(), bytes.size()));
  FL_TRY_VOID(sync_data(open_file_.get()));
  return make_names_durable();
}

Posix<void> RegionFiles::create_empty(const std::string& path) {
  open_name_.clear();
  names_changed_ = true;
  FL_TRY_VOID(remove_file(path));
  FL_TRY(const Descriptor created, open_file(path, O_WRONLY | O_CREAT | O_EXCL));
  return {};
}

Posix<void> RegionFiles::make_names_durable() {
  if (!names_changed_) return {};
  FL_TRY_VOID(sync_directory(directory_));
  names_changed_ = false;
  return {};
}

// ---- before there is a disk ---------------------------------------------------------------------

Posix<void> RegionFiles::recover(const std::string& directory) {
  const std::string made = directory + ".new";
  const std::string old = directory + ".old";
  if (!path_exists(directory) && path_exists(old)) {
    // The old directory goes only when the new one is whole.
    FL_TRY_VOID(rename_path(path_exists(made) ? made : old, directory));
    FL_TRY_VOID(sync_directory(parent_of(directory)));
  }
  FL_TRY_VOID(remove_directory(made));
  return remove_directory(old);
}

Posix<std::map<std::string, std::string>> RegionFiles::read(const std::string& directory) {
  std::map<std::string, std::string> files;
  FL_TRY(const std::vector<std::string> names, list_directory(directory));
  for (const std::string& name : names) {
    if (!belongs_to_database(name)) continue;
    FL_TRY(files[std::string(kDiskDirectory) + name], read_file(directory + "/" + name));
  }
  return files;
}

}  // namespace faultline::tools
