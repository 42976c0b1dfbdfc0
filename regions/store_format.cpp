#include "regions/store_format.h"

#include <charconv>
#include <string>
#include <system_error>

namespace faultline::regions {
namespace {

constexpr std::string_view kFormatKey = "f";

}  // namespace

StoreStatus write_store_format(KvStore& store) {
  WriteBatch batch;
  batch.put(std::string(kFormatKey), std::to_string(kStoreFormat));
  return store.write(batch, /*sync=*/true);
}

StoreStatus check_store_format(KvStore& store, std::uint32_t newest_known) {
  FL_TRY(const std::optional<std::string> written, store.get(kFormatKey));
  if (!written) return tl::unexpected(StoreError{"Corruption: the store has lost its format"});
  std::uint32_t format = 0;
  const char* const end = written->data() + written->size();
  const auto [stopped, error] = std::from_chars(written->data(), end, format);
  if (error != std::errc() || stopped != end) {
    return tl::unexpected(StoreError{"Corruption: the store's format is not a number"});
  }
  if (format <= newest_known) return {};
  return tl::unexpected(StoreError{"the store has format " + *written +
                                   ", and this binary knows formats up to " +
                                   std::to_string(newest_known)});
}

}  // namespace faultline::regions
