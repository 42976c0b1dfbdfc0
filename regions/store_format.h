// The format of a region's store: a number under the key "f", written when the store is made, so
// that a binary that knows only older formats refuses to open it and does not read it wrongly.
#pragma once

#include <cstdint>

#include "regions/kv_store.h"

namespace faultline::regions {

inline constexpr std::uint32_t kStoreFormat = 2;
// What the binary before this one knew.
inline constexpr std::uint32_t kStoreFormatBefore = 1;

[[nodiscard]] StoreStatus write_store_format(KvStore& store);
// Errors   the store has no format, or one that is newer than `newest_known`; or it cannot be read.
[[nodiscard]] StoreStatus check_store_format(KvStore& store, std::uint32_t newest_known);

}  // namespace faultline::regions
