#include "engine/fault_injector.h"

#include "engine/clock.h"
#include "engine/disk.h"
#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::add_probe;
using testing::at_ms;
using testing::exactly;
using testing::Log;
using testing::ms;

v1::Fault named(v1::Fault fault, const std::string& name) {
  fault.set_name(name);
  return fault;
}
v1::Fault lasting(v1::Fault fault, const std::string& duration) {
  fault.set_for_(duration);
  return fault;
}
v1::Fault cut(const std::string& from, const std::string& to, bool one_way = false) {
  v1::Fault fault;
  fault.mutable_cut()->set_from(from);
  fault.mutable_cut()->set_to(to);
  fault.mutable_cut()->set_one_way(one_way);
  return fault;
}
v1::Fault isolate(const std::string& region) {
  v1::Fault fault;
  fault.mutable_isolate()->set_region(region);
  return fault;
}
v1::Fault crash(const std::string& region) {
  v1::Fault fault;
  fault.mutable_crash()->set_region(region);
  return fault;
}
v1::Fault degrade(const std::string& from, const std::string& to, const std::string& latency) {
  v1::Fault fault;
  fault.mutable_degrade()->set_from(from);
  fault.mutable_degrade()->set_to(to);
  fault.mutable_degrade()->set_latency(latency);
  return fault;
}

class FaultInjectorTest : public testing::ThreeActors {
 protected:
  FaultInjector& faults = sim.faults();
  Network& network = sim.network();
};

// ---- life of a fault ----------------------------------------------------------------------------

TEST_F(FaultInjectorTest, TracesApplyingAndHealing) {
  const uint64_t id = faults.apply(named(cut("a", "b"), "outage"));
  EXPECT_EQ(id, 1U);
  EXPECT_TRUE(faults.heal("outage"));
  EXPECT_FALSE(faults.heal("outage"));
  EXPECT_FALSE(faults.heal(id));
  const auto applied = sink.of_kind(v1::FAULT_APPLIED);
  ASSERT_EQ(applied.size(), 1U);
  EXPECT_EQ(applied[0].verb(), "cut");
  EXPECT_EQ(applied[0].subject(), "a<->b");
  EXPECT_EQ(applied[0].number(), id);
  EXPECT_EQ(applied[0].text(), "outage");
  EXPECT_EQ(sink.of_kind(v1::FAULT_HEALED).size(), 1U);
}

TEST_F(FaultInjectorTest, HealsItselfAtTheExactInstant) {
  at(at_ms(5), [&] { faults.apply(lasting(cut("a", "b"), "10ms")); });
  for (const int64_t t : {4, 5, 14, 15}) {
    sim.run_until(at_ms(t));
    EXPECT_EQ(network.is_cut(a, b), t == 5 || t == 14) << t;
  }
  const auto healed = sink.of_kind(v1::FAULT_HEALED);
  ASSERT_EQ(healed.size(), 1U);
  EXPECT_EQ(healed[0].at_ns(), 15'000'000);
  EXPECT_EQ(healed[0].cause(), sink.of_kind(v1::FAULT_APPLIED)[0].id());
}

TEST_F(FaultInjectorTest, HealedByHandItDoesNotHealAgain) {
  const uint64_t id = faults.apply(lasting(cut("a", "b"), "1h"));
  ASSERT_EQ(faults.active().size(), 1U);
  EXPECT_EQ(faults.active()[0].until, Instant() + Duration::hours(1));
  EXPECT_TRUE(faults.heal(id));
  EXPECT_TRUE(faults.active().empty());
  EXPECT_TRUE(sim.queue().empty());
}

TEST_F(FaultInjectorTest, HealAllLeavesNothing) {
  faults.apply(named(cut("a", "b"), "one"));
  faults.apply(named(cut("b", "c"), "one"));
  faults.apply(lasting(isolate("c"), "5s"));
  faults.apply(crash("a"));
  faults.heal_all();
  EXPECT_TRUE(faults.active().empty());
  EXPECT_FALSE(network.is_cut(a, b) || network.is_cut(b, c) || network.is_cut(a, c));
  EXPECT_TRUE(sim.is_up(a));
  EXPECT_EQ(sink.of_kind(v1::FAULT_HEALED).size(), 4U);
}

// ---- network ------------------------------------------------------------------------------------

TEST_F(FaultInjectorTest, ACutLosesMessagesBothWaysOrOne) {
  const uint64_t both = faults.apply(cut("a", "b"));
  send(a, b), send(b, a), send(a, c);
  sim.run_until_idle();
  EXPECT_EQ(take_log(), Log{"10ms c:Ping"});
  EXPECT_EQ(drops(), (Log{"cut", "cut"}));
  faults.heal(both);
  faults.apply(cut("a", "b", /*one_way=*/true));
  send(a, b), send(b, a);
  sim.run_until_idle();
  EXPECT_EQ(take_log(), Log{"20ms a:Ping"});
}

TEST_F(FaultInjectorTest, OverlappingCutsCount) {
  const uint64_t first = faults.apply(cut("a", "b"));
  const uint64_t second = faults.apply(cut("b", "a"));
  const uint64_t third = faults.apply(isolate("a"));
  faults.heal(second);
  EXPECT_TRUE(network.is_cut(a, b));
  faults.heal(first);
  EXPECT_TRUE(network.is_cut(a, b));
  faults.heal(third);
  EXPECT_FALSE(network.is_cut(a, b));
}

TEST_F(FaultInjectorTest, MessagesOnTheirWayDieWithTheCutOrSurviveIt) {
  for (const auto in_flight : {v1::DIE, v1::SURVIVE, v1::IN_FLIGHT_UNSPECIFIED}) {
    const Instant start = sim.now();
    send(a, b), send(a, c);
    v1::Fault fault = cut("a", "b");
    fault.mutable_cut()->set_in_flight(in_flight);
    at(start + ms(5), [&] { faults.apply(fault); });
    sim.run_until_idle();
    EXPECT_EQ(take_log().size(), in_flight == v1::SURVIVE ? 2U : 1U);
    faults.heal_all();
  }
  const auto dropped = sink.of_kind(v1::MESSAGE_DROPPED);
  ASSERT_EQ(dropped.size(), 2U);
  EXPECT_EQ(dropped[0].at_ns(), 5'000'000) << "it dies when the wire does, not when it is due";
  EXPECT_EQ(dropped[0].outcome(), "cut");
  EXPECT_EQ(dropped[0].cause(), sink.of_kind(v1::MESSAGE_SENT)[0].id());
  EXPECT_EQ(network.in_flight(), 0U);
}

TEST_F(FaultInjectorTest, IsolationIncludesActorsAddedLater) {
  faults.apply(isolate("a"));
  const ActorId d = add_probe(sim, "d", noting());
  EXPECT_TRUE(network.is_cut(a, d));
  EXPECT_TRUE(network.is_cut(d, a));
  EXPECT_TRUE(network.is_cut(b, a));
  EXPECT_FALSE(network.is_cut(b, d));
  EXPECT_FALSE(network.is_cut(a, a));
}

TEST_F(FaultInjectorTest, DegradationsStackFieldByFieldAndHealInAnyOrder) {
  v1::Fault slow = degrade("a", "b", "200ms");
  slow.mutable_degrade()->set_loss("1/20");
  const LinkConditions own = network.effective(a, b);
  const uint64_t first = faults.apply(slow);
  const uint64_t second = faults.apply(degrade("a", "b", "300ms"));
  EXPECT_EQ(network.effective(a, b).latency, ms(300));
  EXPECT_EQ(network.effective(b, a).latency, ms(300));
  EXPECT_EQ(network.effective(a, b).loss, (Ratio{1, 20}));
  EXPECT_EQ(network.effective(a, c), own);
  faults.heal(first);
  EXPECT_EQ(network.effective(a, b).latency, ms(300));
  EXPECT_EQ(network.effective(a, b).loss, own.loss);
  network.set_link(a, b, exactly(ms(1)));
  faults.heal(second);
  EXPECT_EQ(network.effective(a, b), exactly(ms(1))) << "what the link became meanwhile";
  EXPECT_EQ(network.effective(b, a), own);
}

TEST_F(FaultInjectorTest, ADegradationMayBeAboutAllLinksOfOneActorOrOneDirection) {
  v1::Fault outgoing = degrade("a", "", "200ms");
  outgoing.mutable_degrade()->set_one_way(true);
  faults.apply(outgoing);
  EXPECT_EQ(network.effective(a, c).latency, ms(200));
  EXPECT_EQ(network.effective(c, a).latency, ms(10));
  faults.apply(degrade("a", "", "400ms"));
  EXPECT_EQ(network.effective(c, a).latency, ms(400));
  EXPECT_EQ(network.effective(b, c).latency, ms(10));
  send(c, a);
  sim.run_until_idle();
  EXPECT_EQ(log, Log{"400ms a:Ping"});
}

TEST_F(FaultInjectorTest, DropNextDropsItsMessagesAndIsOver) {
  v1::Fault fault;
  fault.mutable_drop_next()->set_from("a");
  fault.mutable_drop_next()->set_to("b");
  fault.mutable_drop_next()->set_message("Ping");
  fault.mutable_drop_next()->set_count(2);
  faults.apply(fault);
  send(b, a, "Ping"), send(a, b, "Pong");
  send(a, b, "Ping"), send(a, b, "Ping"), send(a, b, "Ping");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms a:Ping", "10ms b:Pong", "10ms b:Ping"}));
  EXPECT_EQ(drops(), (Log{"dropped", "dropped"}));
  EXPECT_TRUE(faults.active().empty());
  EXPECT_EQ(sink.of_kind(v1::FAULT_HEALED).size(), 1U);
}

TEST_F(FaultInjectorTest, DelayNextLetsOthersOvertake) {
  v1::Fault fault;
  fault.mutable_delay_next()->set_from("a");
  fault.mutable_delay_next()->set_to("b");
  fault.mutable_delay_next()->set_delay("1s");
  faults.apply(fault);
  send(a, b, "Late"), send(a, b, "Next");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"10ms b:Next", "1010ms b:Late"}));
  EXPECT_TRUE(faults.active().empty());
}

// ---- machines, disks, clocks --------------------------------------------------------------------

TEST_F(FaultInjectorTest, ACrashedActorComesBackWhenTheLastCrashFaultIsHealed) {
  at(at_ms(0), [&] { faults.apply(lasting(crash("a"), "10ms")); });
  at(at_ms(5), [&] { faults.apply(lasting(crash("a"), "15ms")); });
  sim.run_until(at_ms(19));
  EXPECT_FALSE(sim.is_up(a));
  sim.run_until(at_ms(20));
  EXPECT_TRUE(sim.is_up(a));
  EXPECT_EQ(sink.of_kind(v1::ACTOR_CRASHED).size(), 1U);
  EXPECT_EQ(sink.of_kind(v1::ACTOR_CRASHED)[0].cause(), sink.of_kind(v1::FAULT_APPLIED)[0].id());
}

TEST_F(FaultInjectorTest, AFaultMayHitTheActorThatIsAtWork) {
  const ActorId d = add_probe(sim, "d", {.on_timer = [&](ActorContext& ctx, uint64_t) {
                                faults.apply(lasting(crash("d"), "5ms"));
                                EXPECT_EQ(ctx.send(b, "Ping", ""), 0U);
                              }});
  sim.context(d).set_timer(ms(1), 1);
  sim.run_until(at_ms(2));
  EXPECT_FALSE(sim.is_up(d));
  sim.run_until_idle();
  EXPECT_TRUE(sim.is_up(d));
  EXPECT_EQ(log, Log{});
}

TEST_F(FaultInjectorTest, DiskFaultsAreOredAndHealExactly) {
  v1::Fault writes;
  writes.mutable_disk()->set_region("a");
  writes.mutable_disk()->set_fail_writes(true);
  writes.mutable_disk()->set_slow_sync("5ms");
  v1::Fault all = writes;
  all.mutable_disk()->set_fail_syncs(true);
  all.mutable_disk()->set_fail_reads(true);
  all.mutable_disk()->set_full(true);
  all.mutable_disk()->set_lying_sync(true);
  const uint64_t first = faults.apply(writes);
  const uint64_t second = faults.apply(all);
  const DiskFaults& disk = sim.context(a).disk().faults();
  EXPECT_TRUE(disk.fail_writes && disk.fail_syncs && disk.fail_reads && disk.full &&
              disk.lying_sync);
  EXPECT_EQ(disk.slow_sync, ms(10));
  EXPECT_FALSE(sim.context(a).disk().create("f").has_value());
  faults.heal(second);
  EXPECT_TRUE(disk.fail_writes);
  EXPECT_FALSE(disk.fail_syncs || disk.fail_reads || disk.full || disk.lying_sync);
  EXPECT_EQ(disk.slow_sync, ms(5));
  faults.heal(first);
  EXPECT_FALSE(disk.fail_writes);
  EXPECT_TRUE(sim.context(a).disk().create("f").has_value());
}

TEST_F(FaultInjectorTest, ClockErrorsAddUpAndAreGoneWhenHealed) {
  const auto error_ns = [&] {
    return sim.context(a).wall_unix_ns() - sim.epoch_unix_ns() - sim.now().ns();
  };
  v1::Fault ahead;
  ahead.mutable_clock()->set_region("a");
  ahead.mutable_clock()->set_offset("1h");
  v1::Fault drifting;
  drifting.mutable_clock()->set_region("a");
  drifting.mutable_clock()->set_offset("-5m");
  drifting.mutable_clock()->set_drift_ppm(333);
  const uint64_t first = faults.apply(drifting);
  faults.apply(lasting(ahead, "10s"));
  EXPECT_EQ(error_ns(), Duration::minutes(55).ns());
  sim.run_until(at_ms(1'000));
  EXPECT_EQ(error_ns(), Duration::minutes(55).ns() + 333'000);
  v1::Fault other_drift;
  other_drift.mutable_clock()->set_region("a");
  other_drift.mutable_clock()->set_drift_ppm(-77);
  const uint64_t third = faults.apply(other_drift);
  sim.run_until(at_ms(11'003));
  EXPECT_LT(error_ns(), 0) << "five minutes behind, a little of it made good";
  faults.heal(first);
  EXPECT_NEAR(static_cast<double>(error_ns()), -77e-6 * 10.003e9, 2);
  faults.heal(third);
  EXPECT_EQ(error_ns(), 0);
  sim.run_until(at_ms(60'000));
  EXPECT_EQ(error_ns(), 0);
}

// ---- faults of a domain -------------------------------------------------------------------------

class RecordingDomain : public FaultDomain {
 public:
  bool apply(const v1::Fault& fault, uint64_t fault_id) override {
    if (!fault.has_key_denied()) return false;
    log.push_back("apply " + std::to_string(fault_id) + " " + fault.key_denied().key());
    return true;
  }
  void heal(const v1::Fault& fault, uint64_t fault_id) override {
    log.push_back("heal " + std::to_string(fault_id) + " " + fault.key_denied().key());
  }
  Log log;
};

TEST_F(FaultInjectorTest, OtherKindsBelongToTheDomain) {
  RecordingDomain domain;
  faults.set_domain(&domain);
  v1::Fault fault;
  fault.mutable_key_denied()->set_region("a");
  fault.mutable_key_denied()->set_key("alias/replica");
  faults.apply(lasting(fault, "30s"));
  sim.run_until_idle();
  EXPECT_EQ(domain.log, (Log{"apply 1 alias/replica", "heal 1 alias/replica"}));
  const auto applied = sink.of_kind(v1::FAULT_APPLIED);
  EXPECT_EQ(applied[0].verb(), "key_denied");
  EXPECT_EQ(applied[0].subject(), "a");
  EXPECT_EQ(applied[0].text(), R"(region: "a" key: "alias/replica")");
}

TEST_F(FaultInjectorTest, DescribesTargets) {
  EXPECT_EQ(fault_target(cut("a", "b", true)), "a->b");
  EXPECT_EQ(fault_target(degrade("a", "", "1s")), "a<->*");
  EXPECT_EQ(fault_target(crash("a")), "a");
  EXPECT_EQ(fault_target(v1::Fault()), "");
  EXPECT_EQ(fault_kind(v1::Fault()), "");
}

TEST(ParseRatioTest, ReadsRatiosFromZeroToOne) {
  EXPECT_EQ(parse_ratio("1/20").value(), (Ratio{1, 20}));
  EXPECT_EQ(parse_ratio("0").value(), (Ratio{0, 1}));
  EXPECT_EQ(parse_ratio("1").value(), (Ratio{1, 1}));
  for (const char* const text : {"", "2", "3/2", "1/0", "-1/2", "0.5", "1/2 ", "a/b", "1/", "/2"}) {
    const auto parsed = parse_ratio(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_NE(parsed.error().find("such as \"1/20\""), std::string::npos);
  }
}

using FaultInjectorDeathTest = FaultInjectorTest;

TEST_F(FaultInjectorDeathTest, AnUnknownActorOrKindIsAMistake) {
  EXPECT_DEATH(faults.apply(cut("a", "mars")), "unknown actor: \"mars\"");
  v1::Fault fault;
  fault.mutable_kms_slow()->set_region("a");
  EXPECT_DEATH(faults.apply(fault), "nobody knows the fault kms_slow");
  EXPECT_DEATH(faults.apply(lasting(cut("a", "b"), "soon")), "is not a duration");
}

}  // namespace
}  // namespace faultline::engine
