// WorldImage: what a world would need to go on in another process: the files of its stores, its keys,
// and how the account stands with its regions.
//
//     auto image = std::make_shared<const WorldImage>(world.image());
//     World again({.regions = …, .seed = 7, .image = image});
//     again.state_hash() == world.state_hash()
//
// Not in it    the time, calls and messages in flight (links send again what was not acknowledged),
//              timers (they are set again from what is stored), faults, principals and policies of the
//              account, and damage to disks that can be put right.
// Luck         a world built from an image draws none that an earlier world of the same contents has
//              drawn: its life number, one more each time, is a part of the seed of everything.
//              Building twice from one image gives the same luck twice.
// Secrecy      holds the key material of every KMS in the clear, and no plaintext of a secret.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/disk.h"
#include "proto/kms.pb.h"
#include "regions/account.h"

namespace faultline::regions {

struct RegionImage {
  engine::DiskImage disk;
  v1::KmsSnapshot kms;
};

struct WorldImage {
  std::map<std::string, RegionImage, std::less<>> regions;
  std::map<std::string, RegionOptStatus> opt_statuses;
  // Of the world that is built from it.
  std::uint64_t life = 0;
  // What the world's clock showed, nanoseconds since 1970.
  std::int64_t wall_unix_ns = 0;
};

// The contents of a store and a KMS as 32 hex digits. A store that cannot be read counts as the
// error that says so.
[[nodiscard]] std::string state_hash(const RegionImage& region);

}  // namespace faultline::regions
