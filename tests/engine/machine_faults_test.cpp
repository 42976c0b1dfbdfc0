// Faults of processes, disks and clocks. (engine/machine_faults.cpp)
#include <google/protobuf/text_format.h>

#include "engine/clock.h"
#include "engine/disk.h"
#include "tests/engine/probe.h"

namespace faultline::engine {
namespace {

using testing::at_ms;
using testing::Log;
using testing::ms;
using testing::sec;

class MachineFaultsTest : public testing::ThreeActors {
 protected:
  uint64_t apply(const std::string& text) {
    v1::Fault fault;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &fault)) << text;
    return sim.faults().apply(fault);
  }
  Disk& disk(ActorId id) { return sim.context(id).disk(); }
  int64_t error_ns(ActorId id) {
    return sim.context(id).wall_unix_ns() - sim.epoch_unix_ns() - sim.now().ns();
  }
};

// ---- hanging ------------------------------------------------------------------------------------

TEST_F(MachineFaultsTest, NothingHappensInAPausedActorUntilItGoesOnInOrder) {
  const auto note = [this](const std::string& what) {
    log.push_back(std::to_string(sim.now().ns() / 1'000'000) + "ms " + what);
  };
  const ActorId d = testing::add_probe(
      sim, "d",
      {.on_start =
           [&](ActorContext& ctx) {
             ctx.set_timer(ms(30), 1);
             ctx.after(ms(35), [&] { note("closure"); });
           },
       .on_message = [&](ActorContext&, const Message& m) { note(std::string(m.type)); },
       .on_timer = [&](ActorContext&, uint64_t) { note("timer"); }});
  at(at_ms(5), [&] { apply("for: '95ms' pause { region: 'd' }"); });
  at(at_ms(10), [&] { send(a, d, "One"); });
  at(at_ms(30), [&] { send(a, d, "Two"); });
  at(at_ms(40), [&] { send(a, b, "Elsewhere"); });
  at(at_ms(95), [&] { send(a, d, "Three"); });
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"50ms b:Elsewhere", "100ms One", "100ms timer", "100ms closure", "100ms Two",
                      "105ms Three"}));
}

TEST_F(MachineFaultsTest, ATimerOfAPausedActorCanStillBeCancelled) {
  TimerId timer = 0;
  bool fired = false;
  const ActorId d = testing::add_probe(
      sim, "d",
      {.on_start = [&](ActorContext& ctx) { timer = ctx.set_timer(ms(30), 1); },
       .on_message = [&](ActorContext& ctx,
                         const Message&) { EXPECT_TRUE(ctx.cancel_timer(timer)); },
       .on_timer = [&](ActorContext&, uint64_t) { fired = true; }});
  at(at_ms(5), [&] { apply("for: '95ms' pause { region: 'd' }"); });
  at(at_ms(10), [&] { send(a, d); });
  sim.run_until_idle();
  EXPECT_FALSE(fired) << "the message came first, and took the timer away";
}

TEST_F(MachineFaultsTest, PausesCountAndACrashDestroysWhatWaits) {
  const uint64_t first = apply("pause { region: 'b' }");
  apply("for: '50ms' pause { region: 'b' }");
  send(a, b, "Message");
  sim.context(b).set_timer(ms(5), 1);
  at(at_ms(70), [&] { sim.crash(b); });
  at(at_ms(80), [&] { sim.restart(b); });
  at(at_ms(100), [&] { sim.faults().heal(first); });
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"100ms b:Message"})) << "to the new process, as late messages are";
}

TEST_F(MachineFaultsTest, APausedActorDoesNotKeepARunGoing) {
  apply("pause { region: 'b' }");
  send(a, b);
  EXPECT_TRUE(sim.run_until_idle());
  EXPECT_FALSE(sim.step());
  sim.faults().heal_all();
  EXPECT_TRUE(sim.step());
  EXPECT_EQ(log.size(), 1U);
}

TEST_F(MachineFaultsTest, CallsToAHinderedActorWaitWithTheRest) {
  apply("for: '40ms' pause { region: 'b' }");
  EXPECT_TRUE(sim.is_hindered(b));
  sim.call_later_as(
      b, [&] { log.push_back("called " + format_instant(sim.now())); }, "call");
  sim.run_until_idle();
  EXPECT_EQ(log, (Log{"called 0.040s"}));
  EXPECT_FALSE(sim.is_hindered(b));
}

TEST_F(MachineFaultsTest, EverythingInASlowActorComesLater) {
  const uint64_t first = apply("slow_region { region: 'b' delay: '20ms' }");
  const uint64_t second = apply("slow_region { region: 'b' delay: '5ms' }");
  send(a, b, "Slow");
  send(a, b, "AndInOrder");
  send(a, c, "Aside");
  sim.run_until_idle();
  EXPECT_EQ(take_log(), (Log{"10ms c:Aside", "35ms b:Slow", "35ms b:AndInOrder"}));
  sim.faults().heal(first);
  send(a, b, "Less");
  sim.run_until_idle();
  EXPECT_EQ(take_log(), (Log{"50ms b:Less"}));
  sim.faults().heal(second);
  send(a, b, "Fast");
  sim.run_until_idle();
  EXPECT_EQ(take_log(), (Log{"60ms b:Fast"}));
}

// ---- dying in recovery --------------------------------------------------------------------------

TEST_F(MachineFaultsTest, DiesAgainAsItRecovers) {
  std::vector<std::string> recoveries;
  const ActorId d = testing::add_probe(sim, "d", {.on_start = [&](ActorContext& ctx) {
                                         std::string reached =
                                             std::to_string(ctx.now().ns() / 1'000'000) + "ms";
                                         for (const char* name : {"one", "two"}) {
                                           if (ctx.disk().create(name))
                                             reached += std::string(" ") + name;
                                         }
                                         recoveries.push_back(reached);
                                       }});
  sim.run_until_idle();
  recoveries.clear();
  apply("for: '1s' crash { region: 'd' recover_crashes: 3 }");
  sim.run_until_idle();
  EXPECT_EQ(recoveries,
            (std::vector<std::string>{"1000ms", "2000ms one", "3000ms one two", "4000ms one two"}))
      << "at its first access, at its second, at its end, and then no more";
  EXPECT_TRUE(sim.is_up(d));
  EXPECT_EQ(sink.of_kind(v1::ACTOR_CRASHED).size(), 4U);
}

TEST_F(MachineFaultsTest, AnotherCrashFaultKeepsItDownMeanwhile) {
  apply("for: '1s' crash { region: 'b' recover_crashes: 1 }");
  at(at_ms(1'500), [&] { apply("for: '3s' crash { region: 'b' }"); });
  sim.run_until(at_ms(4'000));
  EXPECT_FALSE(sim.is_up(b));
  sim.run_until_idle();
  EXPECT_TRUE(sim.is_up(b));
}

// ---- disks --------------------------------------------------------------------------------------

class DamagedDiskTest : public MachineFaultsTest {
 protected:
  DamagedDiskTest() {
    write("one", std::string(200, 'x'));
    write("two", std::string(300, 'y'));
  }
  void write(const std::string& name, const std::string& bytes) {
    auto file = disk(b).create(name);
    ASSERT_TRUE(file && file->append(bytes) && file->sync());
  }
  std::string everything() {
    std::string all;
    disk(b).scan([&](std::string_view name, std::string_view bytes) {
      all.append(name).append("=").append(bytes).append("\n");
    });
    return all;
  }
  static int differences(const std::string& one, const std::string& other) {
    int count = 0;
    for (std::size_t i = 0; i < one.size(); ++i) count += one[i] != other.at(i) ? 1 : 0;
    return count;
  }
};

TEST_F(DamagedDiskTest, BitsRotAndArePutRight) {
  const std::string before = everything();
  const uint64_t first = apply("disk { region: 'b' bit_rot: 5 }");
  const std::string rotten = everything();
  EXPECT_GE(differences(before, rotten), 3);
  EXPECT_LE(differences(before, rotten), 5);
  const uint64_t second = apply("disk { region: 'b' bit_rot: 400 }");
  sim.faults().heal(first);
  EXPECT_NE(everything(), before);
  sim.faults().heal(second);
  EXPECT_EQ(everything(), before) << "in whatever order";
}

TEST_F(DamagedDiskTest, ABackupIsOfTheRightBytes) {
  const std::string before = everything();
  apply("disk { region: 'b' bit_rot: 5 }");
  const DiskImage image = disk(b).image();
  EXPECT_NE(everything(), before);
  disk(b).load_image(image);
  EXPECT_EQ(everything(), before);
  sim.faults().heal_all();
  EXPECT_EQ(everything(), before);
}

TEST_F(DamagedDiskTest, AMisdirectedWriteHitsAnotherPlaceAndLeavesAHole) {
  const std::string before = everything();
  apply("disk { region: 'b' misdirected_writes: 1 }");
  write("three", "AAAA");
  EXPECT_EQ(disk(b).contents("three").value().size(), 4U);
  EXPECT_EQ(disk(b).contents("three").value().find("AAAA"), std::string::npos);
  write("four", "BBBB");
  EXPECT_EQ(disk(b).contents("four"), "BBBB") << "only the first";
  sim.faults().heal_all();
  EXPECT_EQ(disk(b).contents("three"), "AAAA");
  EXPECT_EQ(disk(b).contents("one"), std::string(200, 'x'));
  EXPECT_EQ(disk(b).contents("two"), std::string(300, 'y'));
}

TEST_F(DamagedDiskTest, WhatACrashCutsOffIsNotBroughtBack) {
  auto file = disk(b).open("one");
  ASSERT_TRUE(file->append("unsynced"));
  const uint64_t id = apply("disk { region: 'b' bit_rot: 3000 }");
  sim.crash(b);
  EXPECT_EQ(disk(b).contents("one").value().size(), 200U);
  auto again = disk(b).open("one");
  ASSERT_TRUE(again->append("new"));
  sim.faults().heal(id);
  EXPECT_EQ(disk(b).contents("one"), std::string(200, 'x') + "new");
}

TEST_F(DamagedDiskTest, RenamesAreLostWhileTheFaultLasts) {
  const uint64_t id = apply("disk { region: 'b' lose_renames: true }");
  ASSERT_TRUE(disk(b).rename("one", "moved"));
  sim.crash(b);
  EXPECT_TRUE(disk(b).exists("one"));
  sim.faults().heal(id);
  ASSERT_TRUE(disk(b).rename("one", "moved"));
  sim.restart(b);
  sim.crash(b);
  EXPECT_TRUE(disk(b).exists("moved"));
}

TEST_F(DamagedDiskTest, ACrashMayBringAnotherDisk) {
  const auto image = std::make_shared<const DiskImage>(disk(b).image());
  write("three", "later");
  sim.crash(b, {.new_disk = image});
  EXPECT_FALSE(disk(b).exists("three"));
  EXPECT_TRUE(disk(b).exists("one"));
}

// ---- clocks -------------------------------------------------------------------------------------

TEST_F(MachineFaultsTest, AFrozenClockStandsStillAndIsRightAfterwards) {
  const uint64_t frozen = apply("clock { region: 'b' frozen: true }");
  apply("clock { region: 'b' frozen: true offset: '1h' }");
  sim.run_until(at_ms(5'000));
  EXPECT_EQ(error_ns(b), Duration::hours(1).ns() - sec(5).ns());
  sim.faults().heal(frozen);
  sim.run_until(at_ms(6'000));
  EXPECT_EQ(error_ns(b), Duration::hours(1).ns() - sec(6).ns()) << "the other one holds it";
  sim.faults().heal_all();
  EXPECT_EQ(error_ns(b), 0);
}

TEST_F(MachineFaultsTest, AFrozenClockThatDriftedIsRightAfterwards) {
  const uint64_t drift = apply("clock { region: 'b' drift_ppm: 1000 }");
  sim.run_until(at_ms(1'000));
  const uint64_t frozen = apply("clock { region: 'b' frozen: true }");
  sim.run_until(at_ms(2'000));
  sim.faults().heal(drift);
  sim.run_until(at_ms(3'000));
  sim.faults().heal(frozen);
  EXPECT_EQ(error_ns(b), 0);
}

TEST_F(MachineFaultsTest, SkewSetsClocksApart) {
  const uint64_t all = apply("clock_skew { offset: '2s' }");
  EXPECT_EQ(error_ns(a), 0);
  EXPECT_EQ(error_ns(b), sec(2).ns());
  EXPECT_EQ(error_ns(c), sec(4).ns());
  apply("for: '1s' clock_skew { region: 'c' region: 'a' offset: '-1s' }");
  EXPECT_EQ(error_ns(a), -sec(1).ns());
  EXPECT_EQ(error_ns(c), sec(4).ns());
  sim.run_until_idle();
  sim.faults().heal(all);
  for (const ActorId id : {a, b, c}) EXPECT_EQ(error_ns(id), 0);
}

}  // namespace
}  // namespace faultline::engine
