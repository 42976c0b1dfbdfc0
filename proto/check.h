// FL_CHECK: for our own mistakes, never for a user's. Always on, in Release too: a simulator that goes on after it has lost its
// footing reports nonsense with a straight face.
//
//     FL_CHECK(at >= now_) << "event scheduled in the past: " << label;
//
// A failure prints the condition, where it stands, the text, and what the innermost CheckContext of this thread has to say (a
// Simulation says seed, virtual time and event), then aborts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

namespace faultline {

// Adds a line to every check that fails on this thread while it lives. Contexts nest; the innermost one speaks.
class CheckContext {
 public:
  explicit CheckContext(std::function<std::string()> describe);
  ~CheckContext();
  CheckContext(const CheckContext&) = delete;
  CheckContext& operator=(const CheckContext&) = delete;

 private:
  friend class CheckFailure;
  std::function<std::string()> describe_;
  CheckContext* outer_;
};

// Collects the text after FL_CHECK, then prints and aborts when the statement ends.
class CheckFailure {
 public:
  CheckFailure(const char* condition, const char* file, int line);
  [[noreturn]] ~CheckFailure();
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;

  CheckFailure& operator<<(std::string_view text) {
    text_ += text;
    return *this;
  }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  CheckFailure& operator<<(Number number) {
    text_ += std::to_string(number);
    return *this;
  }

 private:
  std::string text_;
};

namespace check_internal {
// Gives both arms of FL_CHECK's conditional the type void; & binds more loosely than <<.
struct Voidify {
  void operator&(const CheckFailure&) const {}
};
}  // namespace check_internal

}  // namespace faultline

#define FL_CHECK(condition)                   \
  (condition) ? static_cast<void>(0)          \
              : ::faultline::check_internal::Voidify() & \
                    ::faultline::CheckFailure(#condition, __FILE__, __LINE__)
