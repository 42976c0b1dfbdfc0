// RegionFiles: one region's simulated disk as files of the real one: a directory that is a LevelDB
// database, which LevelDB's own tools open.
//
// Names        "db/000003.log" is the file 000003.log of the directory.
// First files  a region that nobody has used has no directory. It appears as a whole, with what the
//              first commit makes of it.
// Replacing    the new files are written to "<directory>.new"; the old directory becomes
//              "<directory>.old", the new one takes its place, and the old one is removed.
//              recover() ends what a death in between has left.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/disk_backing.h"
#include "tools/serve/real_files.h"

namespace faultline::tools {

class RegionFiles final : public engine::DiskBacking {
 public:
  // `before_store` is called before anything becomes durable; its error is the store's.
  RegionFiles(std::string directory, std::function<engine::DiskResult<void>()> before_store);

  // From now on every call answers Io: another disk has the directory.
  void retire() { retired_ = true; }

  [[nodiscard]] engine::DiskResult<void> replace(const std::vector<File>& files) override;
  [[nodiscard]] engine::DiskResult<void> store(std::string_view name, std::string_view bytes,
                                               std::uint64_t known) override;
  [[nodiscard]] engine::DiskResult<void> create(std::string_view name) override;
  [[nodiscard]] engine::DiskResult<void> rename(std::string_view from,
                                                std::string_view to) override;
  [[nodiscard]] engine::DiskResult<void> remove(std::string_view name) override;
  [[nodiscard]] engine::DiskResult<void> sync_names() override;

  // After the death of a process: the directory is there as a whole, or not at all.
  [[nodiscard]] static Posix<void> recover(const std::string& directory);
  // The files of a database as a disk names them; what LevelDB's tools leave beside them (LOG, LOCK)
  // is not among them.
  [[nodiscard]] static Posix<std::map<std::string, std::string>> read(const std::string& directory);

 private:
  [[nodiscard]] std::string path_of(std::string_view name) const;
  Posix<void> replace_all(const std::vector<File>& files);
  Posix<void> store_bytes(std::string_view name, std::string_view bytes, std::uint64_t known);
  Posix<void> create_empty(const std::string& path);
  Posix<void> make_names_durable();

  const std::string directory_;
  const std::function<engine::DiskResult<void>()> before_store_;
  // The file that was stored last, which is nearly always the log.
  std::string open_name_;
  Descriptor open_file_;
  bool names_changed_ = false;
  bool retired_ = false;
};

}  // namespace faultline::tools
