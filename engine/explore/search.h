// Systematic search: every sequence of choices up to a depth, each state once.
//
//     Search<Model> search({.depth = 8});
//     const Certificate certificate = search.run(model);
//     // "exhausted: 3 012 states, 9 481 transitions, depth 8, no violation"
//
// A Model is where choices are made:
//
//     void reset();                       to the beginning
//     std::size_t choices() const;        what may happen next; 0: nothing
//     void choose(std::size_t index);     makes it happen. REQUIRES: index < choices()
//     Hash128 state() const;              equal for states that have equal futures
//     std::optional<std::string> broken();  what is violated here, in words
//     std::optional<std::string> end();   at a state from which the search goes no further: brings
//                                         it to its end and says what is violated there. The model
//                                         is reset before it is used again.
//
// Method   Depth first. A state is gone into again only with more depth left than before; models
//          that can be copied are, others are reset and brought back by the same choices.
// Order    Choices in the model's order, so that the same search finds the same thing first.
// Counts   States are told apart by 128 bits: of 10^9 states two are confused with a chance of
//          10^-21.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/hash.h"

namespace faultline::engine {

struct SearchOptions {
  std::size_t depth = 8;
  // False: time is over; the certificate says so.
  std::function<bool()> may_go_on = [] { return true; };
  // The search ends with the first violation.
  bool stops_at_violation = true;
  // Whether states at the depth's end are brought to their end.
  bool judges_ends = true;
};

struct Certificate {
  // Every state within the depth was seen.
  bool exhausted = false;
  std::size_t depth = 0;
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t ends = 0;
  // Of the first violation: what, and the choices that lead there.
  std::optional<std::string> violation;
  std::vector<std::size_t> path;
};

template <class Model>
class Search {
 public:
  explicit Search(SearchOptions options) : options_(std::move(options)) {}

  Certificate run(Model& model) {
    certificate_ = {};
    certificate_.depth = options_.depth;
    seen_.clear();
    path_.clear();
    model.reset();
    stopped_ = false;
    visit(model, options_.depth);
    certificate_.exhausted = !stopped_;
    certificate_.states = seen_.size();
    return certificate_;
  }

 private:
  // The model stands at the path's end; afterwards anywhere.
  void visit(Model& model, std::size_t left) {
    if (note(model.broken())) return;
    auto [known, is_new] = seen_.try_emplace(model.state(), left);
    if (!is_new) {
      if (known->second >= left) return;
      known->second = left;
    }
    const std::size_t choices = left == 0 ? 0 : model.choices();
    if (choices == 0) {
      // Once a state: what follows is the same.
      if (is_new && options_.judges_ends) {
        ++certificate_.ends;
        note(model.end());
      }
      return;
    }
    bool is_here = true;
    for (std::size_t i = 0; i < choices && !stopped_; ++i) {
      if (!options_.may_go_on()) {
        stopped_ = true;
        return;
      }
      ++certificate_.transitions;
      if constexpr (std::copy_constructible<Model>) {
        Model next = model;
        next.choose(i);
        path_.push_back(i);
        visit(next, left - 1);
      } else {
        if (!is_here) bring_back(model);
        model.choose(i);
        path_.push_back(i);
        visit(model, left - 1);
        is_here = false;
      }
      path_.pop_back();
    }
  }

  void bring_back(Model& model) {
    model.reset();
    for (const std::size_t choice : path_) model.choose(choice);
  }

  // True: there is a violation.
  bool note(std::optional<std::string> violation) {
    if (!violation) return false;
    if (!certificate_.violation) {
      certificate_.violation = std::move(violation);
      certificate_.path = path_;
    }
    if (options_.stops_at_violation) stopped_ = true;
    return true;
  }

  SearchOptions options_;
  Certificate certificate_;
  struct Less {
    bool operator()(const Hash128& a, const Hash128& b) const {
      return a.high != b.high ? a.high < b.high : a.low < b.low;
    }
  };
  // With how much depth left it was gone into.
  std::map<Hash128, std::size_t, Less> seen_;
  std::vector<std::size_t> path_;
  bool stopped_ = false;
};

}  // namespace faultline::engine
