// A data directory of a test, and worlds that are served from it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "regions/world.h"
#include "regions/world_image.h"
#include "tools/serve/data_directory.h"

namespace faultline::tools {

// A path where nothing is, and what comes to be there; gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = ::testing::TempDir() + "/faultline-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    parent_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(parent_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string path() const { return parent_ + "/data"; }
  // A day later each time, as clocks go on while nobody serves.
  [[nodiscard]] DataDirectoryOptions options() const {
    now_unix_ns_ += 86'400'000'000'000;
    return {
        .path = path(),
        .account = "111122223333",
        .regions = {"us-west-2", "us-east-1", "eu-west-1"},
        .seed = 7,
        .now_unix_ns = now_unix_ns_
    };
  }
  // Sorted.
  [[nodiscard]] std::vector<std::string> names(const std::string& below = {}) const {
    return list_directory(path() + "/" + below).value();
  }
  // Every file, by its path below the directory.
  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      if (!entry.is_regular_file()) continue;
      const std::string name = std::filesystem::relative(entry.path(), path()).string();
      files[name] = read_file(entry.path().string()).value();
    }
    return files;
  }

 private:
  std::string parent_;
  mutable std::int64_t now_unix_ns_ = 1'800'000'000'000'000'000;
};

class ServedWorld {
 public:
  explicit ServedWorld(const DataDirectoryOptions& options) : options_(options) {
    auto opened = DataDirectory::open(options);
    if (!opened) throw std::runtime_error(opened.error());  // fails the test with these words
    directory_ = *std::move(opened);
    replace(directory_->image());
  }

  // A world in the place of the one that is there.
  void replace(const std::shared_ptr<const regions::WorldImage>& image) {
    world_.reset();
    regions::WorldOptions world;
    world.regions = options_.regions;
    world.seed = directory_->seed();
    world.account = options_.account;
    world.epoch_unix_ns = image->wall_unix_ns;
    world.image = image;
    world.adopt_disk = [this](const std::string& region, engine::Disk& disk) {
      directory_->adopt(region, disk);
    };
    world_ = std::make_unique<regions::World>(std::move(world));
    make_durable();
  }
  void make_durable() {
    const auto kept = directory_->make_durable(*world_);
    EXPECT_TRUE(kept.has_value()) << kept.error();
  }

  [[nodiscard]] regions::World& operator*() { return *world_; }
  [[nodiscard]] regions::World* operator->() { return world_.get(); }
  [[nodiscard]] DataDirectory& directory() { return *directory_; }
  [[nodiscard]] regions::Client west() { return world_->client("us-west-2"); }

 private:
  const DataDirectoryOptions options_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<regions::World> world_;
};

}  // namespace faultline::tools
