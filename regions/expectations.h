// Expectations: what a scenario says should be so, judged against a world.
//
//   Judge   is it so now? Looks through the Inspector: no virtual time passes and nothing is
//   recorded. ExpectationWatch   one expectation over the time of a run: from when until when it counts, and
//   what came of it.
//
// A region that is down answers nobody, so that nothing can be said about what it holds: that is a
// gap, too, even where absence is expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/time.h"
#include "proto/scenario.pb.h"
#include "regions/inspector.h"
#include "regions/world.h"

namespace faultline::regions {

class Judge {
 public:
  // The world outlives the judge.
  explicit Judge(World& world) : world_(world), inspector_(world) {}

  // What is so instead, in a few words that follow "but"; nothing: it is as expected.
  [[nodiscard]] std::optional<std::string> gap(const v1::Expect& expect) const;

  // What a condition needs, now.
  [[nodiscard]] std::optional<std::string> gap(const v1::Condition& condition) const;

 private:
  using Gap = std::optional<std::string>;
  // Of what Expect and Condition have in common.
  template <class What>
  [[nodiscard]] Gap common_gap(const What& what) const;
  Gap gap(const v1::ReplicaIs& replica) const;
  Gap gap(const v1::ValueIs& value) const;
  Gap gap(const v1::SecretIs& secret) const;
  Gap gap(const v1::Converged& converged) const;
  // The first region that is down; a sentence.
  Gap anyone_down() const;

  World& world_;
  Inspector inspector_;
};

class ExpectationWatch {
 public:
  enum class Verdict { Open, Met, Violated };

  explicit ExpectationWatch(const v1::Expect& expect);

  // From when on it is to be looked at after every event; absent: never, only at its deadline or at
  // the end.
  [[nodiscard]] std::optional<engine::Instant> watched_from() const { return watched_from_; }
  // When it must have been met; absent: at the end of the run, or never (sometimes).
  [[nodiscard]] std::optional<engine::Instant> deadline() const { return deadline_; }

  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] const std::string& found() const { return found_; }
  [[nodiscard]] const v1::Expect& expect() const { return expect_; }

  // Each tells the verdict that this moment brings; Open, as before, when it brings none. After a
  // verdict nothing changes it.
  Verdict look(engine::Instant now, const Judge& judge);
  Verdict at_deadline(const Judge& judge);
  // The run has come to its own end: what is still open is decided, but for a `sometimes` that
  // never was. `cut_at`: at this instant, though more would have happened; what a leads_to may still
  // bring stays open, too.
  Verdict at_end(const Judge& judge, std::optional<engine::Instant> cut_at);

 private:
  Verdict decide(std::optional<std::string> gap);
  Verdict follow(engine::Instant now, const Judge& judge);

  const v1::Expect& expect_;
  std::optional<engine::Instant> watched_from_;
  std::optional<engine::Instant> deadline_;
  // With leads_to: until when the second must be so; absent: the first has not become so since.
  std::optional<engine::Instant> owed_by_;
  Verdict verdict_ = Verdict::Open;
  std::string found_;
};

}  // namespace faultline::regions
