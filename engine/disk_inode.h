// What a Disk keeps of one file. For disk.cpp and disk_backing.cpp only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/disk.h"

namespace faultline::engine {

struct DiskFile::Inode {
  std::string name;
  std::shared_ptr<std::string> bytes;
  uint64_t synced = 0;
  // Somebody else may hold `bytes`: copy before changing them. Never taken back by counting owners,
  // who may be on other threads.
  bool shared = false;
  // Created or renamed, and neither it nor the directory synced since.
  bool name_pending = false;

  [[nodiscard]] uint64_t unsynced() const { return bytes->size() - synced; }

  std::string& writable() {
    if (shared) {
      bytes = std::make_shared<std::string>(*bytes);
      shared = false;
    }
    return *bytes;
  }
};

}  // namespace faultline::engine
