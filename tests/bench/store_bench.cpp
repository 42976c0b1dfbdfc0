// What the store of a region costs: real LevelDB on the simulated disk, one thread.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>

#include "engine/disk.h"
#include "engine/disk_env.h"
#include "engine/keyed_random.h"
#include "proto/check.h"
#include "regions/level_kv_store.h"

namespace faultline::regions {
namespace {

// A machine that was just made, with its disk from an image.
struct Machine {
  explicit Machine(const engine::DiskImage& image) { disk.load_image(image); }

  std::unique_ptr<LevelKvStore> open(const LevelKvStoreOptions& options = {}) {
    auto store = LevelKvStore::open(env, options);
    FL_CHECK(store.has_value()) << store.error().message;
    return *std::move(store);
  }

  engine::Disk disk{"west", engine::RandomStream()};
  engine::DiskEnv env{disk, [] { return uint64_t{0}; }};
};

void put_synced(LevelKvStore& store, int64_t number) {
  WriteBatch batch;
  batch.put("v/secret-" + std::to_string(number), std::string(200, 'v'));
  FL_CHECK(store.write(batch, true).has_value());
}

void make_a_new_database(benchmark::State& state) {
  for (auto _ : state) Machine(engine::DiskImage()).open();
}
BENCHMARK(make_a_new_database);

void open_from_an_empty_image(benchmark::State& state) {
  const engine::DiskImage image = make_empty_database_image();
  for (auto _ : state) Machine(image).open();
}
BENCHMARK(open_from_an_empty_image);

// Machine, disk and environment alone, which open_from_an_empty_image includes.
void load_an_image(benchmark::State& state) {
  const engine::DiskImage image = make_empty_database_image();
  for (auto _ : state) benchmark::DoNotOptimize(Machine(image).disk.total_bytes());
}
BENCHMARK(load_an_image);

// Arguments: records in the log; whether logs are reused.
void reopen(benchmark::State& state) {
  Machine machine{engine::DiskImage()};
  {
    const auto store = machine.open();
    for (int64_t number = 0; number < state.range(0); ++number) put_synced(*store, number);
  }
  const engine::DiskImage image = machine.disk.image();
  for (auto _ : state) Machine(image).open({.reuse_logs = state.range(1) != 0});
}
BENCHMARK(reopen)
    ->ArgNames({
        "records", "reuse_logs"
})
    ->ArgsProduct({{20, 200}, {1, 0}});

// A run of so many puts of 200 bytes on a new store; time is for all of them.
void put_200_bytes_synced(benchmark::State& state) {
  const engine::DiskImage image = make_empty_database_image();
  for (auto _ : state) {
    Machine machine(image);
    const auto store = machine.open();
    for (int64_t number = 0; number < state.range(0); ++number) put_synced(*store, number);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(put_200_bytes_synced)->Arg(20)->Arg(1'000)->Arg(20'000);

void get(benchmark::State& state) {
  Machine machine{engine::DiskImage()};
  const auto store = machine.open();
  for (int64_t number = 0; number < state.range(0); ++number) put_synced(*store, number);
  int64_t number = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(store->get("v/secret-" + std::to_string(number)));
    number = (number + 7'919) % state.range(0);
  }
}
BENCHMARK(get)->ArgName("records")->Arg(100)->Arg(20'000);

void scan_100_records(benchmark::State& state) {
  Machine machine{engine::DiskImage()};
  const auto store = machine.open();
  for (int64_t number = 0; number < 100; ++number) put_synced(*store, number);
  for (auto _ : state) {
    std::size_t bytes = 0;
    const auto scanned = store->scan("v/", [&](std::string_view, std::string_view value) {
      bytes += value.size();
      return true;
    });
    FL_CHECK(scanned.has_value() && bytes == 20'000);
  }
}
BENCHMARK(scan_100_records);

}  // namespace
}  // namespace faultline::regions
