// What the replication machines have in common: the outcome of an event, and the documentation that
// a transition table writes of itself.
#pragma once

#include <memory>
#include <utility>

namespace faultline::regions {

// What became of an event.
enum class Fired {
  // A row of the table was taken.
  Moved,
  // Rows exist for this state and event, and no guard agreed.
  Refused,
  // No row: the event means nothing in this state. Messages come late and twice, so this is
  // ordinary.
  Unexpected,
};

// A value behind a pointer, so that its type may stay in one .cpp; copied when its owner is copied.
template <class T>
class Boxed {
 public:
  explicit Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
  Boxed(const Boxed& other) : value_(std::make_unique<T>(*other.value_)) {}
  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = std::make_unique<T>(*other.value_);
    return *this;
  }
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace faultline::regions
