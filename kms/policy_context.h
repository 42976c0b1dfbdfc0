// PolicyContext: what is known about a request when policies judge it: condition keys with their
// values, such as aws:RequestedRegion or kms:EncryptionContext:SecretARN.
//
//   const PolicyContext context([&](PolicyContext& c) { c.add("aws:RequestedRegion", region); });
//   context.find("aws:requestedregion");                // {"us-west-2"}
//
// Keys     are not case-sensitive. A key that is there may have several values, or none.
// Cost     It is filled when the first condition asks, so that a request under policies without
//          conditions pays nothing.
// Threads  One object belongs to one thread, also while it is only read.
// Source   IAM User Guide, "AWS global condition context keys", "IAM JSON policy elements:
//          Condition".
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline::kms {

class PolicyContext {
 public:
  using Fill = std::function<void(PolicyContext&)>;

  PolicyContext() = default;
  // `fill` adds what there is. What this context does not know, `outer` is asked; it outlives this
  // one. What `fill` refers to outlives it, too.
  explicit PolicyContext(Fill fill, const PolicyContext* outer = nullptr)
      : outer_(outer), fill_(std::move(fill)) {}

  // Of two of one key the first counts.
  void add(std::string key, std::string value);
  void add_list(std::string key, std::vector<std::string> values);

  // nullptr: the request does not carry this key.
  [[nodiscard]] const std::vector<std::string>* find(std::string_view key) const;

 private:
  struct Entry {
    std::string key;
    std::vector<std::string> values;
  };
  const PolicyContext* outer_ = nullptr;
  mutable Fill fill_;  // empty once it was used
  mutable std::vector<Entry> entries_;
};

}  // namespace faultline::kms
