#include "engine/task.h"

#include <string>

namespace faultline::engine {
namespace task_internal {

void PromiseBase::unhandled_exception() noexcept {
  std::string what = "of an unknown type";
  try {
    throw;
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  FL_CHECK(false) << "an exception left a Task: " << what;
}

std::coroutine_handle<> PromiseBase::finish() noexcept {
  if (starting_) return std::noop_coroutine();
  if (continuation_) return continuation_;
  // The frame cannot free itself while it runs: the scope does, soon.
  if (scope_ != nullptr) scope_->finished(this);
  return std::noop_coroutine();
}

}  // namespace task_internal

void TaskScope::List::append(Node* node) {
  node->previous_ = last;
  node->next_ = nullptr;
  (last != nullptr ? last->next_ : first) = node;
  last = node;
}

void TaskScope::List::remove(Node* node) {
  (node->previous_ != nullptr ? node->previous_->next_ : first) = node->next_;
  (node->next_ != nullptr ? node->next_->previous_ : last) = node->previous_;
}

void TaskScope::spawn(Task<void> task) {
  if (clearing_) return;
  const auto frame = std::exchange(task.frame_, nullptr);
  FL_CHECK(static_cast<bool>(frame)) << "a Task that was moved from, or spawned twice";
  Node& node = frame.promise();
  node.self_ = frame;
  node.scope_ = this;
  running_.append(&node);
  ++alive_;
  frame.resume();
  reap();
}

void TaskScope::finished(Node* node) noexcept {
  running_.remove(node);
  finished_.append(node);
  --alive_;
}

void TaskScope::free_finished() {
  while (finished_.first != nullptr) {
    Node* const node = finished_.first;
    finished_.remove(node);
    node->self_.destroy();
  }
}

void TaskScope::clear() {
  clearing_ = true;
  while (running_.last != nullptr) {
    Node* const node = running_.last;
    running_.remove(node);
    --alive_;
    node->self_.destroy();
  }
  reap();
  clearing_ = false;
}

}  // namespace faultline::engine
