#include "tools/report/reasons_json.h"

#include <fmt/format.h>

#include "regions/pictures.h"
#include "tools/report/aws_passages.h"
#include "tools/report/exports.h"

namespace faultline::tools {

std::string failure_reason_json(const regions::FailureReason& reason) {
  return fmt::format(
      "{{\"id\":{},\"title\":{},\"message\":{},\"what\":{},\"why\":{},\"remedy\":{},\"aws\":{},"
      "\"scenario\":{},\"picture\":{}}}",
      json_quoted(reason.id), json_quoted(reason.title), json_quoted(reason.message),
      json_quoted(reason.what), json_quoted(reason.why), json_quoted(reason.remedy),
      json_quoted(aws_passage_text(reason.id)), json_quoted(reason.scenario),
      json_quoted(regions::picture_of(reason.id)));
}

std::string failure_reasons_json() {
  std::string out;
  for (const regions::FailureReason& reason : regions::failure_reasons()) {
    out += out.empty() ? '[' : ',';
    out += failure_reason_json(reason);
  }
  return out + ']';
}

}  // namespace faultline::tools
