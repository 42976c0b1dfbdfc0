// The whole engine at once: LevelDB, real cryptography, protocol buffers, trace hash. Three
// regions, one secret of 256 bytes with two replicas, twenty API calls, everything replicated.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/simulation.h"
#include "proto/check.h"
#include "regions/faultline.h"
#include "regions/level_kv_store.h"

namespace faultline::regions {
namespace {

constexpr int kCalls = 20;

// One creation for each secret, then reads at a replica and writes by turns; every write is replicated to both other regions.
std::uint64_t run_calls(const engine::DiskImage& empty_database,
                        const std::shared_ptr<const ProtocolRegistry>& protocols,
                        std::uint64_t seed, int secrets, int calls) {
  World world({
      .regions = {"us-west-2", "us-east-1", "eu-west-1"},
      .seed = seed,
      .empty_database = empty_database,
      .protocols = protocols
  });
  Client west = world.client("us-west-2");
  Client east = world.client("us-east-1");
  const std::string value(256, 'x');
  std::vector<std::string> names;
  for (int secret = 0; secret < secrets; ++secret) {
    names.push_back("production/DB" + std::to_string(secret));
    FL_CHECK(west.create_secret(names.back(), value, {"us-east-1", "eu-west-1"}).has_value());
  }
  for (int call = secrets; call < calls; ++call) {
    const std::string& name = names[static_cast<std::size_t>(call / 2 % secrets)];
    if (call % 2 == 0) {
      FL_CHECK(west.put(name, value + std::to_string(call)).has_value());
    } else {
      FL_CHECK(!east.value(name).empty());
    }
    world.run_for(engine::Duration::millis(200));
  }
  world.run_until_idle();
  for (const std::string& name : names) FL_CHECK(world.convergence_gap(name).empty());
  benchmark::DoNotOptimize(world.simulation().trace().hash());
  return world.simulation().trace().count();
}

void BM_SmallRun(benchmark::State& state) {
  const engine::DiskImage empty_database = make_empty_database_image();
  const auto protocols = std::make_shared<const ProtocolRegistry>();
  std::uint64_t seed = 0;
  std::uint64_t events = 0;
  for (auto _ : state) events += run_calls(empty_database, protocols, ++seed, 1, kCalls);
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["events/run"] =
      static_cast<double>(events) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_SmallRun)->Unit(benchmark::kMicrosecond);

// A hundred times as many calls on fifty secrets: building the world no longer counts.
void BM_LongRun(benchmark::State& state) {
  const engine::DiskImage empty_database = make_empty_database_image();
  const auto protocols = std::make_shared<const ProtocolRegistry>();
  std::uint64_t events = 0;
  for (auto _ : state) events += run_calls(empty_database, protocols, 1, 50, kCalls * 100);
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_LongRun)->Unit(benchmark::kMillisecond);

void BM_BuildWorld(benchmark::State& state) {
  const engine::DiskImage empty_database = make_empty_database_image();
  const auto protocols = std::make_shared<const ProtocolRegistry>();
  for (auto _ : state) {
    World world({
        .regions = {"us-west-2", "us-east-1", "eu-west-1"},
        .empty_database = empty_database,
        .protocols = protocols
    });
    benchmark::DoNotOptimize(world.now());
  }
}
BENCHMARK(BM_BuildWorld)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace faultline::regions
