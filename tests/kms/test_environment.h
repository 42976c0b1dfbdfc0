// TestEnvironment: a clock that the test sets and luck that the seed decides: the n-th draw of a
// purpose is a hash of (seed, purpose, n).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "kms/environment.h"
#include "kms/primitives.h"

namespace faultline::kms {

class TestEnvironment : public Environment {
 public:
  explicit TestEnvironment(std::uint64_t seed = 1) : seed_(seed) {}

  [[nodiscard]] std::int64_t now_unix_ns() const override { return now_unix_ns_; }

  void fill_random(std::string_view purpose, std::span<std::byte> out) override {
    const std::uint64_t draw = ++draws_[std::string(purpose)];
    std::string input = std::to_string(seed_) + "/" + std::to_string(draw) + "/";
    input += purpose;
    for (std::size_t at = 0; at < out.size(); at += kSha256Bytes) {
      const std::string block = sha256(input + "/" + std::to_string(at));
      std::memcpy(out.data() + at, block.data(), std::min(kSha256Bytes, out.size() - at));
    }
  }

  void advance_days(int days) { now_unix_ns_ += std::int64_t{days} * 24 * 3600 * 1'000'000'000; }
  void advance_ns(std::int64_t ns) { now_unix_ns_ += ns; }

  // What was asked for, and how often.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& draws() const { return draws_; }

 private:
  std::uint64_t seed_;
  std::int64_t now_unix_ns_ = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
  std::map<std::string, std::uint64_t> draws_;
};

}  // namespace faultline::kms
