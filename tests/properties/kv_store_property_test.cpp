// LevelKvStore against a model, under random batches, faults, power cuts and openings. The model
// (tests/regions/store_machine.h) is the list of contents that may be found: one for each batch
// that a crash may lose. So each opening checks that
//   - a batch is there as a whole or not at all,
//   - what was acknowledged with sync is there,
//   - what is there is a prefix of what was written, and what was read once stays,
// and each step, that reads show exactly what was accepted.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "engine/hash.h"
#include "tests/regions/store_machine.h"

namespace faultline::regions {
namespace {

struct Change {
  uint32_t key = 0;
  // Bytes of the value; negative: the key is erased.
  int32_t size = 0;
};

enum class Verb {
  Write,
  WriteSynced,
  Reopen,
  Crash,
  LosePowerSoon,
  FailOnceSoon,
  Break,
  Heal,
};

struct Step {
  Verb verb = Verb::Write;
  std::vector<Change> changes;
  v1::TornTail tail = v1::LOSE_ALL;
  // How many operations on the disk still succeed.
  uint64_t operations = 0;
  engine::DiskFaults faults;
};

std::string describe(const engine::DiskFaults& faults) {
  std::string text;
  if (faults.fail_writes) text += " fail_writes";
  if (faults.fail_syncs) text += " fail_syncs";
  if (faults.fail_reads) text += " fail_reads";
  if (faults.full) text += " full";
  if (faults.lose_renames) text += " lose_renames";
  return text;
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  switch (step.verb) {
    case Verb::Write:
    case Verb::WriteSynced:
      out << (step.verb == Verb::Write ? "write" : "write synced");
      for (const Change& change : step.changes) {
        if (change.size < 0) {
          out << " -k" << change.key;
        } else {
          out << " k" << change.key << "=" << change.size << " bytes";
        }
      }
      return out;
    case Verb::Reopen:
      return out << "reopen";
    case Verb::Crash:
      return out << "crash " << v1::TornTail_Name(step.tail);
    case Verb::LosePowerSoon:
      return out << "lose power after " << step.operations << " operations";
    case Verb::FailOnceSoon:
      return out << "fail once after " << step.operations << " operations";
    case Verb::Break:
      return out << "break" << describe(step.faults);
    case Verb::Heal:
      return out << "heal";
  }
  return out;
}

rc::Gen<Change> any_change() {
  // A batch of a few large values fills a third of the write buffer.
  const auto size = rc::gen::weightedOneOf<int32_t>({
      {3,        rc::gen::inRange<int32_t>(0, 60)},
      {1,        rc::gen::inRange<int32_t>(1'000,                                   30'000)},
      {1, rc::gen::just<int32_t>(-1)},
  });
  return rc::gen::build<Change>(rc::gen::set(&Change::key, rc::gen::inRange<uint32_t>(0, 8)),
                                rc::gen::set(&Change::size, size));
}

rc::Gen<engine::DiskFaults> any_faults() {
  using engine::DiskFaults;
  return rc::gen::build<DiskFaults>(
      rc::gen::set(&DiskFaults::fail_writes), rc::gen::set(&DiskFaults::fail_syncs),
      rc::gen::set(&DiskFaults::fail_reads), rc::gen::set(&DiskFaults::full),
      rc::gen::set(&DiskFaults::lose_renames));
}

rc::Gen<Step> any_step() {
  const auto verb = rc::gen::weightedElement<Verb>({
      {12, Verb::Write        },
      {6,  Verb::WriteSynced  },
      {1,  Verb::Reopen       },
      {2,  Verb::Crash        },
      {2,  Verb::LosePowerSoon},
      {2,  Verb::FailOnceSoon },
      {1,  Verb::Break        },
      {2,  Verb::Heal         },
  });
  // Up to six changes a batch.
  const auto changes = rc::gen::scale(0.06, rc::gen::container<std::vector<Change>>(any_change()));
  return rc::gen::build<Step>(
      rc::gen::set(&Step::verb, verb), rc::gen::set(&Step::changes, changes),
      rc::gen::set(&Step::tail, rc::gen::element(v1::LOSE_ALL, v1::TEAR, v1::KEEP_ALL)),
      rc::gen::set(&Step::operations, rc::gen::inRange<uint64_t>(0, 30)),
      rc::gen::set(&Step::faults, any_faults()));
}

using Steps = std::vector<Step>;

rc::Gen<Steps> any_steps() { return rc::gen::scale(2.0, rc::gen::container<Steps>(any_step())); }

class Player {
 public:
  explicit Player(StoreMachine& machine) : machine_(machine) {}

  void play(const Steps& steps) {
    ensure_open();
    for (const Step& step : steps) {
      play(step);
      // A process that cannot write dies, and is started again.
      if (machine_.disk().is_frozen()) crash(step.tail);
      if (!machine_.is_open() || !machine_.store()->healthy()) ensure_open();
      if (!machine_.disk().faults().fail_reads) machine_.check_reads();
      RC_ASSERT(machine_.complaint() == "");
    }
    machine_.disk().faults() = {};
    for (const auto tail : {v1::TEAR, v1::LOSE_ALL}) {
      crash(tail);
      ensure_open();
      RC_ASSERT(machine_.put("last", "word"));
      RC_ASSERT(machine_.complaint() == "");
    }
  }

 private:
  void play(const Step& step) {
    switch (step.verb) {
      case Verb::Write:
      case Verb::WriteSynced:
        machine_.write(batch_of(step), step.verb == Verb::Write ? Sync::No : Sync::Yes);
        break;
      case Verb::Reopen:
        machine_.close();
        break;
      case Verb::Crash:
        crash(step.tail);
        break;
      case Verb::LosePowerSoon:
        machine_.disk().freeze_after(step.operations);
        break;
      case Verb::FailOnceSoon:
        machine_.disk().fail_once_after(step.operations);
        break;
      case Verb::Break:
        machine_.disk().faults() = step.faults;
        break;
      case Verb::Heal:
        machine_.disk().faults() = {};
        break;
    }
  }

  WriteBatch batch_of(const Step& step) {
    WriteBatch batch;
    for (const Change& change : step.changes) {
      const std::string key = "k" + std::to_string(change.key);
      if (change.size < 0) {
        batch.erase(key);
      } else {
        // Every value is told from every other.
        std::string value = std::to_string(++values_) + ":";
        value.resize(value.size() + static_cast<std::size_t>(change.size), 'v');
        batch.put(key, std::move(value));
      }
    }
    return batch;
  }

  void crash(v1::TornTail tail) { machine_.crash(tail); }

  // Again after power is back and the faults are healed, when it must succeed.
  void ensure_open() {
    if (machine_.open()) return;
    if (machine_.disk().is_frozen()) crash(v1::TEAR);
    machine_.disk().thaw();
    machine_.disk().faults() = {};
    const bool opened = machine_.open();
    if (!opened) RC_FAIL(machine_.error());
  }

  StoreMachine& machine_;
  uint64_t values_ = 0;
};

RC_GTEST_PROP(KvStoreProperty, HoldsAPrefixWithAllThatWasSynced, (uint64_t seed, bool reuse_logs)) {
  StoreMachine machine(seed, {.reuse_logs = reuse_logs});
  Player(machine).play(*any_steps().as("steps"));
}

// The same steps leave the same bytes, and sync the same bytes on the way.
RC_GTEST_PROP(KvStoreProperty, IsDeterministic, (uint64_t seed)) {
  const Steps steps = *any_steps().as("steps");
  const auto fingerprint = [&] {
    engine::HashChain chain;
    StoreMachine machine(seed);
    machine.disk().set_sync_observer(
        [&](std::string_view file, uint64_t bytes, uint64_t digest, std::string_view outcome) {
          chain.add(file);
          chain.add(std::to_string(bytes) + "/" + std::to_string(digest));
          chain.add(outcome);
        });
    Player(machine).play(steps);
    machine.disk().scan([&](std::string_view name, std::string_view bytes) {
      chain.add(name);
      chain.add(bytes);
    });
    return chain.value().to_hex();
  };
  RC_ASSERT(fingerprint() == fingerprint());
}

}  // namespace
}  // namespace faultline::regions
