// ReplicaCopy: the replica's side of one secret's name in one region, as a Boost.MSM machine. A
// plain value, like ReplicaLink.
//
// Between two snapshots it needs no memory: what the region holds is in its store, so a machine is
// made when a message comes (found()), lives while keys are asked for and bytes become durable, and
// may be dropped when it rests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "regions/replication/judgement.h"
#include "regions/replication/machine.h"

namespace faultline::regions {

// In the order in which the transition table names them first.
enum class CopyState {
  // Nothing is known yet.
  New,
  // No secret of this name here.
  Absent,
  // Data keys are being made for the values that are new here.
  Preparing,
  // Committed; becoming durable.
  Storing,
  // A replica.
  Following,
  // A secret of its own: made here, or promoted.
  Independent,
};
[[nodiscard]] std::string_view to_string(CopyState state);

class ReplicaCopy {
 public:
  enum class Effect {
    // Ask for data keys for the offer; then say keys_ready() or keys_refused().
    AskForKeys,
    // Commit the offer; then, when it is durable, say durable().
    Commit,
    // Tell the primary what is held.
    Acknowledge,
    // Tell the primary why not.
    Refuse,
  };
  struct Outcome {
    Fired fired;
    bool has_effect;
    Effect effect;
  };

  // What the store holds under this name.
  explicit ReplicaCopy(CopyState found);
  ReplicaCopy(const ReplicaCopy& other);
  ReplicaCopy& operator=(const ReplicaCopy& other);
  ReplicaCopy(ReplicaCopy&&) noexcept;
  ReplicaCopy& operator=(ReplicaCopy&&) noexcept;
  ~ReplicaCopy();

  // A snapshot came. `order`: generation and sequence; of two offers the greater one counts.
  struct Order {
    std::uint64_t generation = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Order&, const Order&) = default;
  };
  Outcome offered(Verdict verdict, Order order);
  Outcome keys_ready();
  Outcome keys_refused();
  Outcome durable();
  // The replica became a secret of its own.
  Outcome promoted();
  // The replica was removed.
  Outcome removed();

  [[nodiscard]] CopyState state() const;
  // Nothing is under way: the machine may be dropped.
  [[nodiscard]] bool at_rest() const;

  // The transition table as Markdown.
  [[nodiscard]] static std::string describe();

 private:
  struct Machine;
  Boxed<Machine> machine_;
};

}  // namespace faultline::regions
