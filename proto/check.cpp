#include "proto/check.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace faultline {
namespace {

thread_local CheckContext* innermost = nullptr;

}  // namespace

CheckContext::CheckContext(std::function<std::string()> describe)
    : describe_(std::move(describe)), outer_(std::exchange(innermost, this)) {}

CheckContext::~CheckContext() { innermost = outer_; }

CheckFailure::CheckFailure(const char* condition, const char* file, int line)
    : text_(std::string(file) + ":" + std::to_string(line) + ": check failed: " + condition + " ") {}

CheckFailure::~CheckFailure() {
  std::fprintf(stderr, "%s\n", text_.c_str());
  if (innermost != nullptr) std::fprintf(stderr, "  %s\n", innermost->describe_().c_str());
  std::abort();
}

}  // namespace faultline
