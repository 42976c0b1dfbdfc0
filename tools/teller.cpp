#include "tools/teller.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/terminal.h"

namespace faultline::tools {

Teller::Teller(const v1::Scenario& scenario, bool verbose)
    : narrator_(verbose ? regions::Detail::Machinery : regions::Detail::Story),
      decimals_(verbose ? 6 : 3),
      colours_(wants_colours()) {
  for (const auto& region : scenario.region()) {
    where_width_ = std::max(where_width_, region.name().size());
  }
}

void Teller::on_event(const v1::TraceEvent& event) {
  if (const auto line = narrator_.tell(event)) print(*line);
}

void Teller::print(const regions::NarrationLine& line) const {
  const std::string margin = fmt::format("{:>{}}  {:<{}}  ", "", time_width(), "", where_width_);
  if (!line.note.empty()) {
    fmt::print("{}{}\n", margin, painted("# " + line.note, regions::Tone::Faint, colours_));
  }
  if (line.text.empty()) return;
  fmt::print("{:>{}}  {:<{}}  {}\n", time_text(line.at), time_width(), line.where, where_width_,
             painted(line.text, line.tone, colours_));
}

std::string Teller::time_text(engine::Instant at) const {
  const std::int64_t micros = at.ns() / 1'000;
  return decimals_ == 6 ? fmt::format("{}.{:06}s", micros / 1'000'000, micros % 1'000'000)
                        : fmt::format("{}.{:03}s", micros / 1'000'000, micros / 1'000 % 1'000);
}

}  // namespace faultline::tools
