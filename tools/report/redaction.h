// Redaction: secret values out of what a run says.
//
// A trace has no value but where the scenario's author wrote one: an expectation says "is X", and a
// violation "it is Y". Whoever reads a report need not know them, only whether they are the same:
// each is called ‹value 1›, ‹value 2› …, in the order of the scenario, and one that no scenario
// names (a rotation made it) ‹another value›.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proto/scenario.pb.h"
#include "proto/trace.pb.h"

namespace faultline::tools {

class Redaction {
 public:
  // Every value of the scenario: secret strings and binaries, those expected, what clients encrypt,
  // and the secret keys of principals.
  explicit Redaction(const v1::Scenario& scenario);

  // A text without any of them. Values of fewer than kShortest bytes go where they stand in
  // quotation marks: elsewhere they may be a part of any word.
  [[nodiscard]] std::string text(std::string_view text) const;
  // The same for what a judge says, where a value that nobody has named may stand, too.
  [[nodiscard]] std::string judgement(std::string_view text) const;

  // Takes them out of where a trace's event may hold some.
  void clean(v1::TraceEvent& event) const;

  static constexpr std::size_t kShortest = 6;
  // In the order of the scenario, each once.
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

 private:
  struct Found {
    std::size_t index = 0;
    std::size_t length = 0;  // 0: there is none
  };
  // The value with which the text begins, the longest one: one inside another does not spoil it.
  [[nodiscard]] Found value_at(std::string_view text) const;

  std::vector<std::string> values_;
  std::map<std::string, std::size_t, std::less<>> quoted_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_start_;
  // Whether something to be taken out may begin with this byte.
  std::array<bool, 256> may_begin_{};
};

}  // namespace faultline::tools
