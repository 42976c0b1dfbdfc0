// The words for an outcome that may be an error, shared by every layer.
//
//   Expected<T, E>   holds a T or an E. Each layer has its own error type and alias: kms::Result<T>, regions::Result<T>.
//   FL_TRY           unwraps it or returns the error from a plain function; FL_CO_TRY does so in a coroutine, which must say
//                    co_return. Both evaluate their expression once.
//
//     FL_TRY(const auto key, kms.describe_key(id));      // key is a KeyMetadata; on error this function has returned it
//     FL_TRY_VOID(kms.disable_key(id));
//
// Trap: tl::expected is not [[nodiscard]]; say it on the function.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace faultline {

template <class T, class E>
using Expected = tl::expected<T, E>;

// An error in something a person wrote, a scenario above all, and where it stands.
struct InputError {
  std::string file;
  int line = 0;    // 1-based; 0: the file as a whole
  int column = 0;  // 1-based; 0: the line as a whole
  std::string message;

  // "file:line:column: message", leaving out what is 0 or empty.
  [[nodiscard]] std::string to_string() const {
    std::string out = file;
    if (line > 0) out += ":" + std::to_string(line);
    if (line > 0 && column > 0) out += ":" + std::to_string(column);
    if (!out.empty()) out += ": ";
    return out + message;
  }
};

}  // namespace faultline

#define FL_CONCAT_INNER(a, b) a##b
#define FL_CONCAT(a, b) FL_CONCAT_INNER(a, b)

#define FL_TRY_WITH(keyword, name, decl, expr)                                   \
  auto name = (expr);                                                            \
  if (!name.has_value()) keyword ::tl::make_unexpected(std::move(name).error()); \
  decl = std::move(name).value()

#define FL_TRY_VOID_WITH(keyword, expr)                            \
  do {                                                             \
    auto fl_outcome = (expr);                                      \
    if (!fl_outcome.has_value()) {                                 \
      keyword ::tl::make_unexpected(std::move(fl_outcome).error()); \
    }                                                              \
  } while (false)

#define FL_TRY(decl, expr) FL_TRY_WITH(return, FL_CONCAT(fl_try_, __COUNTER__), decl, expr)
#define FL_CO_TRY(decl, expr) FL_TRY_WITH(co_return, FL_CONCAT(fl_try_, __COUNTER__), decl, expr)
#define FL_TRY_VOID(expr) FL_TRY_VOID_WITH(return, expr)
#define FL_CO_TRY_VOID(expr) FL_TRY_VOID_WITH(co_return, expr)
