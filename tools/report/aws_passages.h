// What AWS's own pages say about the things that a run can show, in our words, with the page's
// name: for whoever wants to go on from a lesson to the real service.
#pragma once

#include <string>
#include <string_view>

namespace faultline::tools {

struct AwsPassage {
  std::string_view page;  // "Promote a replica secret to a standalone secret"
  std::string_view says;  // one or two sentences
};
// Of a property, "S12", a status or a reason of failure, "REASON-KMS"; nullptr: no page speaks of it.
[[nodiscard]] const AwsPassage* find_aws_passage(std::string_view id);
// "PAGE: SAYS"; empty: no page speaks of it.
[[nodiscard]] std::string aws_passage_text(std::string_view id);

}  // namespace faultline::tools
