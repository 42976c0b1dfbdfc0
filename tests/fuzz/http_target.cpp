#include <algorithm>
#include <memory>
#include <string>

#include "proto/check.h"
#include "tests/fuzz/targets.h"
#include "tests/serve/captured_reply.h"
#include "tests/serve/scripted_backend.h"
#include "tools/serve/aws_front.h"
#include "tools/serve/aws_json.h"
#include "tools/serve/http_parser.h"

namespace faultline::fuzz {
namespace {

using tools::AwsFront;
using tools::CapturedReply;
using tools::FrontOptions;
using tools::HttpParser;
using tools::HttpReply;
using tools::HttpRequest;
using tools::HttpResponse;

// Header lines end where they should, and the body is what it says.
void check_response(const HttpResponse& response) {
  static constexpr unsigned kStatuses[] = {200, 400, 403, 404, 409, 429, 500, 503};
  FL_CHECK(std::ranges::find(kStatuses, response.status) != std::end(kStatuses))
      << "status " << response.status;
  std::string_view lines = response.header_lines;
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    FL_CHECK(end != std::string_view::npos) << "a header line does not end";
    const std::string_view line = lines.substr(0, end);
    FL_CHECK(line.find_first_of("\r\n") == std::string_view::npos) << "a header line is two";
    FL_CHECK(line.find(": ") != std::string_view::npos) << "a header line has no name";
    lines.remove_prefix(end + 2);
  }
  FL_CHECK(response.content_type == "application/x-amz-json-1.1" ||
           response.content_type == "application/json")
      << response.content_type;
  FL_CHECK(tools::is_json(response.body)) << response.body;
  if (response.status != 200) {
    FL_CHECK(response.body.starts_with(R"({"__type":")")) << response.body;
  }
}

void ask(AwsFront& front, const HttpRequest& request) {
  const auto reply = std::make_shared<CapturedReply>();
  front.handle(request, HttpReply(reply));
  FL_CHECK(reply->response.has_value() != reply->dropped) << "not answered once";
  if (reply->response) check_response(*reply->response);
}

}  // namespace

void http(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t step = 1 + static_cast<unsigned char>(bytes[0]) * std::size_t{8};
  bytes.remove_prefix(1);
  tools::ScriptedBackend backend;
  AwsFront open(backend, {});
  AwsFront verifying(backend, {.auth = FrontOptions::Auth::Verify});
  HttpParser parser({.max_header_bytes = 4096, .max_body_bytes = 4096});
  std::size_t begin = 0;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(end + step, bytes.size());
    while (begin < end) {
      const std::size_t taken = parser.put(bytes.substr(begin, end - begin));
      FL_CHECK(taken <= end - begin) << "more was taken than there was";
      begin += taken;
      if (parser.state() == HttpParser::State::Failed) {
        FL_CHECK(parser.error_status() >= 400) << "failed without a reason";
        return;
      }
      if (parser.state() != HttpParser::State::Done) {
        if (taken == 0) break;
        continue;
      }
      const HttpRequest request = parser.request();
      FL_CHECK(request.body.size() <= 4096) << "a body beyond the limit";
      ask(open, request);
      ask(verifying, request);
      parser.reset();
    }
    if (end - begin > 16 * 1024) return;  // a connection would have been closed
  }
}

}  // namespace faultline::fuzz
