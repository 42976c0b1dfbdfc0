// What an envelope costs: wrapping and unwrapping data keys, sealing and opening values, and a
// whole KMS. Means something in an optimised build only.
#include <string>

#include <benchmark/benchmark.h>

#include "kms/envelope.h"
#include "kms/kms.h"
#include "tests/kms/test_environment.h"

namespace faultline::kms {
namespace {

const EncryptionContext kContext{
    {"SecretARN",       "arn:aws:secretsmanager:us-east-1:111122223333:secret:MySecret-a1b2c3"},
    {"SecretVersionId", "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"                                }
};
const Caller kAlice{.principal_arn = "arn:aws:iam::111122223333:user/alice"};
const std::string kIv(kIvBytes, 'i');

SecretBytes some_key() { return SecretBytes::copy_of(std::string(kKeyBytes, 'k')); }

BackingCipher some_backing_cipher() {
  static constexpr std::string_view kMaterialId = "0123456789abcdef0123456789abcdef";
  const SecretBytes material = some_key();
  return BackingCipher({.account = "111122223333",
                        .key_id = "1234abcd-12ab-34cd-56ef-1234567890ab",
                        .material_id = kMaterialId,
                        .material = &material});
}

void wrap(benchmark::State& state) {
  BackingCipher cipher = some_backing_cipher();
  const std::string context = canonical_context(kContext);
  const std::string data_key(kKeyBytes, 'd');
  for (auto _ : state) benchmark::DoNotOptimize(cipher.wrap(context, data_key));
}
BENCHMARK(wrap);

void unwrap(benchmark::State& state) {
  BackingCipher cipher = some_backing_cipher();
  const std::string context = canonical_context(kContext);
  const std::string blob = cipher.wrap(context, std::string(kKeyBytes, 'd'));
  for (auto _ : state) benchmark::DoNotOptimize(cipher.unwrap(*parse_blob(blob), context));
}
BENCHMARK(unwrap);

void wrap_salted(benchmark::State& state) {
  BackingCipher cipher = some_backing_cipher();
  const std::string context = canonical_context(kContext);
  const std::string data_key(kKeyBytes, 'd');
  const std::string salt(kSaltBytes, 's');
  for (auto _ : state) {
    benchmark::DoNotOptimize(cipher.wrap_salted(salt, kIv, context, data_key));
  }
}
BENCHMARK(wrap_salted);

// One data key for each value, with and without a cipher that is kept between them.
void seal_value_alone(benchmark::State& state) {
  const SecretBytes key = some_key();
  const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
  for (auto _ : state) {
    benchmark::DoNotOptimize(seal_value(key, kContext.at("SecretARN"), "v1", kValueString,
                                        std::as_bytes(std::span(kIv)), value));
  }
}
BENCHMARK(seal_value_alone)->Arg(32)->Arg(4096)->Arg(65536);

void seal_value_with_kept_cipher(benchmark::State& state) {
  const SecretBytes keys[2] = {some_key(), SecretBytes(kKeyBytes)};
  Aead cipher(keys[0]);
  const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
  std::size_t turn = 0;
  for (auto _ : state) {
    cipher.set_key(keys[++turn % 2]);
    benchmark::DoNotOptimize(seal_value(cipher, kContext.at("SecretARN"), "v1", kValueString,
                                        std::as_bytes(std::span(kIv)), value));
  }
}
BENCHMARK(seal_value_with_kept_cipher)->Arg(32)->Arg(4096)->Arg(65536);

void open_value_alone(benchmark::State& state) {
  const SecretBytes key = some_key();
  const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
  const std::string record = seal_value(key, kContext.at("SecretARN"), "v1", kValueString,
                                        std::as_bytes(std::span(kIv)), value);
  for (auto _ : state) {
    benchmark::DoNotOptimize(open_value(key, kContext.at("SecretARN"), "v1", kValueString, record));
  }
}
BENCHMARK(open_value_alone)->Arg(32)->Arg(4096)->Arg(65536);

// The luck of this environment is a SHA-256, about half a microsecond, and is in the figure.
void kms_generate_data_key(benchmark::State& state) {
  TestEnvironment environment;
  Kms kms("111122223333", "us-east-1", environment);
  const std::string key = kms.create_key({})->key_id;
  for (auto _ : state) benchmark::DoNotOptimize(kms.generate_data_key(kAlice, key, kContext));
}
BENCHMARK(kms_generate_data_key);

void kms_decrypt(benchmark::State& state) {
  TestEnvironment environment;
  Kms kms("111122223333", "us-east-1", environment);
  const std::string key = kms.create_key({})->key_id;
  const std::string blob = kms.generate_data_key(kAlice, key, kContext)->blob;
  for (auto _ : state) benchmark::DoNotOptimize(kms.decrypt(kAlice, blob, kContext));
}
BENCHMARK(kms_decrypt);

void kms_construct(benchmark::State& state) {
  TestEnvironment environment;
  for (auto _ : state) {
    Kms kms("111122223333", "us-east-1", environment);
    benchmark::DoNotOptimize(&kms);
  }
}
BENCHMARK(kms_construct);

// As a small world does it: build, make the managed key, write one version, read it.
void kms_construct_and_use_once(benchmark::State& state) {
  const Caller service{.principal_arn = kAlice.principal_arn,
                       .via_service = "secretsmanager.us-east-1.amazonaws.com"};
  for (auto _ : state) {
    TestEnvironment environment;
    Kms kms("111122223333", "us-east-1", environment);
    const auto data_key = kms.generate_data_key(service, kManagedAlias, kContext);
    benchmark::DoNotOptimize(kms.decrypt(service, data_key->blob, kContext));
  }
}
BENCHMARK(kms_construct_and_use_once);

}  // namespace
}  // namespace faultline::kms
