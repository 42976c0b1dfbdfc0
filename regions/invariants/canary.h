// Canaries: looks for secret values where none may be: on disks, on the wire, in traces; as they
// are and in the encodings that software likes (base64 in its three alignments, hex, JSON's
// escapes, UTF-16).
//
// Short    values of fewer than six bytes are not looked for: they turn up by chance.
// Public   a value that also occurs in what clients say openly (a name, a tag, a label, an ARN) is
//          no canary.
// Cost     a few nanoseconds a byte: a bitmap of the first four bytes of every pattern decides.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::regions {

class CanaryNet {
 public:
  CanaryNet();

  // A value that some client gave.
  void add_value(std::string_view value);
  // Text that may be seen by anyone.
  void add_public(std::string_view text);
  // Which encoding of a value is in there, such as "base64"; empty: none.
  [[nodiscard]] std::string_view find(std::string_view bytes) const;
  [[nodiscard]] bool empty() const { return by_start_.empty(); }

 private:
  struct Pattern {
    std::string bytes;
    std::string_view form;
    std::uint64_t value = 0;
  };
  void add_pattern(std::string bytes, std::string_view form, std::uint64_t value);
  [[nodiscard]] static std::uint32_t slot(std::string_view bytes);

  std::set<std::string> said_;
  std::string public_;
  std::map<std::string, std::uint64_t> values_;
  std::map<std::uint64_t, bool> muted_;
  std::map<std::uint32_t, std::vector<Pattern>> by_start_;
  std::array<std::uint64_t, 1024> bitmap_{};
};

}  // namespace faultline::regions
