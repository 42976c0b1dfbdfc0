// Defects: named ways in which the built-in protocol is broken, for teaching what a safeguard is
// for and for measuring what finds its absence. A scenario names them: `service { defect: "D05" }`.
//
// Each is one bit, asked at the very decision that it breaks: `grep D05` finds that place.
// Off, which is ordinary, a defect costs a bit test. Several may be on at once.
//
// The tables of scenarios/defects/README.md and of `faultline explain` are made from defects().
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace faultline::regions {

enum class Defect : std::uint8_t {
  // ---- order -----------------------------------------------------------------------------------
  D01 = 1,
  D02,
  D03,
  D04,
  // ---- promotion -------------------------------------------------------------------------------
  D05,
  D06,
  D07,
  // ---- adding and removing regions -------------------------------------------------------------
  D08,
  D09,
  D10,
  D11,
  // ---- keys ------------------------------------------------------------------------------------
  D12,
  D13,
  D14,
  // ---- durability ------------------------------------------------------------------------------
  D15,
  D16,
  D17,
  D18,
  // ---- time ------------------------------------------------------------------------------------
  D19,
  D20,
  // ---- the API's contract ----------------------------------------------------------------------
  D21,
  D22,
};

// A set of them.
class Defects {
 public:
  constexpr Defects() = default;
  constexpr Defects(std::initializer_list<Defect> defects) {
    for (const Defect defect : defects) add(defect);
  }

  constexpr void add(Defect defect) { bits_ |= bit(defect); }
  [[nodiscard]] constexpr bool has(Defect defect) const { return (bits_ & bit(defect)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  bool operator==(const Defects&) const = default;

 private:
  static constexpr std::uint32_t bit(Defect defect) {
    return std::uint32_t{1} << static_cast<unsigned>(defect);
  }
  std::uint32_t bits_ = 0;
};

struct DefectInfo {
  Defect defect;
  // "D05", and in one word.
  std::string_view id;
  std::string_view name;
  // One sentence each: what is changed, and where the world has seen it.
  std::string_view what;
  std::string_view why;
  // Ids of the properties that notice, the plainest first, separated by commas: "S12", "S07,L01".
  std::string_view properties;
  // Coincidences beyond a workload without faults: each fault counts 1, each ordering that
  // first-in-first-out would not give counts 1.
  int depth;
  // In scenarios/defects/: the shortest script that shows it.
  std::string_view file;
};

inline constexpr int kDefects = 22;
// In the order of their ids.
[[nodiscard]] const std::array<DefectInfo, kDefects>& defects();
// By id, as written ("D05"); nullptr: there is none.
[[nodiscard]] const DefectInfo* find_defect(std::string_view id);
// What to say of an id that names none: `no defect is called "D99"; did you mean "D09"?`
[[nodiscard]] std::string no_such_defect(std::string_view id);
// The table of scenarios/defects/README.md.
[[nodiscard]] std::string defects_as_markdown();

}  // namespace faultline::regions
