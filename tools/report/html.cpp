#include "tools/report/html.h"

#include <libdeflate.h>

#include <array>
#include <memory>
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
  std::size_t size = shell.size();
  for (const auto& [name, value] : values) size += value.size();
  out.reserve(size);
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
  // Of a page of 10 000 events level 6 saves a fifth, and takes two and a half times as long.
  constexpr int kLevel = 1;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kLevel), &libdeflate_free_compressor);
  FL_CHECK(compressor != nullptr);
  const std::size_t bound = libdeflate_gzip_compress_bound(compressor.get(), bytes.size());
  const auto room = std::make_unique_for_overwrite<char[]>(bound);
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), bytes.data(), bytes.size(), room.get(), bound);
  FL_CHECK(size > 0);
  return {room.get(), size};
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
