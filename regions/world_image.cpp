#include "regions/world_image.h"

#include <string_view>
#include <utility>

#include "engine/disk_env.h"
#include "engine/hash.h"
#include "proto/check.h"
#include "proto/deterministic_bytes.h"
#include "regions/level_kv_store.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

// What the records say, not how LevelDB has laid them out. Read from a copy, so that nothing happens
// in the region.
void add_store(const engine::DiskImage& image, engine::HashChain& chain) {
  engine::Disk disk("a copy", engine::RandomStream());
  disk.load_image(image);
  engine::DiskEnv env(disk, [] { return std::uint64_t{0}; });
  const auto store = LevelKvStore::open(env);
  if (!store) return chain.add(store.error().message);
  const auto scanned = (*store)->scan({}, [&](std::string_view key, std::string_view value) {
    chain.add(key);
    chain.add(value);
    return true;
  });
  if (!scanned) chain.add(scanned.error().message);
}

}  // namespace

std::string state_hash(const RegionImage& region) {
  engine::HashChain chain;
  add_store(region.disk, chain);
  chain.add(deterministic_bytes(region.kms));
  return chain.value().to_hex();
}

WorldImage World::image() {
  WorldImage image;
  for (const auto& place : places_) {
    image.regions[place->surroundings.name] = {simulation_.context(place->actor).disk().image(),
                                               place->kms.snapshot()};
  }
  image.opt_statuses = account_.opt_statuses();
  image.life = life_ + 1;
  image.wall_unix_ns = simulation_.epoch_unix_ns() + simulation_.now().ns();
  return image;
}

std::string World::state_hash() {
  engine::HashChain chain;
  for (const auto& place : places_) {
    chain.add(place->surroundings.name);
    chain.add(regions::state_hash(
        {simulation_.context(place->actor).disk().image(), place->kms.snapshot()}));
  }
  return chain.value().to_hex();
}

void World::load(const WorldImage& image, const std::string& region) {
  const auto status = image.opt_statuses.find(region);
  if (status != image.opt_statuses.end()) account_.set_opt_status(region, status->second);
  const auto before = image.regions.find(region);
  if (before == image.regions.end()) return;
  Place& target = place(region);
  if (before->second.disk.file_count() > 0) {
    simulation_.context(target.actor).disk().load_image(before->second.disk);
  }
  const auto restored = target.kms.restore(before->second.kms);
  FL_CHECK(restored.has_value()) << "an image that was not checked: " << region << ": "
                                 << restored.error().message;
}

}  // namespace faultline::regions
