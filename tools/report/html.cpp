#include "tools/report/html.h"

#include <zlib.h>

#include <array>
#include <utility>

#include "proto/check.h"
#include "tools/report/partakers.h"
#include "tools/serve/base64.h"
#include "tools/web/assets.h"

namespace faultline::tools {
namespace {

// Every `{{name}}` of the shell, in one pass: what is put in is not looked at again.
template <std::size_t N>
std::string filled(std::string_view shell,
                   const std::array<std::pair<std::string_view, std::string_view>, N>& values) {
  std::string out;
  for (std::size_t at = 0; at < shell.size();) {
    const std::size_t open = shell.find("{{", at);
    if (open == std::string_view::npos) return out.append(shell.substr(at));
    out.append(shell.substr(at, open - at));
    at = open;
    for (const auto& [name, value] : values) {
      if (!shell.substr(open + 2).starts_with(name)) continue;
      if (!shell.substr(open + 2 + name.size()).starts_with("}}")) continue;
      out.append(value);
      at = open + name.size() + 4;
      break;
    }
    if (at == open) out += shell[at++];
  }
  return out;
}

// So that no text inside the script ends it.
std::string in_a_script(std::string script) {
  for (std::size_t at = script.find("</script"); at != std::string::npos;
       at = script.find("</script", at)) {
    script.insert(at + 1, "\\");
  }
  return script;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string gzipped(std::string_view bytes) {
  // Of a page of 10 000 events the best level saves a seventh, and takes ten times as long.
  constexpr int kLevel = 1;
  constexpr int kGzip = 15 + 16, kMemory = 8, kUnknownSystem = 255;
  z_stream stream{};
  FL_CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) == Z_OK);
  gz_header header{};
  header.os = kUnknownSystem;
  FL_CHECK(deflateSetHeader(&stream, &header) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib does not write through this pointer; its type is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  FL_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool has_report_page() { return !web_asset("report/shell.html").empty(); }

Expected<std::string, std::string> report_page(const RunRecord& record,
                                               const PayloadOptions& options) {
  if (!has_report_page()) return tl::make_unexpected(std::string(kNoReportPage));
  if (record.events.empty()) {
    return tl::make_unexpected(
        std::string("nothing happens in this run: there is nothing to report"));
  }
  const auto reduced = without_idle_regions(record, options.twin);
  PayloadOptions shown = options;
  if (reduced && reduced->twin) shown.twin = &*reduced->twin;
  std::string payload;
  append_base64(gzipped(report_payload(reduced ? reduced->record : record, shown)), payload);
  const std::string title = html_escaped(record.title.empty() ? record.file : record.title);
  const std::string style = web_asset("report/style.css");
  const std::string script = in_a_script(web_asset("report/main.js"));
  const std::array<std::pair<std::string_view, std::string_view>, 5> values = {
      {{"title", title},
       {"hash", record.report.hash()},
       {"style", style},
       {"script", script},
       {"payload", payload}}
  };
  return filled(web_asset("report/shell.html"), values);
}

}  // namespace faultline::tools
