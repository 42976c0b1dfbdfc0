// Causality: what came of what in a run.
//
//     const Causality causes(record);
//     causes.past({violation});          // the events without which it would not have been
//
// An event is influenced by
//   (1) its cause, as the trace names it;
//   (2) the sending of the message that it tells of, the faults of the network that lay on its way,
//       and the loss of the one before, for which it was sent again;
//   (3) the faults of service and keys because of which it was refused or failed;
//   (4) what had become of its region: the last crash or start, and of the secret that it is about
//       the last change by a client, the promotion, the removal, or the first copy;
//   (5) as a judgement, what was judged.
// All of them are earlier events. Lamport's order within a region is more than this: most of what a
// region did before has no part in what it does now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tools/report/run_record.h"

namespace faultline::tools {

class Causality {
 public:
  // The record outlives it.
  explicit Causality(const RunRecord& record);

  // The place of an event in record.events; size(): there is none of this id.
  [[nodiscard]] std::size_t place_of(std::uint64_t id) const;
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  // Places of the events that influence this one at once, ascending.
  [[nodiscard]] std::span<const std::size_t> influences(std::size_t place) const {
    return std::span(influences_).subspan(begins_[place], begins_[place + 1] - begins_[place]);
  }
  // By place: whether the event is one of these, or has influenced one of them.
  [[nodiscard]] std::vector<bool> past(const std::vector<std::uint64_t>& ids) const;

 private:
  void link_faults();
  void link_states();
  void link_work(std::size_t place);
  void link_judgement(std::size_t place);
  void add(std::size_t place, std::uint64_t influence);
  void put_in_order();

  const EventList& events_;
  // What was added: a place and an earlier one; afterwards in influences_, one place after the other.
  std::vector<std::pair<std::size_t, std::size_t>> added_;
  std::vector<std::size_t> influences_, begins_;
};

}  // namespace faultline::tools
