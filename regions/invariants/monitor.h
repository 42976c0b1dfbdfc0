// Monitor: watches a world and says which properties (property.h) it breaks, and when.
//
//     World world(options);
//     Monitor monitor(world);
//     world.simulation().set_after_event([&] { monitor.after_event(); });
//     …
//     monitor.at_end({.came_to_rest = true});
//     for (const PropertyViolation& seen : monitor.violations()) …
//
// Evidence   what the stores commit and hold, what clients ask and are told, what is sent and what
//            arrives, what KMS is asked: never what a protocol says of itself. A protocol that
//            sends other messages than the built-in one is held to what its stores show.
// Exemptions A disk that lies or is changed behind the store's back (lying syncs, bit rot, writes
//            that go astray, a wiped disk, an old backup) may lose what was acknowledged: what is
//            about durability is not owed any more to secrets that have a copy there. Every other
//            fault exempts from nothing, but for the time that it takes.
// Effects    none: the world does the same, watched or not.
// Cost       an event that changed nothing costs nanoseconds; a commit a few microseconds; every
//            256 events all that is stored is read and judged again.
// Lifetime   made before the world's first call, gone before the world.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time.h"
#include "proto/fault.pb.h"
#include "regions/invariants/property.h"
#include "regions/observer.h"

namespace faultline::regions {

class World;
class Overseer;

struct PropertyViolation {
  Property property{};
  // In plain words; names secrets, regions and versions, never a value.
  std::string found;
  // Empty where it is about none.
  std::string secret;
  std::string region;
  engine::Instant at;
  // The trace event that was newest when it was seen.
  std::uint64_t event = 0;
  // Trace events that show it, in order.
  std::vector<std::uint64_t> witnesses;
};

struct MonitorOptions {
  // How many events lie between two readings of everything.
  std::uint64_t sweep_every = 256;
  // What tells the time; empty: the world. Whatever it is, it is held to S37.
  std::function<engine::Instant()> clock{};
};

struct EndState {
  // Everything was healed before, and the world was given time.
  bool settled = false;
  // Nothing but what waits in the background was left to happen.
  bool came_to_rest = false;
  // How long it was given.
  engine::Duration bound{};
  // Regions that stay down for good: nothing is owed to them.
  std::vector<std::string> dead_regions{};
};

class Monitor final : public Observer {
 public:
  // Watches from now on. The world outlives the monitor.
  explicit Monitor(World& world, MonitorOptions options = {});
  ~Monitor() override;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // After every event of the simulation.
  void after_event();
  // Something was done to the world that is no fault of the injector's, or is about to be.
  void fault_applied(const v1::Fault& fault);
  // Everything has just been healed.
  void settle_begins();
  // Reads and judges everything once more, and what should have come to pass. Once.
  void at_end(const EndState& end);
  // A second run of the same scenario and seed was compared with this one.
  void was_repeated(bool equal);

  // In the order in which they were seen: the first matters most. At most one for each property,
  // secret and region.
  [[nodiscard]] const std::vector<PropertyViolation>& violations() const;
  // How often each property had something to judge: 0 means that the run says nothing of it.
  [[nodiscard]] const std::array<std::uint64_t, kProperties>& held() const;

  // ---- Observer ---------------------------------------------------------------------------------
  void on_call(const CallSeen& call) override;
  void on_answer(const AnswerSeen& answer) override;
  void on_commit(std::string_view region, const Transaction& transaction) override;
  void on_commit_lost(std::string_view region, const Transaction& transaction) override;
  void on_message(const MessageSeen& message) override;
  void on_delivery(const MessageSeen& message) override;
  void on_kms_call(const KmsCallSeen& call) override;
  void on_kms_request(const KmsRequestSeen& request) override;
  void on_life(std::string_view region, bool up) override;
  void on_store(std::string_view region, bool open) override;
  void on_fault(const v1::Fault& fault, bool begins) override;

 private:
  World& world_;
  std::unique_ptr<Overseer> overseer_;
};

}  // namespace faultline::regions
