// Failure reasons: the statuses that DescribeSecret reports of a replica, and the causes of Failed
// that AWS documents, in plain words. `faultline explain`, the report and the console tell of them
// in the same words.
//
// Source  AWS Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions"
//         and "Troubleshoot AWS Secrets Manager replication"; API Reference,
//         ReplicationStatusType.
#pragma once

#include <string_view>
#include <vector>

namespace faultline::regions {

struct FailureReason {
  // "REASON-KMS" and "STATUS-FAILED"; never change their meaning.
  std::string_view id;
  std::string_view title;
  // A part of the status message by which it is known; of STATUS-… the status itself. Together they
  // tell the reasons apart.
  std::string_view message;
  // A sentence or two each: what it means, why it comes about, what to do.
  std::string_view what;
  std::string_view why;
  std::string_view remedy;
  // Of scenarios/: the lesson that shows it.
  std::string_view scenario;
};

// Statuses first, then reasons.
[[nodiscard]] const std::vector<FailureReason>& failure_reasons();
// By id, as written; nullptr: there is none.
[[nodiscard]] const FailureReason* find_failure_reason(std::string_view id);
// Of a status message as DescribeSecret gives it; nullptr: none of the documented ones.
[[nodiscard]] const FailureReason* reason_of_message(std::string_view status_message);

}  // namespace faultline::regions
