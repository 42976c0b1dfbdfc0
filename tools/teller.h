// Teller: prints the narration of a run while it goes on, as `faultline run` and `faultline lesson`
// do: when, where, what.
#pragma once

#include <cstddef>

#include "engine/trace.h"
#include "proto/scenario.pb.h"
#include "regions/narrator.h"

namespace faultline::tools {

class Teller : public engine::TraceSink {
 public:
  // `verbose`: messages, KMS calls and state machines, too, with microseconds.
  Teller(const v1::Scenario& scenario, bool verbose);

  void on_event(const v1::TraceEvent& event) override;

 private:
  void print(const regions::NarrationLine& line) const;
  [[nodiscard]] int time_width() const { return decimals_ + 7; }
  // Seconds with a fixed number of decimals, cut and not rounded, so that columns and order agree.
  [[nodiscard]] std::string time_text(engine::Instant at) const;

  regions::Narrator narrator_;
  const int decimals_;
  const bool colours_;
  std::size_t where_width_ = 0;
};

}  // namespace faultline::tools
