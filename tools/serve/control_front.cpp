#include "tools/serve/control_front.h"

#include "kms/primitives.h"
#include "tools/serve/control_client.h"

namespace faultline::tools {
namespace {

constexpr std::string_view kPrefix = "/_faultline/";
constexpr std::string_view kHealthPath = "/_faultline/health";

HttpResponse plain(unsigned status, std::string_view text) {
  return {.status = status, .content_type = "text/plain", .body = std::string(text) + "\n"};
}

}  // namespace

bool ControlFront::is_for_it(const HttpRequest& request) {
  return request.path().starts_with(kPrefix);
}

void ControlFront::handle(const HttpRequest& request, const HttpReply& reply) {
  if (request.path() == kHealthPath && request.method == "GET") return reply.send(plain(200, "ok"));
  if (request.path() != kControlPath) return reply.send(plain(404, "there is nothing here"));
  if (request.method != "POST") return reply.send(plain(405, "POST a v1::ControlRequest"));
  const std::string wanted = "Bearer " + token_;
  if (!kms::equal_constant_time(request.field("authorization"), wanted)) {
    return reply.send(plain(401, "the token is missing or wrong"));
  }
  v1::ControlRequest control;
  if (request.field("content-type") != kControlContentType ||
      !control.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()))) {
    return reply.send(plain(400, "the body is no v1::ControlRequest"));
  }
  reply.send({.status = 200,
              .content_type = std::string(kControlContentType),
              .body = session_.control(control).SerializeAsString()});
}

}  // namespace faultline::tools
