// Pictures: what a property, a defect, a fault, a status or a reason of failure looks like, as a
// small Mermaid sequence diagram, and the scenario that shows it.
//
//     fmt::print("{}", picture_of("S12"));
//     sequenceDiagram
//       participant P as us-west-2, the primary
//       …
//
// One picture may be that of a property, of the defect that breaks it and of the fault that brings
// it about. Pure.
#pragma once

#include <string>
#include <string_view>

namespace faultline::regions {

// Mermaid text, lines ended by '\n'; empty: this id has no picture.
[[nodiscard]] std::string picture_of(std::string_view id);

// The scenario that shows a property, from scenarios/: a lesson, or a defect's script. Empty: no
// property, or one that only a comparison of runs can show.
[[nodiscard]] std::string_view scenario_of_property(std::string_view id);

}  // namespace faultline::regions
