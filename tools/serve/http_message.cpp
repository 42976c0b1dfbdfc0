#include "tools/serve/http_message.h"

#include <string.h>  // explicit_bzero

#include <utility>

#include "proto/check.h"

namespace faultline::tools {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view HttpRequest::field(std::string_view name) const {
  for (const HttpField& field : fields) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

bool HttpRequest::has_field(std::string_view name) const {
  for (const HttpField& field : fields) {
    if (equal_ignoring_case(field.name, name)) return true;
  }
  return false;
}

std::string_view HttpRequest::path() const { return target.substr(0, target.find('?')); }

std::string_view HttpRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

struct HttpStream::State {
  explicit State(std::shared_ptr<Sink> where) : sink(std::move(where)) {}
  ~State() {
    if (sink != nullptr) sink->drop();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<Sink> sink;  // null: ended
};

HttpStream::HttpStream(std::shared_ptr<Sink> sink)
    : state_(std::make_shared<State>(std::move(sink))) {}

bool HttpStream::write(std::string_view bytes) const {
  return state_->sink != nullptr && state_->sink->write(bytes);
}

void HttpStream::end() const {
  // The connection may have another stream by the time this one is ended again.
  if (const auto sink = std::exchange(state_->sink, nullptr)) sink->end();
}

bool HttpStream::is_open() const { return state_->sink != nullptr && state_->sink->is_open(); }

std::size_t HttpStream::waiting() const {
  return state_->sink == nullptr ? 0 : state_->sink->waiting();
}

struct HttpReply::State {
  explicit State(std::shared_ptr<Sink> where) : sink(std::move(where)) {}
  ~State() {
    if (!given) sink->drop();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::shared_ptr<Sink> sink;
  bool given = false;
};

HttpReply::HttpReply(std::shared_ptr<Sink> sink)
    : state_(std::make_shared<State>(std::move(sink))) {}

void HttpReply::send(HttpResponse response) const {
  FL_CHECK(!state_->given) << "a request was answered twice";
  state_->given = true;
  state_->sink->answer(std::move(response));
}

HttpStream HttpReply::stream(HttpResponse head) const {
  FL_CHECK(!state_->given) << "a request was answered twice";
  state_->given = true;
  return HttpStream(state_->sink->stream(std::move(head)));
}

void HttpReply::close() const {
  FL_CHECK(!state_->given) << "a request was answered before its connection was closed";
  state_->given = true;
  state_->sink->drop();
}

void wipe(std::string& text) {
  // What lies beyond size() was text once, too.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace faultline::tools
