// World: an AWS account, its regions, their keys, and the simulation in which they live. Built from
// a scenario or in C++.
//
//     World world({.regions = {"us-west-2", "us-east-1"}, .seed = 7});
//     auto west = world.client("us-west-2");
//     west.create_secret("db", "hunter2", {"us-east-1"});
//     world.run_for(engine::Duration::seconds(5));
//     world.client("us-east-1").value("db");        // "hunter2"
//
// Threads    a World belongs to one thread; many Worlds may run on many threads.
// Errors     calls answer as AWS does (Result); naming a region that the world does not have is a
//            mistake of the caller (FL_CHECK).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/disk.h"
#include "engine/fault_injector.h"
#include "engine/simulation.h"
#include "kms/kms.h"
#include "proto/account_api.pb.h"
#include "proto/fault.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/account.h"
#include "regions/error.h"
#include "regions/front_door.h"
#include "regions/kms_gateway.h"
#include "regions/region.h"
#include "regions/replication/protocol.h"
#include "regions/rotation/function.h"
#include "regions/services.h"

namespace faultline::regions {

struct WorldImage;

struct WorldOptions {
  std::vector<std::string> regions;
  std::uint64_t seed = 1;
  std::string account = "123456789012";
  std::int64_t epoch_unix_ns = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
  engine::LinkConditions links{};
  ServiceConfig service{};
  // Default: made by the world. A sweep makes it once (level_kv_store.h) and hands it to every
  // world.
  engine::DiskImage empty_database{};
  // Default: the built-in protocols. Shared, so that a sweep builds it once; not changed while a
  // world uses it.
  std::shared_ptr<const ProtocolRegistry> protocols{};
  // What stands in for Lambda functions, besides those that every region has
  // (rotation/functions.h).
  std::vector<RotationFunction> rotation_functions{};
  // What the world begins with (world_image.h). Null: nothing. Regions that it does not know are
  // new; the time is not in it: say `epoch_unix_ns`.
  std::shared_ptr<const WorldImage> image{};
  // Called for each region when its disk holds its first files and before anything happens on it:
  // here real files are put behind it (engine/disk_backing.h).
  std::function<void(const std::string& region, engine::Disk& disk)> adopt_disk{};
  // What keys are made of. Default: the seed. A server that was given no seed takes it from the
  // operating system.
  std::function<void(std::span<std::byte>)> entropy{};
  kms::WrapSuite wrap_suite = kms::WrapSuite::Simulation;
};

class Client;
class Observer;
class OtherServices;
class RequestQuotas;
class RotationFunctions;

class World final : private engine::FaultDomain {
 public:
  using Reply = Region::Reply;
  using KmsReply = std::function<void(Result<v1::KmsResponse>)>;
  using AccountReply = std::function<void(Result<v1::AccountResponse>)>;

  explicit World(WorldOptions options);
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // ---- calls ------------------------------------------------------------------------------------
  // Calls a region's front door now. The reply comes in virtual time, exactly once;
  // "ConnectionClosed" if the region is down or dies before it answers. `principal`: a name or an
  // ARN that the account knows.
  void call(std::string_view region, std::string_view principal, v1::ApiRequest request,
            Reply reply);
  // Calls a region's KMS, which does not die with the region's process. The reply comes in virtual
  // time, exactly once.
  void call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                KmsReply reply);
  // Calls the Account API, which is in no region.
  void call_account(std::string_view principal, v1::AccountRequest request, AccountReply reply);
  // Runs the world until the reply is there.
  [[nodiscard]] Result<v1::ApiResponse> call_and_wait(std::string_view region,
                                                      std::string_view principal,
                                                      v1::ApiRequest request);
  // Typed verbs for tests and examples, as "admin".
  [[nodiscard]] Client client(std::string_view region);
  // A ClientRequestToken, as the SDKs make one when the caller gives none: a UUID keyed by (seed,
  // what it is for, how often that was asked before).
  [[nodiscard]] std::string make_token(const std::string& purpose);

  // ---- time -------------------------------------------------------------------------------------
  void run_for(engine::Duration duration);
  // Until nothing is left to happen but what waits in the background (the end of a recovery
  // window).
  void run_until_idle();
  [[nodiscard]] engine::Instant now() const;

  // ---- faults -----------------------------------------------------------------------------------
  std::uint64_t apply(const v1::Fault& fault);
  void heal(std::uint64_t fault);
  void heal_all();
  // Shorthands, in pairs.
  void cut(std::string_view one, std::string_view other);
  void mend(std::string_view one, std::string_view other);
  void crash(std::string_view region, v1::TornTail torn_tail = v1::LOSE_ALL);
  void restart(std::string_view region);
  void disable_region(std::string_view region);
  void enable_region(std::string_view region);

  // Told of everything from now on. Not owned; nullptr: nobody. One at a time.
  void set_observer(Observer* observer) { observer_ = observer; }

  // ---- parts ------------------------------------------------------------------------------------
  [[nodiscard]] engine::Simulation& simulation() { return simulation_; }
  [[nodiscard]] Account& account() { return account_; }
  [[nodiscard]] const ServiceConfig& service() const { return options_.service; }
  [[nodiscard]] kms::Kms& kms(std::string_view region);
  // What is in the way to it, at the moment.
  [[nodiscard]] const KmsTroubles& kms_troubles(std::string_view region);
  [[nodiscard]] const FrontDoor& front_door() const { return front_door_; }
  // KMS and the Account API as clients meet them, and what keys and regions do by themselves.
  [[nodiscard]] OtherServices& other_services() { return *other_services_; }
  // nullptr: nobody listens.
  [[nodiscard]] Observer* observer() const { return observer_; }
  // nullptr while it is down.
  [[nodiscard]] Region* region(std::string_view name);
  [[nodiscard]] const std::vector<std::string>& regions() const { return region_names_; }
  [[nodiscard]] bool has_region(std::string_view name) const;
  [[nodiscard]] std::uint64_t calls_made() const { return calls_made_; }
  [[nodiscard]] const RotationFunctions& rotation_functions() const { return *rotation_functions_; }

  // ---- all of it (world_image.h) ----------------------------------------------------------------
  // Another world that is built from it goes on from here with luck of its own. What is in flight
  // and the faults in force are not in it. Nothing of this world changes.
  [[nodiscard]] WorldImage image();
  // 32 hex digits: equal for equal contents of all stores and all KMS. Reads everything.
  [[nodiscard]] std::string state_hash();
  // How many worlds this one's contents have lived in before.
  [[nodiscard]] std::uint64_t life() const { return life_; }

  // What differs between a primary and its replicas, in words; empty: they have converged
  // (inspector.h).
  [[nodiscard]] std::string convergence_gap(std::string_view secret_name);

 private:
  class RegionalEntropy;
  // A region with what outlives its process.
  struct Place {
    Place(const std::string& region, World& world, const ProtocolFactory& protocol);
    ~Place();

    std::unique_ptr<RegionalEntropy> entropy;
    kms::Kms kms;
    // Null unless the service has request quotas. `troubles` knows them, too.
    std::unique_ptr<RequestQuotas> quotas;
    KmsTroubles troubles;
    std::uint32_t old_binaries = 0;
    std::map<std::uint64_t, engine::DiskImage> backups;  // by fault
    RegionSurroundings surroundings;
    engine::ActorId actor;
  };
  struct PendingCall {
    std::string region;
    std::string operation;
    std::string secret;
    Reply reply;
  };

  bool apply(const v1::Fault& fault, std::uint64_t fault_id) override;
  void heal(const v1::Fault& fault, std::uint64_t fault_id) override;
  void on_life_cycle(engine::ActorId actor, bool up);
  // The region begins as it was. REQUIRES: nothing has happened there.
  void load(const WorldImage& image, const std::string& region);
  // ---- world_faults.cpp -------------------------------------------------------------------------
  bool apply_to_kms(const v1::Fault& fault, std::uint64_t fault_id);
  void rotate(const v1::KeyRotated& rotated);
  // Adds what a fault does between a region and its KMS, or takes it back.
  bool change_troubles(const v1::Fault& fault, bool begins);
  bool apply_to_region(const v1::Fault& fault, std::uint64_t fault_id);
  void replace_process(Place& place, std::optional<engine::DiskImage> disk);
  Place& place(std::string_view region);
  void finish(std::uint64_t call_id, Result<v1::ApiResponse> result);

  WorldOptions options_;
  const std::uint64_t life_;
  engine::Simulation simulation_;
  Account account_;
  kms::SecretBytes channel_root_;
  engine::DiskImage empty_database_;
  std::vector<std::string> region_names_;
  std::unique_ptr<RotationFunctions> rotation_functions_;
  std::vector<std::unique_ptr<Place>> places_;
  std::map<std::uint64_t, PendingCall> pending_;
  std::map<std::string, std::uint64_t> tokens_made_;
  std::uint64_t calls_made_ = 0;
  FrontDoor front_door_;
  Observer* observer_ = nullptr;
  std::unique_ptr<OtherServices> other_services_;
};

// One region's front door with short verbs. Each runs the world until the answer is there.
class Client {
 public:
  Client(World& world, std::string region) : world_(world), region_(std::move(region)) {}

  Result<v1::CreateSecretResponse> create_secret(std::string name, std::string value,
                                                 std::vector<std::string> replicas = {});
  Result<v1::PutSecretValueResponse> put(std::string secret, std::string value);
  // The current value as text, or the error's code in angle brackets:
  // "<ResourceNotFoundException>".
  std::string value(std::string secret);
  Result<v1::DescribeSecretResponse> describe(std::string secret);
  // "InProgress", "InSync", "Failed: <message>"; empty: no such replica.
  std::string replica_status(std::string secret, std::string replica_region);
  Result<v1::ApiResponse> call(v1::ApiRequest request);

 private:
  World& world_;
  std::string region_;
};

}  // namespace faultline::regions
