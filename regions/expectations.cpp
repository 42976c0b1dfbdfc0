#include "regions/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/check.h"
#include "regions/scenario/names.h"

namespace faultline::regions {
namespace {

using engine::Duration;
using engine::Instant;

Duration duration_of(const std::string& text) {
  if (text.empty()) return Duration::zero();
  const auto parsed = engine::parse_duration(text);
  FL_CHECK(parsed.has_value()) << "a scenario that was not checked: " << parsed.error();
  return *parsed;
}

std::string down(std::string_view region) { return fmt::format("{} is down", region); }

std::string status_text(const v1::StoredLink& link) {
  const std::string& name = v1::StoredLink::Status_Name(link.status());
  if (link.status_message().empty()) return name;
  return fmt::format("{} (\"{}\")", name, link.status_message());
}

// A reader's answer in words.
std::string answer_text(const Result<std::string>& answer) {
  return answer
             ? fmt::format("it is \"{}\"", *answer)
             : fmt::format("it answers {} (\"{}\")", answer.error().code, answer.error().message);
}

}  // namespace

// ---- Judge ------------------------------------------------------------------------------------

template <class What>
Judge::Gap Judge::common_gap(const What& what) const {
  if (what.has_replica()) return gap(what.replica());
  if (what.has_value()) return gap(what.value());
  if (what.has_secret()) return gap(what.secret());
  FL_CHECK(what.has_converged()) << "nothing that is so, or not so, at an instant";
  return gap(what.converged());
}

std::optional<std::string> Judge::gap(const v1::Expect& expect) const { return common_gap(expect); }

std::optional<std::string> Judge::gap(const v1::Condition& condition) const {
  return common_gap(condition);
}

Judge::Gap Judge::anyone_down() const {
  for (const std::string& region : world_.regions()) {
    if (world_.region(region) == nullptr) return down(region);
  }
  return std::nullopt;
}

Judge::Gap Judge::gap(const v1::ReplicaIs& replica) const {
  std::optional<v1::StoredLink> link;
  for (const std::string& region : world_.regions()) {
    if (!replica.primary().empty() && replica.primary() != region) continue;
    const auto secret = inspector_.secret(region, secret_named(replica.secret_id(), {}));
    if (!secret) continue;
    for (auto& candidate : inspector_.replicas(region, secret->name())) {
      if (!link && candidate.region() == replica.region()) link = std::move(candidate);
    }
  }
  if (!link) {
    if (!replica.primary().empty() && world_.region(replica.primary()) == nullptr) {
      return down(replica.primary());
    }
    if (auto gap = replica.primary().empty() ? anyone_down() : std::nullopt) return gap;
    return replica.absent() ? std::nullopt : Gap("no primary lists it");
  }
  if (replica.absent()) return "it is listed as " + status_text(*link);
  const bool status_fits =
      replica.status() == v1::ReplicaIs::ANY ||
      v1::ReplicaIs::Status_Name(replica.status()) == v1::StoredLink::Status_Name(link->status());
  const bool message_fits = link->status_message().find(replica.message()) != std::string::npos;
  if (status_fits && message_fits) return std::nullopt;
  return "it is " + status_text(*link);
}

Judge::Gap Judge::gap(const v1::ValueIs& value) const {
  const std::string stage = value.version_stage().empty() ? "AWSCURRENT" : value.version_stage();
  Result<std::string> answer =
      world_.account().is_enabled(value.region())
          ? inspector_.value(value.region(), value.secret_id(), stage)
          : tl::make_unexpected(Error{"UnrecognizedClientException", "The region is not enabled."});
  const bool fits =
      !value.error().empty() ? !answer && answer.error().code == value.error()
      : value.one_of_size() > 0
          ? answer && std::ranges::find(value.one_of(), *answer) != value.one_of().end()
          : answer && *answer == value.secret_string();
  return fits ? std::nullopt : Gap(answer_text(answer));
}

Judge::Gap Judge::gap(const v1::SecretIs& expected) const {
  if (world_.region(expected.region()) == nullptr) return down(expected.region());
  const auto secret = inspector_.secret(expected.region(), expected.secret_id());
  if (!secret) return expected.absent() ? std::nullopt : Gap("it does not exist");
  const auto role = secret->role() == v1::Replica ? v1::SecretIs::Replica
                    : inspector_.replicas(expected.region(), secret->name()).empty()
                        ? v1::SecretIs::Standalone
                        : v1::SecretIs::Primary;
  constexpr std::string_view kRoles[] = {"", "it is a primary", "it is a replica",
                                         "it is a standalone secret"};
  const bool fits =
      !expected.absent() && (expected.role() == v1::SecretIs::ANY || expected.role() == role);
  return fits ? std::nullopt : Gap(kRoles[role]);
}

Judge::Gap Judge::gap(const v1::Converged& converged) const {
  if (auto gap = anyone_down()) return gap;
  const std::string name = secret_named(converged.secret_id(), {});
  bool exists = false;
  for (const std::string& region : world_.regions()) {
    exists = exists || inspector_.secret(region, name).has_value();
  }
  if (!exists) return "no region has it";
  std::string gap = inspector_.convergence_gap(name);
  return gap.empty() ? std::nullopt : Gap(std::move(gap));
}

// ---- ExpectationWatch ---------------------------------------------------------------------------

ExpectationWatch::ExpectationWatch(const v1::Expect& expect) : expect_(expect) {
  const Instant after = Instant() + duration_of(expect.after());
  switch (expect.when_case()) {
    case v1::Expect::kAt:
      deadline_ = Instant() + duration_of(expect.at());
      break;
    case v1::Expect::kWithin:
      watched_from_ = after;
      deadline_ = after + duration_of(expect.within());
      break;
    case v1::Expect::kAlways:
    case v1::Expect::kNever:
    case v1::Expect::kSometimes:
      watched_from_ = after;
      break;
    case v1::Expect::kAtEnd:
    case v1::Expect::kEventuallyAfterHeal:
    case v1::Expect::WHEN_NOT_SET:
      if (expect.has_leads_to()) watched_from_ = after;
      break;
  }
}

ExpectationWatch::Verdict ExpectationWatch::decide(std::optional<std::string> gap) {
  verdict_ = gap ? Verdict::Violated : Verdict::Met;
  if (gap) found_ = std::move(*gap);
  return verdict_;
}

ExpectationWatch::Verdict ExpectationWatch::look(Instant now, const Judge& judge) {
  if (verdict_ != Verdict::Open || !watched_from_ || now < *watched_from_) return Verdict::Open;
  if (expect_.has_leads_to()) return follow(now, judge);
  auto gap = judge.gap(expect_);
  if (expect_.when_case() == v1::Expect::kNever) {
    return gap ? Verdict::Open : decide("it was, once");
  }
  const bool is_always = expect_.when_case() == v1::Expect::kAlways;
  // `always` ends by a gap, the others by its absence.
  if (gap.has_value() != is_always) return Verdict::Open;
  return decide(std::move(gap));
}

// Looks at every change: the second must be so by some instant after the first became so.
ExpectationWatch::Verdict ExpectationWatch::follow(Instant now, const Judge& judge) {
  const v1::LeadsTo& leads_to = expect_.leads_to();
  auto missing = judge.gap(leads_to.then());
  // Nothing has changed since the last look: what was missing then was so until now.
  if (owed_by_ && now > *owed_by_) return decide(missing ? std::move(missing) : "it was, too late");
  if (!missing) {
    owed_by_.reset();
    return Verdict::Open;
  }
  if (!owed_by_ && !judge.gap(leads_to.when())) owed_by_ = now + duration_of(leads_to.within());
  return Verdict::Open;
}

ExpectationWatch::Verdict ExpectationWatch::at_deadline(const Judge& judge) {
  return verdict_ == Verdict::Open ? decide(judge.gap(expect_)) : Verdict::Open;
}

ExpectationWatch::Verdict ExpectationWatch::at_end(const Judge& judge,
                                                   std::optional<Instant> cut_at) {
  if (verdict_ != Verdict::Open) return Verdict::Open;
  if (expect_.when_case() == v1::Expect::kNever) return decide(std::nullopt);
  if (expect_.has_leads_to()) {
    if (owed_by_ && cut_at && *cut_at < *owed_by_) return Verdict::Open;
    return decide(owed_by_ ? judge.gap(expect_.leads_to().then()) : std::nullopt);
  }
  auto gap = judge.gap(expect_);
  if (gap && expect_.when_case() == v1::Expect::kSometimes) return Verdict::Open;
  return decide(std::move(gap));
}

}  // namespace faultline::regions
