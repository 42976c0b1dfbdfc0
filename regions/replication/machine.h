// What the replication machines have in common: the outcome of an event, and the documentation that
// a transition table writes of itself.
#pragma once

#include <string>

namespace faultline::regions {

// What became of an event.
enum class Fired {
  // A row of the table was taken.
  Moved,
  // Rows exist for this state and event, and no guard agreed.
  Refused,
  // No row: the event means nothing in this state. Messages come late and twice, so this is
  // ordinary.
  Unexpected,
};

}  // namespace faultline::regions
