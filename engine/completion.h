// Completion<T>: a value that one turn provides and one coroutine of the same actor waits for; a
// reply to a request, say.
//
//     struct Call { explicit Call(ActorContext& ctx) : reply(ctx) {} Completion<std::string> reply;
//     }; … ctx.send(server, "Get", id); const std::optional<std::string> reply = co_await
//     call.reply.wait(Duration::seconds(2)); if (!reply) … // two seconds were not enough …
//     calls_.at(id).reply.set(std::string(message.body));      // in on_message
//
// Order    The coroutine goes on as an event of its own at the instant of set(), after what is due
//          there already; its cause is what set() happened in.
// Lifetime Completion and waiting coroutine may go in any order; a coroutine whose completion has
//          gone waits for its time to run out, or for ever.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "engine/actor.h"
#include "engine/time.h"
#include "proto/check.h"

namespace faultline::engine {

template <class T>
class Completion {
 public:
  class Awaiter;

  // Belongs to an actor…
  explicit Completion(ActorContext& ctx) : Completion(ctx.simulation(), ctx.id()) {}
  // … or to the world (kNoActor), for coroutines spawned by the simulation.
  Completion(Simulation& simulation, ActorId actor) : simulation_(simulation), actor_(actor) {}
  ~Completion() {
    if (waiter_ != nullptr) waiter_->completion_ = nullptr;
  }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // The first value counts. False: there was one already, or the wait is over.
  bool set(T value) {
    if (done_) return false;
    done_ = true;
    if (waiter_ != nullptr) {
      waiter_->receive(std::move(value));
    } else {
      value_.emplace(std::move(value));
    }
    return true;
  }

  // Waits for the value, at most `most`; nothing: it has not come. Without a limit it always comes
  // or the coroutine never goes on. REQUIRES: waited for once.
  [[nodiscard]] Awaiter wait(std::optional<Duration> most = {}) { return Awaiter(*this, most); }

  class Awaiter {
   public:
    Awaiter(Completion& completion, std::optional<Duration> most)
        : completion_(&completion),
          wake_up_(completion.simulation_, completion.actor_),
          most_(most) {}
    ~Awaiter() { leave(); }
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    [[nodiscard]] bool await_ready() const { return completion_->value_.has_value(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      FL_CHECK(completion_->waiter_ == nullptr) << "two coroutines wait for one completion";
      completion_->waiter_ = this;
      waiting_ = waiting;
      if (most_) wake_up_.schedule(*most_, waiting, TimerClass::Foreground);
    }
    [[nodiscard]] std::optional<T> await_resume() {
      if (completion_ != nullptr && completion_->value_) value_ = std::move(completion_->value_);
      leave();
      return std::move(value_);
    }

   private:
    friend class Completion;
    // The value is kept here, because whoever sets it may throw the completion away at once.
    void receive(T value) {
      value_.emplace(std::move(value));
      wake_up_.schedule(Duration::zero(), waiting_, TimerClass::Foreground);
    }
    void leave() {
      if (completion_ == nullptr) return;
      if (completion_->waiter_ == this) completion_->waiter_ = nullptr;
      completion_->done_ = true;
      completion_ = nullptr;
    }

    Completion* completion_;
    WakeUp wake_up_;
    std::optional<Duration> most_;
    std::coroutine_handle<> waiting_;
    std::optional<T> value_;
  };

 private:
  Simulation& simulation_;
  const ActorId actor_;
  bool done_ = false;
  std::optional<T> value_;  // while nobody waits
  Awaiter* waiter_ = nullptr;
};

}  // namespace faultline::engine
