// DiskBacking: real files that follow a simulated disk, so that what is durable there is durable.
//
//     disk.set_backing(&files, /*in_step=*/true);
//     file->append("...");     nothing real happens
//     file->sync();            answers after files.store(...) has
//
// What is real    the names of the simulated disk, and of each file the bytes that are durable: at
//                 every moment the backing is what the disk would be after a crash with LOSE_ALL.
//                 (Names that such a crash would take back are as they are now.)
// Faults          all of them go on working. A failed sync stores nothing, a lying one does not
//                 either; a torn rest that a crash leaves is durable there, so it is stored; names
//                 that a crash takes back are taken back; a disk that is replaced replaces the
//                 files. Damage that can be put right (Disk::rot, misdirect) stays in memory: the
//                 right bytes are stored, and the damage ends with the process.
// Errors          Io and Full, which the operation of the disk then answers, having changed
//                 nothing. After one that is about names the disk counts as out of step, and the
//                 next sync replaces every file.
// Cost            a null check, without one.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/disk.h"

namespace faultline::engine {

class DiskBacking {
 public:
  struct File {
    std::string_view name;
    std::string_view bytes;
  };

  virtual ~DiskBacking() = default;

  // Holds these files and no others, durably; all of them or, whatever happens meanwhile, what was
  // there before. In order of names.
  [[nodiscard]] virtual DiskResult<void> replace(const std::vector<File>& files) = 0;

  // The file's bytes are these, durably, and so are all names. The first `known` of them are there
  // already. After an error they still are, and behind them may be anything.
  [[nodiscard]] virtual DiskResult<void> store(std::string_view name, std::string_view bytes,
                                               uint64_t known) = 0;

  // Names, which need not be durable before the next store() or sync_names() is. `create` makes an
  // empty file in the place of what had the name.
  [[nodiscard]] virtual DiskResult<void> create(std::string_view name) = 0;
  [[nodiscard]] virtual DiskResult<void> rename(std::string_view from, std::string_view to) = 0;
  [[nodiscard]] virtual DiskResult<void> remove(std::string_view name) = 0;
  [[nodiscard]] virtual DiskResult<void> sync_names() = 0;
};

}  // namespace faultline::engine
