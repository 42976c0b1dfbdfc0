// Whole worlds under random calls and faults: what must hold whatever happens.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/disk.h"
#include "engine/simulation.h"
#include "regions/replication/aws_protocol.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "tests/properties/random_scenario.h"

namespace faultline::regions {
namespace {

using random_scenario::kCanary;
using random_scenario::Plan;

LoadedScenario load(const Plan& plan) {
  auto loaded = adopt_scenario("random.textproto", random_scenario::to_scenario(plan));
  RC_ASSERT(loaded.has_value());
  return *std::move(loaded);
}

std::string first_violation(const v1::RunReport& report) {
  if (report.violations().empty()) return v1::Verdict_Name(report.verdict());
  return report.violations(0).expectation() + ": " + report.violations(0).found();
}

// Every run is watched: no property may be broken, whatever else is looked for.
void fail_if_broken(const v1::RunReport& report) {
  for (const v1::Violation& seen : report.violations()) {
    if (!seen.property().empty()) RC_FAIL(seen.expectation() + ": " + seen.found());
  }
}

RC_GTEST_PROP(RandomWorld, BreaksNoProperty, (const Plan& plan)) {
  const LoadedScenario loaded = load(plan);
  ScenarioRun run(loaded, {});
  const v1::RunReport report = run.finish();
  fail_if_broken(report);
  const auto tally =
      std::find_if(report.properties().begin(), report.properties().end(),
                   [](const v1::PropertyTally& property) { return property.id() == "S31"; });
  RC_ASSERT(tally != report.properties().end() && tally->held() > 0);
}

RC_GTEST_PROP(RandomWorld, ConvergesOnceEverythingIsHealed, (const Plan& plan)) {
  const LoadedScenario loaded = load(plan);
  ScenarioRun run(loaded, {});
  const v1::RunReport report = run.finish();
  if (report.verdict() != v1::HOLDS) RC_FAIL(first_violation(report));
}

RC_GTEST_PROP(RandomWorld, IsTheSameTwice, (const Plan& plan)) {
  const LoadedScenario loaded = load(plan);
  ScenarioRun first(loaded, {});
  ScenarioRun second(loaded, {});
  const v1::RunReport report = first.finish();
  RC_ASSERT(report.hash() == second.finish().hash());
  fail_if_broken(report);
}

// Hears what replicas apply: of one secret's changes never an older one after a newer one.
class OrderTap final : public engine::TraceSink {
 public:
  void on_event(const v1::TraceEvent& event) override {
    if (event.kind() != v1::REPLICA_APPLIED || event.verb() != "applied") return;
    std::uint64_t& newest = newest_[event.actor() + "/" + event.subject()];
    if (event.number() < newest) {
      complaint_ = event.actor() + " applied change " + std::to_string(event.number()) +
                   " after change " + std::to_string(newest) + ", event " +
                   std::to_string(event.id());
    }
    newest = std::max(newest, event.number());
    ++applied_;
  }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] std::uint64_t applied() const { return applied_; }

 private:
  std::map<std::string, std::uint64_t> newest_;
  std::string complaint_;
  std::uint64_t applied_ = 0;
};

RC_GTEST_PROP(RandomWorld, NeverTakesAReplicaBackInTime, (const Plan& plan)) {
  const LoadedScenario loaded = load(plan);
  OrderTap order;
  ScenarioRun run(loaded, {.sinks = {&order}});
  fail_if_broken(run.finish());
  RC_CLASSIFY(order.applied() > 3, "several changes applied");
  if (!order.complaint().empty()) RC_FAIL(order.complaint());
}

// The built-in protocol, with an ear on the wire.
class WireTap final : public ReplicationHost {
 public:
  WireTap(ReplicationHost& host, std::string& leak) : host_(host), leak_(leak) {}
  const std::string& region() const override { return host_.region(); }
  bool region_enabled() const override { return host_.region_enabled(); }
  const ServiceConfig& config() const override { return host_.config(); }
  engine::ActorContext& context() override { return host_.context(); }
  SecretStore& store() override { return host_.store(); }
  KmsGateway& kms() override { return host_.kms(); }
  bool has_region(std::string_view region) const override { return host_.has_region(region); }
  void send(std::string_view region, std::string_view type, std::string body) override {
    if (body.find(kCanary) != std::string::npos)
      leak_ = std::string(type) + " from " + host_.region();
    host_.send(region, type, std::move(body));
  }
  engine::TimerId set_timer(engine::Duration after, std::uint64_t key,
                            engine::TimerClass timer_class) override {
    return host_.set_timer(after, key, timer_class);
  }
  void cancel_timer(engine::TimerId timer) override { host_.cancel_timer(timer); }
  const kms::SecretBytes& channel_key(std::string_view from, std::string_view to) override {
    return host_.channel_key(from, to);
  }
  engine::Duration sync_time() override { return host_.sync_time(); }
  void store_failed(std::string_view message) override { host_.store_failed(message); }

 private:
  ReplicationHost& host_;
  std::string& leak_;
};

class TappedProtocol final : public ReplicationProtocol {
 public:
  TappedProtocol(ReplicationHost& host, std::string& leak) : tap_(host, leak), protocol_(tap_) {}
  void recover() override { protocol_.recover(); }
  void secret_changed(const std::string& secret_name) override {
    protocol_.secret_changed(secret_name);
  }
  void on_message(std::string_view from, std::string_view type, std::string_view body) override {
    protocol_.on_message(from, type, body);
  }
  void on_timer(std::uint64_t key) override { protocol_.on_timer(key); }

 private:
  WireTap tap_;
  AwsProtocol protocol_;
};

// Listens to the trace: whatever it says must be free of secrets too.
class TraceTap final : public engine::TraceSink {
 public:
  explicit TraceTap(std::string& leak) : leak_(leak) {}
  void on_event(const v1::TraceEvent& event) override {
    if (event.SerializeAsString().find(kCanary) != std::string::npos)
      leak_ = "trace event " + std::to_string(event.id());
  }

 private:
  std::string& leak_;
};

RC_GTEST_PROP(RandomWorld, KeepsPlaintextOffDisksWiresAndTraces, (const Plan& plan)) {
  const LoadedScenario loaded = load(plan);
  std::string leak;
  auto protocols = std::make_shared<ProtocolRegistry>();
  protocols->add("aws", [&leak](ReplicationHost& host) -> std::unique_ptr<ReplicationProtocol> {
    return std::make_unique<TappedProtocol>(host, leak);
  });
  TraceTap trace_tap(leak);
  ScenarioRun run(
      loaded, {
                  .sinks = {&trace_tap           },
                    .shared = { .protocols = protocols, .empty_database = {}}
  });
  fail_if_broken(run.finish());
  World& world = run.world();
  for (const std::string& region : world.regions()) {
    engine::Disk& disk = world.simulation().context(*world.simulation().find(region)).disk();
    disk.scan([&](std::string_view name, std::string_view bytes) {
      if (bytes.find(kCanary) != std::string_view::npos)
        leak = region + "'s file " + std::string(name);
    });
  }
  if (!leak.empty()) RC_FAIL("plaintext in " + leak);
}

// The properties above can fail: a canary that is looked for where values are meant to be read is
// found.
TEST(RandomWorldCanary, IsReadByWhoMayReadIt) {
  Plan plan;
  auto loaded = adopt_scenario("random.textproto", random_scenario::to_scenario(plan));
  ASSERT_TRUE(loaded.has_value());
  ScenarioRun run(*loaded, {});
  ASSERT_EQ(run.finish().verdict(), v1::HOLDS);
  EXPECT_EQ(run.world().client("us-east-1").value("db"), std::string(kCanary) + "0");
}

}  // namespace
}  // namespace faultline::regions
