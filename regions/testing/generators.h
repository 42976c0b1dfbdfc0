// For RapidCheck: scenarios as values. Include it where RapidCheck is; the library itself does not
// depend on it.
//
//     rc::prop("my invariant", [](const faultline::v1::Scenario& scenario) { … });
//
// with rc::Arbitrary<faultline::v1::Scenario>, or chaos::scenarios(base) for a world of your own. A
// counterexample is shown as scenario text. It is shrunk by taking steps out; explore/shrink.h
// makes it smaller still.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "proto/scenario.pb.h"
#include "regions/explore/draw.h"
#include "regions/scenario_writer.h"

namespace faultline::v1 {

// How RapidCheck prints one (found by the argument's namespace).
inline void showValue(const Scenario& scenario, std::ostream& out) {
  out << regions::write_scenario(scenario);
}

}  // namespace faultline::v1

namespace faultline::chaos {

// Three regions with a key each.
inline v1::Scenario three_regions() {
  v1::Scenario base;
  for (const char* region : {"us-west-2", "us-east-1", "eu-west-1"}) {
    base.add_region()->set_name(region);
    v1::KeySpec& key = *base.add_key();
    key.set_region(region);
    key.set_alias("alias/app");
  }
  return base;
}

// The same scenario without a run of its steps: halves, quarters, … single ones.
inline rc::Seq<v1::Scenario> with_fewer_steps(const v1::Scenario& scenario) {
  std::vector<v1::Scenario> fewer;
  const int steps = scenario.step_size();
  for (int length = steps; length > 0; length /= 2) {
    for (int begin = 0; begin + length <= steps; begin += length) {
      v1::Scenario less = scenario;
      less.mutable_step()->DeleteSubrange(begin, length);
      fewer.push_back(std::move(less));
    }
  }
  return rc::seq::fromContainer(fewer);
}

// Calls and faults in the measure of RapidCheck's size, over the regions of `base`.
inline rc::Gen<v1::Scenario> scenarios(v1::Scenario base = three_regions()) {
  return rc::gen::withSize([base = std::move(base)](int size) {
    const auto drawn =
        rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [base, size](std::uint64_t seed) {
          regions::explore::Luck luck(seed, "rapidcheck");
          regions::explore::Style style;
          style.calls = static_cast<std::uint32_t>(2 + size / 4);
          style.faults = static_cast<std::uint32_t>(size / 25);
          style.longest_gap =
              luck.log_between(engine::Duration::millis(2), engine::Duration::seconds(4));
          v1::Scenario scenario = regions::explore::draw(base, style, luck);
          scenario.set_seed(seed % 1'000'000 + 1);
          return scenario;
        });
    // The number it was drawn from means nothing when it is smaller.
    return rc::gen::shrink(rc::gen::noShrink(drawn), with_fewer_steps);
  });
}

}  // namespace faultline::chaos

namespace rc {

template <>
struct Arbitrary<faultline::v1::Scenario> {
  static Gen<faultline::v1::Scenario> arbitrary() { return faultline::chaos::scenarios(); }
};

}  // namespace rc
