// Task<T>: a coroutine, read top to bottom while everything else goes on between its awaits.
// TaskScope: the owner of running tasks. When it goes, they go, wherever they stand.
//
//     Task<int> twice(ActorContext& ctx, int n) {
//       co_await ctx.sleep(Duration::millis(5));
//       co_return 2 * n;
//     }
//     Task<void> outer(ActorContext& ctx) {
//       const int four = co_await twice(ctx, 2);
//       …
//     }
//     scope.spawn(outer(ctx));      // runs now, up to its first real wait
//
// Invariants
//   (1) A Task is lazy: its body starts when it is awaited or spawned.
//   (2) A frame is destroyed exactly once, by the Task that owns it; that Task lives in the frame
//       of whoever awaits it, and so on up to the scope. So destroying the outermost frame destroys
//       all that it waits for, and every awaiter of the engine takes its entry out of the queue
//       when it is destroyed: nothing wakes a frame that is gone.
//   (3) No exception leaves a Task: FL_CHECK. Outcomes are values (proto/result.h).
// Traps    Parameters go by value, or refer to what outlives the actor: a reference may die at the
//          first co_await. A lambda that is a coroutine captures nothing: its captures die with the
//          lambda, not with the frame. co_await stands in a statement of its own, never in ?: or in
//          a catch.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "proto/check.h"

namespace faultline::engine {

template <class T = void>
class Task;
class TaskScope;

namespace task_internal {

// What all promises share: who goes on when this task is done, and, for a task spawned in a scope,
// its place there.
class PromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      return done.promise().finish();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  void unhandled_exception() noexcept;

  // Runs the body to its first real wait. False: to its end, and the awaiting frame goes straight
  // on. Handing over from frame to frame instead would be a tail call, which compilers make only
  // when they optimise: a long loop over tasks that do not wait would fill the stack of a Debug
  // build.
  bool start(std::coroutine_handle<> self, std::coroutine_handle<> awaiting) {
    starting_ = true;
    self.resume();
    starting_ = false;
    continuation_ = awaiting;
    return !self.done();
  }

 private:
  friend class ::faultline::engine::TaskScope;
  std::coroutine_handle<> finish() noexcept;

  std::coroutine_handle<> continuation_;
  bool starting_ = false;
  // Set in tasks that a scope owns; the list is the scope's, oldest first.
  TaskScope* scope_ = nullptr;
  PromiseBase* previous_ = nullptr;
  PromiseBase* next_ = nullptr;
  std::coroutine_handle<> self_;
};

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() {}
};

}  // namespace task_internal

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  // Awaiting starts the body at once and goes on when it is done. REQUIRES: awaited once, not moved
  // from.
  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> waiting) {
        return frame.promise().start(frame, waiting);
      }
      T await_resume() { return frame.promise().take(); }
    };
    return Awaiter{frame_};
  }

 private:
  friend promise_type;
  friend class TaskScope;
  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  void reset() noexcept {
    if (frame_) std::exchange(frame_, nullptr).destroy();
  }
  std::coroutine_handle<promise_type> frame_;
};

// Owns the tasks spawned in it. Not movable: the frames know its address.
class TaskScope {
 public:
  TaskScope() = default;
  ~TaskScope() { clear(); }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Takes the task and runs it now, up to its first real wait.
  void spawn(Task<void> task);

  // Tasks that have not come to their end.
  [[nodiscard]] std::size_t alive() const { return alive_; }

  // Destroys every frame, newest task first. What their destructors spawn here is destroyed
  // unstarted. REQUIRES: none of the scope's tasks is running at this moment (a task cannot saw off
  // its own branch).
  void clear();

  // Frees the frames of tasks that have come to their end. The simulation calls it after every
  // event; spawn does, too.
  void reap() {
    if (finished_.first != nullptr) free_finished();
  }

 private:
  friend class task_internal::PromiseBase;
  using Node = task_internal::PromiseBase;

  struct List {
    Node* first = nullptr;
    Node* last = nullptr;
    void append(Node* node);
    void remove(Node* node);
  };
  void finished(Node* node) noexcept;
  void free_finished();

  List running_;
  List finished_;
  std::size_t alive_ = 0;
  bool clearing_ = false;
};

namespace task_internal {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace task_internal

}  // namespace faultline::engine
