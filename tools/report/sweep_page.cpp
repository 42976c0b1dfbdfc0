#include "tools/report/sweep_page.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "regions/invariants/property.h"
#include "tools/report/html.h"
#include "tools/sweep/sweep_text.h"

namespace faultline::tools {
namespace {

// Colours of enough contrast in light and in dark; signs besides colours.
constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#c6ccd3;--faint:#57606a;--bad:#b42318;--good:#18794e;--link:#0b57d0}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171b;--line:#3a414a;--faint:#9aa4af;--bad:#ff8a7a;--good:#6fdd9f;--link:#8ab4f8}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:76rem;padding:1.5rem}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}
a{color:var(--link)}p{margin:.3rem 0}.faint{color:var(--faint)}.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.92rem}th,td{border:1px solid var(--line);padding:.25rem .6rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}thead th{position:sticky;top:0;background:var(--paper)}
code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
)";

std::string arm_of(const v1::FailureFound& failure) {
  const std::string& address = failure.address();
  const std::size_t first = address.find('/');
  if (first == std::string::npos) return {};
  return address.substr(first + 1, address.find('/', first + 1) - first - 1);
}

std::string verdict_line(const v1::SweepSummary& summary) {
  if (summary.verdict() == "HOLDS") return "<p class=\"good\">✓ every property held</p>\n";
  if (summary.verdict() == "BROKEN") {
    return fmt::format("<p class=\"bad\">✗ violated: {} distinct failures</p>\n",
                       summary.failures_size());
  }
  if (summary.verdict() == "NONDETERMINISTIC") {
    return "<p class=\"bad\">✗ the same run came out in two ways</p>\n";
  }
  return "<p>○ inconclusive: something was never put to the test</p>\n";
}

// A row a property: how often it was put to the test, and what each strategy has found against it.
std::string matrix(const v1::SweepSummary& summary) {
  std::map<std::string, std::map<std::string, int>> found;  // by property and strategy
  for (const v1::FailureFound& failure : summary.failures()) {
    ++found[failure.target()][arm_of(failure)];
  }
  std::string out =
      "<div class=\"wide\" role=\"region\" aria-label=\"Properties and strategies\" "
      "tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">property</th><th "
      "scope=\"col\">checks</th><th scope=\"col\">violated</th>";
  for (const v1::ArmTally& arm : summary.arms()) {
    out += fmt::format("<th scope=\"col\">{}<br><span class=\"faint\">{} runs</span></th>",
                       html_escaped(arm.arm()), arm.runs());
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const v1::PropertyTally& tally : summary.properties()) {
    const auto* property = regions::find_property(tally.id());
    const bool broken = tally.violated() > 0 || found.contains(tally.id());
    out += fmt::format(
        "<tr><th scope=\"row\">{} {}</th><td class=\"n\">{}</td><td class=\"n{}\">{}</td>",
        html_escaped(tally.id()),
        property == nullptr ? std::string() : html_escaped(property->title),
        tally.held() == 0 ? "○ never" : std::to_string(tally.held()), broken ? " bad" : "",
        broken ? fmt::format("✗ {}", tally.violated()) : std::string("0"));
    for (const v1::ArmTally& arm : summary.arms()) {
      const int count = found[tally.id()][arm.arm()];
      out += count == 0 ? std::string("<td></td>")
                        : fmt::format("<td class=\"n bad\">✗ {}</td>", count);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string failures(const v1::SweepSummary& summary, const std::set<std::string>& reports) {
  if (summary.failures().empty()) return "<p>None.</p>\n";
  std::string out = "<ul>\n";
  for (const v1::FailureFound& failure : summary.failures()) {
    const std::string file = failure_file_name(failure);
    const auto* property = regions::find_property(failure.target());
    out += fmt::format("<li><strong>{}{}{}</strong>: {}<br>", html_escaped(failure.target()),
                       property == nullptr ? "" : " ",
                       property == nullptr ? std::string() : html_escaped(property->title),
                       html_escaped(failure.found()));
    if (reports.contains(file)) {
      out += fmt::format("<a href=\"failures/{0}\">report</a>, ", html_escaped(report_name(file)));
    }
    if (failure.scenario().empty()) {
      out += "it could not be shrunk, ";
    } else {
      out += fmt::format("<a href=\"failures/{0}\">scenario</a> of {1} steps{2}, from {3}; ",
                         html_escaped(file), failure.steps(), failure.minimal() ? ", minimal" : "",
                         failure.steps_before());
    }
    out += fmt::format(
        "<span class=\"faint\">run <code>{}</code> of <code>{}</code>; {} runs "
        "failed so</span></li>\n",
        html_escaped(failure.address()), html_escaped(failure.file()), failure.runs());
  }
  return out + "</ul>\n";
}

std::string gaps(const v1::SweepSummary& summary) {
  std::string out;
  const auto add = [&out](const std::string& what, const std::string& list) {
    if (!list.empty()) out += fmt::format("<p><strong>{}:</strong> {}</p>\n", what, list);
  };
  std::string untested;
  for (const v1::PropertyTally& tally : summary.properties()) {
    if (tally.held() == 0) untested += (untested.empty() ? "" : ", ") + html_escaped(tally.id());
  }
  add("Properties that were never put to the test", untested);
  std::string unmet;
  for (const std::string& text : summary.sometimes_unmet()) {
    unmet += (unmet.empty() ? "" : "; ") + html_escaped(text);
  }
  add("Expected sometimes, and never so", unmet);
  std::string never;
  std::string at_rest;
  for (const auto& fault : summary.coverage().faults()) {
    std::string& list = fault.applied() == 0 ? never : at_rest;
    if (fault.applied() > 0 && fault.in_flight() > 0) continue;
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", html_escaped(fault.id()),
                        html_escaped(fault.name()));
  }
  add("Faults that were never applied", never);
  add("Faults that were applied, but never while replication was under way", at_rest);
  std::string rows;
  for (const auto& row : summary.coverage().transitions()) {
    if (row.count() > 0) continue;
    rows += (rows.empty() ? "" : ", ") + html_escaped(row.what());
  }
  add("Steps of the state machines that were never taken", rows);
  for (const std::string& difference : summary.nondeterminism()) {
    out += fmt::format("<p class=\"bad\">✗ differs: {}</p>\n", html_escaped(difference));
  }
  return out.empty() ? "<p>None.</p>\n" : out;
}

}  // namespace

std::string report_name(const std::string& failure_file) {
  constexpr std::string_view kEnding = ".textproto";
  const bool ends = failure_file.ends_with(kEnding);
  return failure_file.substr(0, failure_file.size() - (ends ? kEnding.size() : 0)) + ".html";
}

std::string sweep_page(const v1::SweepSummary& summary, const std::set<std::string>& reports) {
  std::string files;
  for (const std::string& file : summary.files()) {
    files += fmt::format("{}<code>{}</code>", files.empty() ? "" : ", ", html_escaped(file));
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>Faultline sweep</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<main>\n<h1>Sweep</h1>\n{}<p>{} runs, {} events, campaign {} of {}{}</p>\n"
      "<p class=\"faint\">build <code>{}</code>, digest <code>{}</code></p>\n"
      "<h2>Failures</h2>\n{}<h2>Properties and strategies</h2>\n{}<h2>Not covered</h2>\n{}"
      "</main>\n</body>\n</html>\n",
      kStyle, verdict_line(summary), summary.runs(), summary.events(), summary.campaign(), files,
      summary.interrupted() ? "; interrupted, what stands here is valid" : "",
      html_escaped(summary.build()), html_escaped(summary.digest()), failures(summary, reports),
      matrix(summary), gaps(summary));
}

}  // namespace faultline::tools
