// OtherServices: KMS and the Account API as a client of a World meets them, and what keys and
// regions do by themselves meanwhile. World::call_kms and World::call_account come here.
//
// KMS      A service of its own in each region: it answers while the region's process is down. A
//          call takes as long as Secrets Manager's own calls of KMS (kms_gateway.h), takes effect
//          when the answer is made, and meets the same faults; clients that cannot reach the
//          region do not reach its KMS.
// Account  In no region. A call takes as long as one to KMS.
// Trace    SERVICE_CALL_STARTED and SERVICE_CALL_ENDED: never a plaintext.
// Costs    A world that calls neither schedules nothing, draws nothing and traces nothing here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/time.h"
#include "proto/account_api.pb.h"
#include "proto/kms_api.pb.h"
#include "regions/error.h"

namespace faultline::regions {

class World;

class OtherServices {
 public:
  using KmsReply = std::function<void(Result<v1::KmsResponse>)>;
  using AccountReply = std::function<void(Result<v1::AccountResponse>)>;

  // The world outlives this.
  explicit OtherServices(World& world);
  ~OtherServices();
  OtherServices(const OtherServices&) = delete;
  OtherServices& operator=(const OtherServices&) = delete;

  // As World::call_kms and World::call_account.
  void call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                KmsReply reply);
  void call_account(std::string_view principal, v1::AccountRequest request, AccountReply reply);

  // Whoever changed a region's keys behind KMS's front door says so: what the keys are to do by
  // themselves is looked up again.
  void keys_changed(std::string_view region);
  // How long keys and regions need at most until they are at rest, if nothing is in their way. Zero:
  // they are.
  [[nodiscard]] engine::Duration busy_for() const;
  // A fault has ended, or is about to.
  void fault_ended();
  // Everything that keys and regions are to do by themselves is looked up anew: for a world that
  // was restored.
  void resume();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faultline::regions
