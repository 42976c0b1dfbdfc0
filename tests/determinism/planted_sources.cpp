#include "tests/determinism/planted_sources.h"

#include <array>
#include <atomic>
#include <chrono>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <unordered_set>

#include "engine/hash.h"
#include "proto/check.h"

namespace faultline::determinism {
namespace {

constexpr std::size_t kNodes = 16;

template <class Number>
std::string bytes_of(const Number& number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// ---- addresses -----------------------------------------------------------------------------------

struct Node {
  char label = 0;
};

// Hands out what was given back last, as most allocators do for small blocks: whoever gives back
// sixteen nodes in the order in which they came gets them in the opposite order the next time.
class NodePool {
 public:
  Node* take() {
    if (given_back_.empty()) {
      FL_CHECK(fresh_ < nodes_.size()) << "more nodes than any test takes";
      return &nodes_[fresh_++];
    }
    Node* node = given_back_.back();
    given_back_.pop_back();
    return node;
  }
  void give_back(Node* node) { given_back_.push_back(node); }

 private:
  std::array<Node, 1024> nodes_{};
  std::size_t fresh_ = 0;
  std::vector<Node*> given_back_;
};

// Sixteen nodes, named in the order in which they were made.
class Nodes {
 public:
  explicit Nodes(NodePool& pool) : pool_(pool) {
    for (std::size_t i = 0; i < kNodes; ++i) {
      nodes_.push_back(pool_.take());
      nodes_.back()->label = static_cast<char>('a' + i);
    }
  }
  ~Nodes() {
    for (Node* node : nodes_) pool_.give_back(node);
  }
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  [[nodiscard]] const std::vector<Node*>& in_order() const { return nodes_; }

 private:
  NodePool& pool_;
  std::vector<Node*> nodes_;
};

std::function<std::string()> pointer_ordered_container() {
  static NodePool pool;
  return [nodes = std::make_shared<Nodes>(pool)] {
    const std::set<const Node*> links(nodes->in_order().begin(), nodes->in_order().end());
    std::string order;
    for (const Node* node : links) order += node->label;
    return order;
  };
}

std::function<std::string()> address_comparison() {
  static NodePool pool;
  return [nodes = std::make_shared<Nodes>(pool)] {
    std::string answers;
    for (std::size_t i = 1; i < kNodes; ++i) {
      const bool is_before =
          std::less<const Node*>()(nodes->in_order()[i - 1], nodes->in_order()[i]);
      answers += is_before ? '<' : '>';
    }
    return answers;
  };
}

// Made from where the system has put the program, its heap and its stack, as the hash tables of
// Abseil do.
std::uint64_t seed_of_this_process() {
  static const char in_the_program = 0;
  const auto on_the_heap = std::make_unique<char>();
  const char on_the_stack = 0;
  return engine::hash64(bytes_of(&in_the_program) + bytes_of(on_the_heap.get()) +
                        bytes_of(&on_the_stack));
}

struct SeededHash {
  std::size_t operator()(const std::string& text) const {
    static const std::uint64_t seed = seed_of_this_process();
    return static_cast<std::size_t>(engine::hash64(bytes_of(seed) + text));
  }
};

// Sixty-four names in about a hundred buckets: which of them share one decides the order.
std::function<std::string()> unordered_iteration() {
  return [] {
    std::unordered_set<std::string, SeededHash> names;
    for (char c = ' '; c < ' ' + 64; ++c) names.emplace(1, c);
    std::string order;
    for (const std::string& name : names) order += name;
    return order;
  };
}

// ---- the machine ---------------------------------------------------------------------------------

std::function<std::string()> wall_clock() {
  return [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return bytes_of(std::chrono::nanoseconds(now).count());
  };
}

std::function<std::string()> random_device() {
  return [] {
    std::random_device device;
    return bytes_of(device()) + bytes_of(device());
  };
}

std::function<std::string()> uninitialised_read() {
  return [] {
    // Large enough to come from the heap itself, which MALLOC_PERTURB_ fills, and not from a cache
    // before it. Through a pointer that the compiler cannot see through: it would warn.
    constexpr std::size_t kBytes = 4'000;
    void* (*volatile allocate)(std::size_t) = std::malloc;
    void* const block = allocate(kBytes);
    FL_CHECK(block != nullptr) << "no memory";
    std::string bytes(static_cast<const char*>(block), kBytes);
    std::free(block);
    return bytes;
  };
}

// Two threads hand a number to and fro; how long each wait is, nobody decides.
std::function<std::string()> a_thread() {
  return [] {
    constexpr int kRounds = 32;
    std::atomic<int> ball{0};
    std::jthread other([&ball] {
      for (int round = 0; round < kRounds; ++round) {
        while (ball.load() != 2 * round + 1) {
        }
        ball.store(2 * round + 2);
      }
    });
    std::string waits;
    for (int round = 0; round < kRounds; ++round) {
      std::uint64_t turns = 0;
      ball.store(2 * round + 1);
      while (ball.load() != 2 * round + 2) ++turns;
      waits += bytes_of(turns);
    }
    return waits;
  };
}

std::function<std::string()> leftover_static() {
  return [] {
    static std::uint64_t calls = 0;
    return bytes_of(++calls);
  };
}

// How many characters a name has, as the C library sees it.
std::function<std::string()> locale() {
  return [] {
    std::setlocale(LC_ALL, "");
    const std::size_t characters = std::mbstowcs(nullptr, "production/Z\xc3\xbcrich", 0);
    std::setlocale(LC_ALL, "C");
    return bytes_of(characters);
  };
}

std::function<std::string()> environment_variable() {
  return [] { return environment(kHurry); };
}

std::function<std::string()> directory_order() {
  return [] {
    std::string order;
    std::error_code error;
    std::filesystem::directory_iterator entry(environment(kDirectory), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      order += entry->path().filename().string();
    }
    return order;
  };
}

std::function<std::string()> float_contraction() {
  return [] {
    const bool fused = environment(kContraction) == "fast";
    return bytes_of(fused ? retry_factor_fused(0.4) : retry_factor_unfused(0.4));
  };
}

}  // namespace

const std::vector<PlantedSource>& planted_sources() {
  static const std::vector<PlantedSource> sources = {
      {"PointerOrderedContainer", Route::Order, true,  pointer_ordered_container},
      {"UnorderedIteration",      Route::Order, false, unordered_iteration      },
      {"WallClock",               Route::Delay, true,  wall_clock               },
      {"RandomDevice",            Route::Delay, true,  random_device            },
      {"UninitialisedRead",       Route::Body,  false, uninitialised_read       },
      {"AThread",                 Route::Delay, true,  a_thread                 },
      {"LeftoverStatic",          Route::Body,  true,  leftover_static          },
      {"Locale",                  Route::Delay, false, locale                   },
      {"Environment",             Route::Delay, false, environment_variable     },
      {"DirectoryOrder",          Route::Order, false, directory_order          },
      {"FloatContraction",        Route::Delay, false, float_contraction        },
      {"AddressComparison",       Route::Body,  true,  address_comparison       },
  };
  return sources;
}

const PlantedSource& planted_source(std::string_view name) {
  for (const PlantedSource& source : planted_sources()) {
    if (source.name == name) return source;
  }
  FL_CHECK(false) << "no such source: " << name;
  std::abort();
}

}  // namespace faultline::determinism
