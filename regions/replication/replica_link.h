// ReplicaLink: the primary's side of one (secret, replica region, generation), as a Boost.MSM
// machine. A plain value: it can be copied, it knows no clock, no network and no store. Events go
// in; what is to be done comes out as Effects, which the protocol carries out.
//
// What a user sees: Preparing and Waiting are "InProgress"; InSync and Failed are themselves.
//
// Source  AWS Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions",
//         "Troubleshoot replication": the statuses, and the reasons of a failure. The order of
//         events within InProgress is ours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "regions/defects.h"
#include "regions/replication/machine.h"

namespace faultline::regions {

// In the order in which the transition table names them first.
enum class LinkState {
  // Just made, or just found in the store after a restart.
  New,
  // The values are being opened with the primary's key and sealed for the way.
  Preparing,
  // A snapshot is on its way, or the time to try again has not come.
  Waiting,
  InSync,
  // Stays so until the secret changes or the user asks again.
  Failed,
  // The replica is no longer ours: promoted.
  Gone,
};
[[nodiscard]] std::string_view to_string(LinkState state);

// What a replica's refusal, or our own KMS's, means for the link.
enum class Refusal {
  // The user must act: Failed.
  Final,
  // It may pass: wait, and try again.
  Temporary,
  // The replica lacks a value that was left out: send everything.
  NeedsEverything,
};

class ReplicaLink {
 public:
  enum class Effect {
    // Open the values and seal them for the way; then say prepared() or refused().
    Prepare,
    // Send the snapshot that was prepared, and set the timer.
    Send,
    // Set the timer only.
    SetTimer,
    // Commit the link as InSync; stop the timer.
    CommitInSync,
    // Commit the link as Failed with reason(); stop the timer.
    CommitFailed,
    // Erase the link from the store; stop the timer.
    Erase,
  };
  // At most two for one event.
  class Effects {
   public:
    void add(Effect effect) { items_.at(count_++) = effect; }
    [[nodiscard]] const Effect* begin() const { return items_.data(); }
    [[nodiscard]] const Effect* end() const { return items_.data() + count_; }

   private:
    std::array<Effect, 2> items_{};
    std::size_t count_ = 0;
  };
  struct Outcome {
    Fired fired;
    Effects effects;
  };

  // `max_attempts`: sends of one snapshot before the network is given up, at least 1.
  // D02 is the only defect that it knows.
  explicit ReplicaLink(std::uint32_t max_attempts, Defects defects = {});
  ReplicaLink(const ReplicaLink& other);
  ReplicaLink& operator=(const ReplicaLink& other);
  ReplicaLink(ReplicaLink&&) noexcept;
  ReplicaLink& operator=(ReplicaLink&&) noexcept;
  ~ReplicaLink();

  // ---- events -----------------------------------------------------------------------------------
  // The store says that this link was InSync (Failed) when the region went down.
  Outcome was_in_sync(std::uint64_t sequence);
  Outcome was_failed(std::uint64_t target, std::uint64_t acked);
  // The secret changed: `target` is what the replica must reach now. `acked`: what it is known to
  // hold.
  Outcome changed(std::uint64_t target, std::uint64_t acked);
  // The user asked again.
  Outcome retried();
  Outcome prepared();
  // Of the snapshot with this sequence; older ones are ghosts.
  Outcome refused(std::uint64_t sequence, Refusal refusal, std::string reason);
  Outcome acked(std::uint64_t sequence);
  Outcome timed_out();
  // The replica says that it was promoted or removed.
  Outcome fenced();

  // ---- what is so -------------------------------------------------------------------------------
  [[nodiscard]] LinkState state() const;
  // What the replica must reach, and what it is known to hold; 0: nothing.
  [[nodiscard]] std::uint64_t target() const;
  [[nodiscard]] std::uint64_t acked_sequence() const;
  // Sends of the present snapshot so far.
  [[nodiscard]] std::uint32_t attempts() const;
  [[nodiscard]] const std::string& reason() const;

  // The transition table as Markdown.
  [[nodiscard]] static std::string describe();

 private:
  struct Machine;
  Boxed<Machine> machine_;
};

}  // namespace faultline::regions
