// A reply without a server: what was answered, or that nothing was.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "tools/serve/http_message.h"

namespace faultline::tools {

struct CapturedReply final : HttpReply::Sink {
  void answer(HttpResponse given) override { response = std::move(given); }
  void drop() override { dropped = true; }

  std::optional<HttpResponse> response;
  bool dropped = false;
};

}  // namespace faultline::tools
