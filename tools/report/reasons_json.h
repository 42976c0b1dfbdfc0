// Why replication fails, as JSON for pages: the words of `faultline explain`, AWS's passage, and the
// picture. The report has those that it tells of; the console may have all.
//
//     [{"id":"REASON-KMS","title":"…","message":"…","what":"…","why":"…","remedy":"…","aws":"…",
//       "scenario":"…","picture":"sequenceDiagram\n…"}, …]
#pragma once

#include <string>

#include "regions/failure_reasons.h"

namespace faultline::tools {

[[nodiscard]] std::string failure_reason_json(const regions::FailureReason& reason);
// Statuses and reasons, in the order of the table.
[[nodiscard]] std::string failure_reasons_json();

}  // namespace faultline::tools
