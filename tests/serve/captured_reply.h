// Replies and streams without a server: what was answered, or that nothing was.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/serve/http_message.h"

namespace faultline::tools {

struct CapturedStream final : HttpStream::Sink {
  bool write(std::string_view bytes) override {
    if (open) text += bytes;
    return open;
  }
  void end() override { open = false; }
  void drop() override { open = false; }
  bool is_open() const override { return open; }
  std::size_t waiting() const override { return backlog; }

  std::string text;
  std::size_t backlog = 0;  // as a test says
  bool open = true;
};

struct CapturedReply final : HttpReply::Sink {
  void answer(HttpResponse given) override { response = std::move(given); }
  void drop() override { dropped = true; }
  std::shared_ptr<HttpStream::Sink> stream(HttpResponse head) override {
    response = std::move(head);
    return streamed = std::make_shared<CapturedStream>();
  }

  std::optional<HttpResponse> response;  // or the head of a stream
  std::shared_ptr<CapturedStream> streamed;
  bool dropped = false;
};

}  // namespace faultline::tools
