// KmsGateway: a region's way to its KMS. The KMS itself (kms/kms.h) answers at once; here a call
// takes virtual time, is recorded in the trace, and is made in a principal's name through the
// Secrets Manager service.
//
// The KMS is a service of its own: it does not die with the region's process, and a key's state is
// asked when the answer is made, not when the question is put, so that a key disabled in between is
// seen.
#pragma once

#include <cstdint>
#include <string>

#include "engine/actor.h"
#include "engine/task.h"
#include "kms/kms.h"
#include "proto/kms.pb.h"

namespace faultline::regions {

class Account;
class Observer;
class RequestQuotas;

// What faults do between a region and its KMS, at the moment.
struct KmsTroubles {
  // Extra time on every call.
  engine::Duration slowness = engine::Duration::zero();
  // Faults that let calls take effect and their answers be lost: the caller is told so, late.
  std::uint32_t timeouts = 0;
  // Faults that put another encryption context into what is to be decrypted.
  std::uint32_t mismatches = 0;
  // Not a fault, but in the way, too: how many requests the account may make of this region's KMS
  // (quotas.h). Null: as many as it likes.
  RequestQuotas* quotas = nullptr;
};

class KmsGateway {
 public:
  // All outlive the gateway. `latency`: a call takes between this and twice this.
  KmsGateway(engine::ActorContext& ctx, const Account& account, kms::Kms& kms,
             engine::Duration latency, const KmsTroubles& troubles);

  // Not owned, and may change meanwhile; nullptr: nobody listens.
  void set_observer(Observer* const* observer) { observer_ = observer; }

  // ---- for API operations: each takes virtual time ----------------------------------------------
  engine::Task<kms::Result<kms::Kms::DataKey>> generate_data_key(std::string principal_arn,
                                                                 std::string key_id,
                                                                 kms::EncryptionContext context);
  engine::Task<kms::Result<kms::Kms::Plaintext>> decrypt(std::string principal_arn,
                                                         std::string blob,
                                                         kms::EncryptionContext context);
  engine::Task<kms::Result<kms::Kms::Ciphertext>> encrypt(std::string principal_arn,
                                                          std::string key_id,
                                                          kms::EncryptionContext context,
                                                          kms::SecretBytes plaintext);

  // ---- for replication, which waits on timers of its own
  // ------------------------------------------------------------------------------ How long the
  // next call is to take; each call draws anew.
  [[nodiscard]] engine::Duration draw_latency();
  [[nodiscard]] kms::Result<kms::Kms::DataKey> generate_data_key_now(
      const std::string& principal_arn, const std::string& key_id,
      const kms::EncryptionContext& context);
  [[nodiscard]] kms::Result<kms::Kms::Plaintext> decrypt_now(const std::string& principal_arn,
                                                             const std::string& blob,
                                                             const kms::EncryptionContext& context);

  [[nodiscard]] kms::Kms& kms() { return kms_; }

 private:
  void record(std::string_view operation, std::string_view key, std::string_view outcome,
              const kms::EncryptionContext& context);
  template <class T>
  kms::Result<T> recorded(std::string_view operation, const std::string& principal_arn,
                          std::string_view key, std::string_view blob,
                          const kms::EncryptionContext& context, kms::Result<T> result);
  engine::ActorContext& ctx_;
  const Account& account_;
  kms::Kms& kms_;
  engine::Duration latency_;
  const KmsTroubles& troubles_;
  engine::RandomStream luck_;
  // kms:ViaService
  std::string via_service_;
  Observer* const* observer_ = nullptr;
};

// The context that Secrets Manager gives with every KMS call.
// Source  AWS Secrets Manager User Guide, "Secret encryption and decryption": SecretARN and
// SecretVersionId.
[[nodiscard]] kms::EncryptionContext encryption_context(const std::string& secret_arn,
                                                        const std::string& version_id);

// The key that a secret names, or the managed one.
[[nodiscard]] inline std::string key_or_default(const std::string& kms_key_id) {
  return kms_key_id.empty() ? std::string(kms::kManagedAlias) : kms_key_id;
}

}  // namespace faultline::regions
