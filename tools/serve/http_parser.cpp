#include "tools/serve/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/check.h"

namespace faultline::tools {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// A piece of the text below: views would break when the text grows.
struct Piece {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// Of one request; the memory is used again for the next.
struct Contents {
  std::string text;  // method, target, names and values, one after the other
  Piece method;
  Piece target;
  std::vector<std::pair<Piece, Piece>> pieces;
  std::vector<HttpField> fields;  // views of them, made when the request is whole
  std::string body;
  bool expects_continue = false;
  bool is_http_1_0 = false;

  Piece keep(beast::string_view chars) {
    const Piece piece{text.size(), chars.size()};
    text.append(chars.data(), chars.size());
    return piece;
  }
  [[nodiscard]] std::string_view view(const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.size);
  }
};

class Reader final : public http::basic_parser<true> {
 public:
  Reader(Contents& contents, const HttpLimits& limits) : contents_(contents) {
    header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    body_limit(limits.max_body_bytes);
    eager(true);
  }

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    contents_.method = contents_.keep(method);
    contents_.target = contents_.keep(target);
    contents_.is_http_1_0 = version == 10;
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(http::field name, beast::string_view name_text, beast::string_view value,
                     beast::error_code&) override {
    if (in_body_) return;  // a trailer says nothing that we would believe
    if (name == http::field::expect) {
      contents_.expects_continue =
          equal_ignoring_case({value.data(), value.size()}, "100-continue");
    }
    const Piece kept = contents_.keep(name_text);
    contents_.pieces.emplace_back(kept, contents_.keep(value));
  }
  void on_header_impl(beast::error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         beast::error_code&) override {
    // Within the limit: a longer one has been refused.
    if (length) contents_.body.reserve(static_cast<std::size_t>(*length));
  }
  std::size_t on_body_impl(beast::string_view chars, beast::error_code&) override {
    contents_.body.append(chars.data(), chars.size());
    return chars.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view chars,
                                 beast::error_code&) override {
    contents_.body.append(chars.data(), chars.size());
    return chars.size();
  }
  void on_finish_impl(beast::error_code&) override {}

  Contents& contents_;
  bool in_body_ = false;
};

// A body that was large once is not kept for a connection that may be idle now.
constexpr std::size_t kKeptBodyBytes = 16 * 1024;

}  // namespace

struct HttpParser::Impl {
  explicit Impl(const HttpLimits& given) : limits(given) { reader.emplace(contents, limits); }

  HttpLimits limits;
  Contents contents;
  std::optional<Reader> reader;
  unsigned error_status = 0;
};

HttpParser::HttpParser(HttpLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpParser::~HttpParser() { reset(); }

std::size_t HttpParser::put(std::string_view bytes) {
  if (bytes.empty() || state() == State::Done || state() == State::Failed) return 0;
  // Beast 1.81 asserts that a last chunk comes with 5 bytes at least, and does not wait for them.
  // They must come: the shortest end of such a body is "0\r\n\r\n".
  constexpr std::size_t kLeastOfChunks = 5;
  if (state() == State::Body && impl_->reader->chunked() && bytes.size() < kLeastOfChunks) return 0;
  beast::error_code error;
  const std::size_t taken =
      impl_->reader->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error && error != http::error::need_more) {
    impl_->error_status = error == http::error::body_limit     ? 413
                          : error == http::error::header_limit ? 431
                                                               : 400;
    return taken;
  }
  if (impl_->reader->is_done()) {
    Contents& contents = impl_->contents;
    for (const auto& [name, value] : contents.pieces) {
      contents.fields.push_back({contents.view(name), contents.view(value)});
    }
  }
  return taken;
}

HttpParser::State HttpParser::state() const {
  if (impl_->error_status != 0) return State::Failed;
  if (impl_->reader->is_done()) return State::Done;
  return impl_->reader->is_header_done() ? State::Body : State::Header;
}

unsigned HttpParser::error_status() const { return impl_->error_status; }
bool HttpParser::keep_alive() const { return impl_->reader->keep_alive(); }
bool HttpParser::is_http_1_0() const { return impl_->contents.is_http_1_0; }
bool HttpParser::expects_continue() const { return impl_->contents.expects_continue; }

HttpRequest HttpParser::request() const {
  FL_CHECK(state() == State::Done) << "half a request";
  const Contents& contents = impl_->contents;
  return {.method = contents.view(contents.method),
          .target = contents.view(contents.target),
          .fields = contents.fields,
          .body = contents.body};
}

void HttpParser::reset() {
  Contents& contents = impl_->contents;
  // The header holds no secret but the signature, which is worth nothing once it was used.
  contents.text.clear();
  contents.method = contents.target = {};
  contents.pieces.clear();
  contents.fields.clear();
  contents.expects_continue = contents.is_http_1_0 = false;
  wipe(contents.body);
  if (contents.body.capacity() > kKeptBodyBytes) contents.body.shrink_to_fit();
  impl_->error_status = 0;
  impl_->reader.emplace(contents, impl_->limits);
}

}  // namespace faultline::tools
