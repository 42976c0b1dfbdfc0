#include "regions/property_noter.h"

#include <fmt/format.h>

#include <utility>

#include "engine/simulation.h"
#include "regions/invariants/monitor.h"
#include "regions/world.h"

namespace faultline::regions {

v1::Violation note_violation(World& world, const std::string& expectation,
                             const std::string& found) {
  v1::Violation violation;
  violation.set_event(world.simulation().trace().record(
      {.kind = v1::VIOLATION, .subject = expectation, .text = found}));
  violation.set_expectation(expectation);
  violation.set_found(found);
  violation.set_at_ns(world.now().ns());
  return violation;
}

PropertyNoter::PropertyNoter(World& world, Heard heard)
    : world_(world), heard_(std::move(heard)), monitor_(std::make_unique<Monitor>(world)) {}

PropertyNoter::~PropertyNoter() = default;

void PropertyNoter::after_event() {
  monitor_->after_event();
  note();
}

void PropertyNoter::note() {
  const auto& broken = monitor_->violations();
  for (; noted_ < broken.size(); ++noted_) {
    const PropertyViolation& seen = broken[noted_];
    const PropertyInfo& property = info_of(seen.property);
    v1::Violation violation =
        note_violation(world_, fmt::format("{} {}", property.id, property.title), seen.found);
    violation.set_because(std::string(property.sentence));
    violation.set_property(std::string(property.id));
    for (const std::uint64_t witness : seen.witnesses) violation.add_witness(witness);
    heard_(violation);
  }
}

}  // namespace faultline::regions
