// The properties of replication that every run is held to: 38 that must hold at every instant
// (S01 … S38) and 6 about what must come to pass (L01 … L06). Who watches for them: monitor.h.
//
// An id never changes its meaning. A region's copy of a secret, its links and labels are what its
// store holds; "committed" is written and synced; "acknowledged" is answered to a client.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace faultline::regions {

// clang-format off
enum class Property : std::uint8_t {
  S01, S02, S03, S04, S05, S06, S07, S08, S09, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19,
  S20, S21, S22, S23, S24, S25, S26, S27, S28, S29, S30, S31, S32, S33, S34, S35, S36, S37, S38,
  L01, L02, L03, L04, L05, L06
};
// clang-format on

inline constexpr std::size_t kProperties = 44;

struct PropertyInfo {
  Property property{};
  std::string_view id;        // "S12"
  std::string_view title;     // "PromotedFenced"
  std::string_view sentence;  // what holds, in plain words
  std::string_view why;       // what is lost where it does not
};

// In the order of the enumeration.
[[nodiscard]] const std::array<PropertyInfo, kProperties>& properties();
[[nodiscard]] const PropertyInfo& info_of(Property property);
// nullptr: there is none of this id.
[[nodiscard]] const PropertyInfo* find_property(std::string_view id);

}  // namespace faultline::regions
