#include "regions/store_copy.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/disk_env.h"
#include "regions/level_kv_store.h"

namespace faultline::regions {

// The keys are SecretStore's (secret_store.h).
StoreResult<StoredSecrets> secrets_on(const engine::DiskImage& image) {
  engine::Disk disk("a copy", engine::RandomStream());
  disk.load_image(image);
  engine::DiskEnv env(disk, [] { return std::uint64_t{0}; });
  FL_TRY(const auto store, LevelKvStore::open(env));
  StoredSecrets found;
  bool is_whole = true;
  FL_TRY_VOID(store->scan("s/", [&](std::string_view, std::string_view bytes) {
    is_whole = found.secrets.emplace_back().ParseFromString(std::string(bytes)) && is_whole;
    return true;
  }));
  FL_TRY_VOID(store->scan("l/", [&](std::string_view key, std::string_view bytes) {
    std::vector<v1::StoredLink>& links =
        found.links[std::string(key.substr(2, key.find('\0') - 2))];
    is_whole = links.emplace_back().ParseFromString(std::string(bytes)) && is_whole;
    return true;
  }));
  if (!is_whole) return tl::make_unexpected(StoreError{"Corruption: a record cannot be read"});
  for (auto& [name, links] : found.links) {
    std::ranges::stable_sort(links, {}, &v1::StoredLink::generation);
  }
  return found;
}

}  // namespace faultline::regions
