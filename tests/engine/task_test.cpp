#include "engine/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "proto/result.h"

namespace faultline::engine {
namespace {

// A door that coroutines wait at until it is opened.
class Door {
 public:
  auto wait() {
    struct Awaiter {
      Door& door;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) { door.waiting_.push_back(waiting); }
      void await_resume() const noexcept {}
    };
    return Awaiter{*this};
  }
  void open() {
    const auto waiting = std::exchange(waiting_, {});
    for (const auto handle : waiting) handle.resume();
  }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
};

// Says when it goes.
struct Witness {
  std::string name;
  std::vector<std::string>* log;
  ~Witness() { log->push_back("~" + name); }
};

using Log = std::vector<std::string>;

Task<int> twice(Door& door, int n) {
  co_await door.wait();
  co_return 2 * n;
}

Task<void> nested(Door& door, Log& log, std::string name) {
  const Witness witness{name, &log};
  const int result = co_await twice(door, 21);
  log.push_back(name + " got " + std::to_string(result));
}

TEST(TaskTest, RunsToItsFirstWaitWhenSpawnedAndOnWhenResumed) {
  Door door;
  Log log;
  TaskScope scope;
  scope.spawn(nested(door, log, "task"));
  EXPECT_EQ(scope.alive(), 1U);
  EXPECT_TRUE(log.empty());
  door.open();
  EXPECT_EQ(log, (Log{"task got 42", "~task"}));
  EXPECT_EQ(scope.alive(), 0U);
}

TEST(TaskTest, IsLazy) {
  Door door;
  Log log;
  { const Task<void> never = nested(door, log, "never"); }
  EXPECT_TRUE(log.empty());
}

TEST(TaskTest, ScopeDestroysFramesNewestFirstAndNestedOnesToo) {
  Door door;
  Log log;
  {
    TaskScope scope;
    scope.spawn(nested(door, log, "first"));
    scope.spawn(nested(door, log, "second"));
  }
  EXPECT_EQ(log, (Log{"~second", "~first"}));
}

Task<void> deep(Door& door, Log& log, int depth) {
  const Witness witness{std::to_string(depth), &log};
  if (depth == 0) {
    co_await door.wait();
  } else {
    co_await deep(door, log, depth - 1);
  }
}

TEST(TaskTest, DestroysTheInnermostFrameBeforeWhatItsCallerHolds) {
  Door door;
  Log log;
  TaskScope scope;
  scope.spawn(deep(door, log, 2));
  scope.clear();
  EXPECT_EQ(log, (Log{"~0", "~1", "~2"}));
  EXPECT_EQ(scope.alive(), 0U);
}

Task<std::unique_ptr<int>> make(int value) { co_return std::make_unique<int>(value); }

Task<void> loop(Log& log, int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::unique_ptr<int> one = co_await make(1);
    sum += *one;
  }
  log.push_back(std::to_string(sum));
}

// In Debug builds too, where compilers make no tail calls.
TEST(TaskTest, ALongLoopOverTasksThatDoNotWaitTakesNoStack) {
  Log log;
  TaskScope scope;
  scope.spawn(loop(log, 200'000));
  EXPECT_EQ(log, Log{"200000"});
}

Task<Expected<int, std::string>> fallible(bool fails) {
  if (fails) co_return tl::make_unexpected(std::string("no"));
  co_return 5;
}
Task<Expected<int, std::string>> through(bool fails) {
  auto outcome = co_await fallible(fails);
  FL_CO_TRY(const int value, std::move(outcome));
  co_return value + 1;
}
Task<void> note(Log& log, bool fails) {
  const auto outcome = co_await through(fails);
  log.push_back(outcome ? std::to_string(*outcome) : outcome.error());
}

TEST(TaskTest, CarriesOutcomes) {
  Log log;
  TaskScope scope;
  scope.spawn(note(log, false));
  scope.spawn(note(log, true));
  EXPECT_EQ(log, (Log{"6", "no"}));
}

struct Spawner {
  TaskScope* scope;
  Door* door;
  Log* log;
  ~Spawner() { scope->spawn(nested(*door, *log, "late")); }
};
Task<void> spawns_in_its_destructor(TaskScope& scope, Door& door, Log& log) {
  const Spawner spawner{&scope, &door, &log};
  co_await door.wait();
}

TEST(TaskTest, NothingStartsInAScopeThatIsBeingCleared) {
  Door door;
  Log log;
  TaskScope scope;
  scope.spawn(spawns_in_its_destructor(scope, door, log));
  scope.clear();
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(scope.alive(), 0U);
}

Task<void> throws() {
  throw std::runtime_error("out of cheese");
  co_return;
}

TEST(TaskDeathTest, AnExceptionMayNotLeaveATask) {
  TaskScope scope;
  EXPECT_DEATH(scope.spawn(throws()), "an exception left a Task: out of cheese");
}

}  // namespace
}  // namespace faultline::engine
