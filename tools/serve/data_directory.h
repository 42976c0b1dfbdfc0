// DataDirectory: where `faultline serve --data-dir DIR` keeps a world, so that every call that was
// acknowledged survives the death of the server.
//
//     FL_TRY(auto directory, DataDirectory::open({.path = "data", .account = …, .regions = …}));
//     options.image = directory->image();
//     options.adopt_disk = [&](const std::string& region, engine::Disk& disk) {
//       directory->adopt(region, disk);
//     };
//     World world(options);
//     directory->make_durable(world);        // once before anything is served, and before each reply
//
//   DIR/format        text: what this is, its version, the account, the seed of the first start.
//                     Written last, when the directory is made, and never again
//   DIR/lock          held while a server runs; names its process
//   DIR/state.pb      DataDirectoryState (proto/data_directory.proto): keys and regions' statuses.
//                     Replaced as a whole, so that keys of two regions never disagree
//   DIR/clock         the world's wall clock, nanoseconds since 1970, as of about a second ago
//   DIR/us-west-2/    a LevelDB database (region_files.h). A region that nobody has used has none
//
// Order        keys are durable before any record that may need them: a store's sync writes
//              state.pb first, if a key has changed. So what a crash leaves can be read.
// Cost         a commit costs one fdatasync; with it, now and then, a new table and the names. A call
//              that has changed no store and no key costs none.
// Secrecy      DIR holds the keys in the clear: directories have mode 0700 and files 0600. Whoever
//              may read it can read every secret.
// Errors       one sentence each. Unless DIR did not exist or was empty, nothing has been written
//              then.
// Kills        after any death, at any instruction, open() finds all that make_durable had said.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/disk.h"
#include "proto/data_directory.pb.h"
#include "proto/result.h"
#include "regions/world.h"
#include "regions/world_image.h"
#include "tools/serve/real_files.h"
#include "tools/serve/region_files.h"

namespace faultline::tools {

// Of DIR as a whole; the stores and their records have formats of their own.
inline constexpr std::uint32_t kDataDirectoryFormat = 1;

struct DataDirectoryOptions {
  // Made if it does not exist, but not its parent.
  std::string path;
  std::string account;
  // Letters, digits, hyphens and underscores.
  std::vector<std::string> regions;
  // Absent: the directory's own, and for a new one what the operating system draws. Luck depends
  // on it, and the access keys of principals that were given none.
  std::optional<std::uint64_t> seed;
  // What the world's wall clock is to show at the start. Absent: it goes on where it stood.
  std::optional<std::int64_t> now_unix_ns;
};

class DataDirectory {
 public:
  // How far a clock may have gone backwards.
  static constexpr std::int64_t kClockToleranceNs = 5'000'000'000;

  // Errors   it cannot be read or written; is no directory; has something else in it; is of a newer
  //          format, of another account, or in use; its clock is ahead of now; a store or a key in
  //          it is damaged.
  [[nodiscard]] static Expected<std::unique_ptr<DataDirectory>, std::string> open(
      const DataDirectoryOptions& options);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  // What it held when it was opened. Its life is 0 if no world has been served from here.
  [[nodiscard]] const std::shared_ptr<const regions::WorldImage>& image() const { return image_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }

  // Puts the region's files behind a disk (WorldOptions::adopt_disk). The first time the disk holds
  // what was read from them; later, for a world that takes the place of the first one, they become
  // what the disk holds. The disk of before is not to be written to any more.
  void adopt(const std::string& region, engine::Disk& disk);

  // What the world's keys and regions are is durable, as the records in its stores are already. Its
  // disks were adopted; this outlives it. The first call for a world also brings the files in step.
  // Errors   for people; whether what was changed lasts is then unknown. It may be tried again.
  [[nodiscard]] Expected<void, std::string> make_durable(regions::World& world);

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  using Step = Expected<void, std::string>;
  // ---- opening ----------------------------------------------------------------------------------
  Step look(const DataDirectoryOptions& options);
  Step read_format(const DataDirectoryOptions& options);
  Step take_lock();
  Step check_clock(const DataDirectoryOptions& options);
  Step load(const DataDirectoryOptions& options);
  Step load_state(const DataDirectoryOptions& options, regions::WorldImage& image);
  Step load_store(const std::string& region, regions::WorldImage& image);
  Step begin(const DataDirectoryOptions& options);
  // ---- serving ----------------------------------------------------------------------------------
  Step begin_world(regions::World& world);
  Step save_state();
  void stamp_clock();
  Step failed(const std::string& name, int error) const;

  const std::string path_;
  bool is_new_ = false;
  Descriptor lock_;
  Descriptor clock_;
  std::uint64_t seed_ = 0;
  v1::DataDirectoryState state_;
  std::int64_t stamped_unix_ns_ = 0;
  std::shared_ptr<const regions::WorldImage> image_;

  struct Backed {
    std::unique_ptr<RegionFiles> files;
    engine::Disk* disk = nullptr;
    // A world has been served from these files.
    bool served = false;
    // In the world. Null until its first make_durable.
    kms::Kms* kms = nullptr;
    // What state.pb has: as of which change of the KMS, and in words. Absent: something else.
    std::optional<std::uint64_t> changes_saved{};
    std::optional<regions::RegionOptStatus> status_saved{};
  };
  std::map<std::string, Backed> regions_;
  // Null until the first make_durable of a world.
  regions::World* world_ = nullptr;
};

}  // namespace faultline::tools
