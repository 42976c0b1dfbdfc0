#include "regions/kms_gateway.h"

#include <utility>

#include "proto/trace.pb.h"
#include "regions/access/authorize.h"
#include "regions/observer.h"
#include "regions/quotas.h"

namespace faultline::regions {

using engine::Duration;
using engine::Task;
using kms::EncryptionContext;
using kms::Kms;

kms::EncryptionContext encryption_context(const std::string& secret_arn,
                                          const std::string& version_id) {
  return {
      {"SecretARN",       secret_arn},
      {"SecretVersionId", version_id}
  };
}

namespace {

// One call by this principal through Secrets Manager.
access::KmsCall call_by(const std::string& principal_arn, const Account& account,
                        const engine::ActorContext& ctx, const std::string& via_service) {
  return {account, ctx.name(), principal_arn, via_service, ctx.wall_unix_ns()};
}

}  // namespace

KmsGateway::KmsGateway(engine::ActorContext& ctx, const Account& account, Kms& kms,
                       Duration latency, const KmsTroubles& troubles)
    : ctx_(ctx),
      account_(account),
      kms_(kms),
      latency_(latency),
      troubles_(troubles),
      luck_(ctx.random("kms/latency")),
      via_service_("secretsmanager." + ctx.name() + ".amazonaws.com") {}

Duration KmsGateway::draw_latency() {
  return luck_.between(ctx_.next_index("kms/latency"), latency_, latency_ + latency_) +
         troubles_.slowness;
}

void KmsGateway::record(std::string_view operation, std::string_view key, std::string_view outcome,
                        const EncryptionContext& context) {
  const auto arn = context.find("SecretARN");
  ctx_.record({.kind = v1::KMS_CALL,
               .subject = key,
               .verb = operation,
               .outcome = outcome,
               .text = arn == context.end() ? std::string_view() : std::string_view(arn->second)});
}

template <class T>
kms::Result<T> KmsGateway::recorded(std::string_view operation, const std::string& principal_arn,
                                    std::string_view key, std::string_view blob,
                                    const EncryptionContext& context, kms::Result<T> result) {
  // AWS KMS API Reference, "Common Errors": DependencyTimeoutException.
  if (troubles_.timeouts > 0) {
    result = kms::fail(kms::code::kDependencyTimeout,
                       "The system timed out while trying to fulfill the request.");
  }
  // AWS KMS Developer Guide, "Throttling AWS KMS requests": what a service asks on somebody's
  // behalf counts against that account's quota.
  if (troubles_.quotas != nullptr &&
      !troubles_.quotas->admit(RequestQuotas::Service::Kms, operation, ctx_.now())) {
    result = kms::fail(kms::code::kThrottling,
                       std::string(RequestQuotas::refusal(RequestQuotas::Service::Kms)));
  }
  record(operation, result ? std::string_view(result->key_arn) : key,
         result ? "OK" : std::string_view(result.error().code), context);
  if (observer_ != nullptr && *observer_ != nullptr) {
    if constexpr (requires { result->blob; }) {
      if (result) blob = result->blob;
    }
    (*observer_)
        ->on_kms_call({.region = ctx_.name(),
                       .operation = operation,
                       .principal_arn = principal_arn,
                       .key = result ? std::string_view(result->key_arn) : key,
                       .context = context,
                       .error = result ? std::string_view() : std::string_view(result.error().code),
                       .blob = blob});
  }
  return result;
}

kms::Result<Kms::DataKey> KmsGateway::generate_data_key_now(const std::string& principal_arn,
                                                            const std::string& key_id,
                                                            const EncryptionContext& context) {
  const auto call = call_by(principal_arn, account_, ctx_, via_service_);
  return recorded("GenerateDataKey", principal_arn, key_id, {}, context,
                  kms_.generate_data_key(call.caller(), key_id, context));
}

kms::Result<Kms::Plaintext> KmsGateway::decrypt_now(const std::string& principal_arn,
                                                    const std::string& blob,
                                                    const EncryptionContext& context) {
  EncryptionContext given = context;
  if (troubles_.mismatches > 0) given["SecretVersionId"] += "-other";
  const auto call = call_by(principal_arn, account_, ctx_, via_service_);
  return recorded("Decrypt", principal_arn, {}, blob, context,
                  kms_.decrypt(call.caller(), blob, given));
}

Task<kms::Result<Kms::DataKey>> KmsGateway::generate_data_key(std::string principal_arn,
                                                              std::string key_id,
                                                              EncryptionContext context) {
  co_await ctx_.sleep(draw_latency());
  co_return generate_data_key_now(principal_arn, key_id, context);
}

Task<kms::Result<Kms::Plaintext>> KmsGateway::decrypt(std::string principal_arn, std::string blob,
                                                      EncryptionContext context) {
  co_await ctx_.sleep(draw_latency());
  co_return decrypt_now(principal_arn, blob, context);
}

Task<kms::Result<Kms::Ciphertext>> KmsGateway::encrypt(std::string principal_arn,
                                                       std::string key_id,
                                                       EncryptionContext context,
                                                       kms::SecretBytes plaintext) {
  co_await ctx_.sleep(draw_latency());
  const auto call = call_by(principal_arn, account_, ctx_, via_service_);
  co_return recorded("Encrypt", principal_arn, key_id, {}, context,
                     kms_.encrypt(call.caller(), key_id, context, plaintext.chars()));
}

}  // namespace faultline::regions
