// A small abstract model of one replication link, to check the search itself by: snapshots of a
// counter go out, acknowledgements come back, messages are lost, doubled and reordered, the replica
// crashes before its disk has synced. link_model.pml says the same in Promela.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/hash.h"

namespace faultline::engine {

class LinkModel {
 public:
  // `acks_too_early`: the replica acknowledges before it has synced.
  LinkModel(int puts, int faults, bool acks_too_early = false)
      : puts_(puts), faults_(faults), acks_too_early_(acks_too_early) {
    reset();
  }

  void reset() { state_ = {.faults = static_cast<std::uint8_t>(faults_)}; }
  [[nodiscard]] std::size_t choices() const { return enabled().size(); }
  void choose(std::size_t index) { apply(enabled()[index]); }
  [[nodiscard]] Hash128 state() const {
    HashChain chain;
    chain.add({reinterpret_cast<const char*>(&state_), sizeof(state_)});
    return chain.value();
  }
  // What was acknowledged must be durable.
  [[nodiscard]] std::optional<std::string> broken() const {
    if (state_.acked <= state_.durable) return std::nullopt;
    return "acknowledged " + std::to_string(state_.acked) + ", durable " +
           std::to_string(state_.durable);
  }
  [[nodiscard]] std::optional<std::string> end() { return std::nullopt; }

  static constexpr int kValues = 4;  // 1 … puts, so at most 3
  static constexpr int kMostInFlight = 2;

 private:
  struct State {
    std::uint8_t sequence = 0;
    std::uint8_t applied = 0;  // not yet synced, maybe
    std::uint8_t durable = 0;
    std::uint8_t acked = 0;
    std::uint8_t faults = 0;
    std::array<std::uint8_t, kValues> snapshots{};
    std::array<std::uint8_t, kValues> acks{};
  };
  enum class Kind { Put, Retry, Sync, Crash, Deliver, DeliverAck, Drop, DropAck, Double };
  struct Action {
    Kind kind;
    int value;
  };

  [[nodiscard]] std::vector<Action> enabled() const {
    const State& s = state_;
    std::vector<Action> out;
    const int next = s.sequence + 1;
    if (s.sequence < puts_ && s.snapshots[next] < kMostInFlight) out.push_back({Kind::Put, 0});
    if (s.acked < s.sequence && s.snapshots[s.sequence] < kMostInFlight) {
      out.push_back({Kind::Retry, 0});
    }
    if (s.applied > s.durable && s.acks[s.applied] < kMostInFlight) out.push_back({Kind::Sync, 0});
    if (s.faults > 0) out.push_back({Kind::Crash, 0});
    for (int value = 1; value <= puts_; ++value) {
      if (s.snapshots[value] > 0) {
        out.push_back({Kind::Deliver, value});
        if (s.faults > 0) out.push_back({Kind::Drop, value});
        if (s.faults > 0 && s.snapshots[value] < kMostInFlight) {
          out.push_back({Kind::Double, value});
        }
      }
      if (s.acks[value] > 0) {
        out.push_back({Kind::DeliverAck, value});
        if (s.faults > 0) out.push_back({Kind::DropAck, value});
      }
    }
    return out;
  }

  void apply(const Action& action) {
    State& s = state_;
    switch (action.kind) {
      case Kind::Put:
        ++s.snapshots[++s.sequence];
        return;
      case Kind::Retry:
        ++s.snapshots[s.sequence];
        return;
      case Kind::Sync:
        s.durable = s.applied;
        ++s.acks[s.durable];
        return;
      case Kind::Crash:
        --s.faults;
        s.applied = s.durable;
        return;
      case Kind::Deliver:
        --s.snapshots[action.value];
        if (action.value > s.applied) s.applied = static_cast<std::uint8_t>(action.value);
        if (acks_too_early_ && s.acks[action.value] < kMostInFlight) ++s.acks[action.value];
        return;
      case Kind::DeliverAck:
        --s.acks[action.value];
        if (action.value > s.acked) s.acked = static_cast<std::uint8_t>(action.value);
        return;
      case Kind::Drop:
        --s.faults;
        --s.snapshots[action.value];
        return;
      case Kind::DropAck:
        --s.faults;
        --s.acks[action.value];
        return;
      case Kind::Double:
        --s.faults;
        ++s.snapshots[action.value];
        return;
    }
  }

  int puts_;
  int faults_;
  bool acks_too_early_;
  State state_{};
};

}  // namespace faultline::engine
