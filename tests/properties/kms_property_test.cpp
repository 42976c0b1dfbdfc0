// What holds of the KMS for every key, context and plaintext, and after every history.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "kms/envelope.h"
#include "kms/kms.h"
#include "proto/kms.pb.h"
#include "tests/kms/test_environment.h"

namespace faultline::kms {
namespace {

constexpr const char* kAccount = "111122223333";
constexpr const char* kRegion = "us-west-2";
const Caller kAlice{.principal_arn = "arn:aws:iam::111122223333:user/alice"};

// Short, of few different characters, so that contexts that are nearly the same come up.
rc::Gen<EncryptionContext> any_context() {
  const auto text = rc::gen::container<std::string>(rc::gen::element('a', 'b', '\0', '\xff'));
  return rc::gen::resize(4, rc::gen::container<EncryptionContext>(text, text));
}

rc::Gen<std::string> any_plaintext() {
  return rc::gen::resize(40, rc::gen::nonEmpty(rc::gen::arbitrary<std::string>()));
}

rc::Gen<WrapSuite> any_suite() {
  return rc::gen::element(WrapSuite::Simulation, WrapSuite::Salted);
}

// A KMS with one key.
struct World {
  explicit World(WrapSuite suite = WrapSuite::Simulation)
      : kms(kAccount, kRegion, environment, suite), key(kms.create_key({})->key_id) {}

  std::string encrypt(const EncryptionContext& context, std::string_view plaintext) {
    return kms.encrypt(kAlice, key, context, plaintext)->blob;
  }

  TestEnvironment environment;
  Kms kms;
  std::string key;
};

std::string outcome_of(Kms& kms, std::string_view blob, const EncryptionContext& context) {
  const auto opened = kms.decrypt(kAlice, blob, context);
  if (!opened) return opened.error().code + ": " + opened.error().message;
  return "ok: " + std::string(opened->plaintext.chars());
}

// ---- envelopes ----------------------------------------------------------------------------------

RC_GTEST_PROP(KmsProperty, WhatIsEncryptedIsDecrypted, ()) {
  World world(*any_suite());
  const EncryptionContext context = *any_context();
  const std::string plaintext = *any_plaintext();
  RC_ASSERT(outcome_of(world.kms, world.encrypt(context, plaintext), context) ==
            "ok: " + plaintext);
}

RC_GTEST_PROP(KmsProperty, ABlobOpensInItsOwnContextOnly, ()) {
  World world(*any_suite());
  const EncryptionContext sealed_in = *any_context();
  const EncryptionContext opened_in = *rc::gen::oneOf(rc::gen::just(sealed_in), any_context());
  const std::string outcome = outcome_of(world.kms, world.encrypt(sealed_in, "hunter2"), opened_in);
  RC_CLASSIFY(sealed_in == opened_in, "same");
  RC_ASSERT(outcome == (sealed_in == opened_in ? "ok: hunter2" : "InvalidCiphertextException: "));
}

RC_GTEST_PROP(KmsProperty, DifferentContextsHaveDifferentCanonicalForms, ()) {
  const EncryptionContext one = *any_context();
  const EncryptionContext two = *any_context();
  RC_ASSERT((canonical_context(one) == canonical_context(two)) == (one == two));
}

RC_GTEST_PROP(KmsProperty, AnyFlippedBitIsRejected, ()) {
  World world(*any_suite());
  const EncryptionContext context = *any_context();
  std::string blob = world.encrypt(context, *any_plaintext());
  for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
    const auto mask = static_cast<char>(1U << (bit % 8));
    blob[bit / 8] = static_cast<char>(blob[bit / 8] ^ mask);
    RC_ASSERT(!world.kms.decrypt(kAlice, blob, context).has_value());
    blob[bit / 8] = static_cast<char>(blob[bit / 8] ^ mask);
  }
  RC_ASSERT(world.kms.decrypt(kAlice, blob, context).has_value());
}

RC_GTEST_PROP(KmsProperty, AnyTruncationOrExtensionIsRejected, ()) {
  World world(*any_suite());
  const EncryptionContext context = *any_context();
  const std::string blob = world.encrypt(context, *any_plaintext());
  for (std::size_t size = 0; size < blob.size(); ++size) {
    RC_ASSERT(!world.kms.decrypt(kAlice, blob.substr(0, size), context).has_value());
    RC_ASSERT(!world.kms.decrypt(kAlice, blob.substr(blob.size() - size), context).has_value());
  }
  const auto tail = *rc::gen::nonEmpty(rc::gen::arbitrary<std::string>());
  RC_ASSERT(!world.kms.decrypt(kAlice, blob + tail, context).has_value());
  RC_ASSERT(!world.kms.decrypt(kAlice, tail + blob, context).has_value());
}

// Lengths inside the blob are changed too: nothing is read beyond its end, and nothing else opens.
RC_GTEST_PROP(KmsProperty, ABlobWithForeignBytesInItIsRejected, ()) {
  World world(*any_suite());
  const std::string blob = world.encrypt({}, *any_plaintext());
  const auto at = *rc::gen::inRange<std::size_t>(0, blob.size());
  const auto length = *rc::gen::inRange<std::size_t>(0, blob.size() - at + 1);
  std::string spliced = blob;
  spliced.replace(at, length, *rc::gen::arbitrary<std::string>());
  RC_ASSERT(world.kms.decrypt(kAlice, spliced, {}).has_value() == (spliced == blob));
  const auto parsed = parse_blob(spliced);
  if (!parsed) return;
  RC_ASSERT(parsed->header.size() + parsed->iv.size() + 4 + parsed->sealed.size() ==
            spliced.size());
}

RC_GTEST_PROP(KmsProperty, NoTwoMessagesShareAnIvUnderOneKey, ()) {
  World world;
  using Message = std::pair<EncryptionContext, std::string>;
  std::map<std::string, Message> by_iv;
  const auto messages =
      *rc::gen::container<std::vector<Message>>(rc::gen::pair(any_context(), any_plaintext()));
  for (const Message& message : messages) {
    const std::string blob = world.encrypt(message.first, message.second);
    const auto [at, fresh] = by_iv.emplace(std::string(parse_blob(blob)->iv), message);
    RC_ASSERT(fresh || at->second == message);
  }
}

RC_GTEST_PROP(KmsProperty, AValueOpensAsItWasSealedAndNotWhenItWasTouched, ()) {
  const SecretBytes key = SecretBytes::copy_of(std::string(kKeyBytes, 'k'));
  const std::string iv(kIvBytes, 'i');
  const auto arn = *rc::gen::arbitrary<std::string>();
  const auto version = *rc::gen::arbitrary<std::string>();
  const auto value = *rc::gen::arbitrary<std::string>();
  std::string record =
      seal_value(key, arn, version, kValueBinary, std::as_bytes(std::span(iv)), value);
  RC_ASSERT(open_value(key, arn, version, kValueBinary, record)->chars() == value);
  RC_ASSERT(!open_value(key, arn + "x", version, kValueBinary, record).has_value());
  RC_ASSERT(!open_value(key, arn, version + "x", kValueBinary, record).has_value());
  RC_ASSERT(!open_value(key, arn, version, kValueString, record).has_value());
  RC_ASSERT(!open_value(key, arn, version, kValueBinary, record + "x").has_value());
  const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * record.size());
  record[bit / 8] = static_cast<char>(record[bit / 8] ^ static_cast<char>(1U << (bit % 8)));
  RC_ASSERT(!open_value(key, arn, version, kValueBinary, record).has_value());
}

// ---- histories ----------------------------------------------------------------------------------

RC_GTEST_PROP(KmsProperty, RotationKeepsOldBlobsReadable, ()) {
  World world(*any_suite());
  std::vector<std::pair<std::string, std::string>> sealed;  // blob, plaintext
  for (const bool rotate : *rc::gen::arbitrary<std::vector<bool>>()) {
    if (rotate) {
      (void)world.kms.rotate_key_on_demand(world.key);  // the 26th is refused
    } else {
      const std::string plaintext = *any_plaintext();
      sealed.emplace_back(world.encrypt({}, plaintext), plaintext);
    }
  }
  for (const auto& [blob, plaintext] : sealed) {
    RC_ASSERT(outcome_of(world.kms, blob, {}) == "ok: " + plaintext);
  }
}

struct Step {
  int verb = 0;
  std::size_t target = 0;
};

rc::Gen<std::vector<Step>> any_history() {
  return rc::gen::container<std::vector<Step>>(
      rc::gen::build<Step>(rc::gen::set(&Step::verb, rc::gen::inRange(0, 12)),
                           rc::gen::set(&Step::target, rc::gen::inRange<std::size_t>(0, 4))));
}

// Does to a KMS what a history says, to whichever key that is; remembers what was encrypted.
void live(World& world, const std::vector<Step>& history, std::vector<std::string>& blobs) {
  Kms& kms = world.kms;
  for (const Step& step : history) {
    const auto keys = *kms.list_keys();
    const std::string key = keys.empty() ? "none" : keys[step.target % keys.size()].key_id;
    const std::string alias = "alias/" + std::to_string(step.target);
    switch (step.verb) {
      case 0:
        (void)kms.create_key({.description = alias});
        break;
      case 1:
        (void)kms.create_key({.alias = alias});
        break;
      case 2:
        (void)kms.create_alias(alias, key);
        break;
      case 3:
        (void)kms.update_alias(alias, key);
        break;
      case 4:
        (void)kms.delete_alias(alias);
        break;
      case 5:
        (void)kms.disable_key(key);
        break;
      case 6:
        (void)kms.enable_key(key);
        break;
      case 7:
        (void)kms.schedule_key_deletion(key, 7 + static_cast<int>(step.target));
        break;
      case 8:
        (void)kms.cancel_key_deletion(key);
        break;
      case 9:
        (void)kms.rotate_key_on_demand(key);
        break;
      case 10:
        world.environment.advance_days(static_cast<int>(step.target));
        break;
      default:
        (void)kms.resolve(kManagedAlias);
        break;
    }
    if (auto sealed = kms.encrypt(kAlice, key, {}, alias)) blobs.push_back(sealed->blob);
  }
}

RC_GTEST_PROP(KmsProperty, ARestoredKmsCannotBeToldFromTheOriginal, ()) {
  World world;
  std::vector<std::string> blobs;
  live(world, *any_history(), blobs);
  Kms restored(kAccount, kRegion, world.environment);
  RC_ASSERT(restored.restore(world.kms.snapshot()).has_value());
  RC_ASSERT(restored.snapshot().SerializeAsString() == world.kms.snapshot().SerializeAsString());
  const int days = *rc::gen::inRange(0, 12);
  world.environment.advance_days(days);
  for (const std::string& blob : blobs) {
    RC_ASSERT(outcome_of(restored, blob, {}) == outcome_of(world.kms, blob, {}));
  }
  RC_ASSERT(restored.list_keys()->size() == world.kms.list_keys()->size());
  RC_ASSERT(restored.snapshot().SerializeAsString() == world.kms.snapshot().SerializeAsString());
}

struct Overlay {
  int kind = 0;
  std::size_t target = 0;
  bool lifted = false;
};

void lay(World& world, const Overlay& overlay, std::uint64_t id) {
  const std::string target = overlay.target == 0 ? "" : "alias/" + std::to_string(overlay.target);
  switch (overlay.kind) {
    case 0:
      world.kms.deny(id, target, "", {"kms:Decrypt"});
      break;
    case 1:
      world.kms.deny(id, target, kAlice.principal_arn, {});
      break;
    case 2:
      world.kms.force_state(id, target, v1::Disabled);
      break;
    case 3:
      world.kms.force_state(id, target, v1::PendingDeletion);
      break;
    case 4:
      world.kms.force_state(id, target, v1::Deleted);
      break;
    default:
      world.kms.fail_all(id, {"ThrottlingException", std::to_string(id)});
      break;
  }
}

// Laying faults and lifting some of them, in any order, is the same as having laid the others only.
RC_GTEST_PROP(KmsProperty, ALiftedFaultLeavesNothingBehind, ()) {
  const auto overlays = *rc::gen::container<std::vector<Overlay>>(
      rc::gen::build<Overlay>(rc::gen::set(&Overlay::kind, rc::gen::inRange(0, 6)),
                              rc::gen::set(&Overlay::target, rc::gen::inRange<std::size_t>(0, 4)),
                              rc::gen::set(&Overlay::lifted)));
  World through_faults;
  World only_the_rest;
  std::vector<std::string> blobs;
  for (World* world : {&through_faults, &only_the_rest}) {
    blobs.clear();
    for (const char* alias : {"alias/1", "alias/2", "alias/3"}) {
      const std::string key = world->kms.create_key({.alias = alias})->key_id;
      blobs.push_back(world->kms.encrypt(kAlice, key, {}, alias)->blob);
    }
  }
  std::vector<std::uint64_t> to_lift;
  for (std::size_t i = 0; i < overlays.size(); ++i) {
    lay(through_faults, overlays[i], i + 1);
    if (overlays[i].lifted) {
      to_lift.insert(i % 2 == 0 ? to_lift.begin() : to_lift.end(), i + 1);
    } else {
      lay(only_the_rest, overlays[i], i + 1);
    }
  }
  for (const std::uint64_t id : to_lift) through_faults.kms.lift(id);
  for (const std::string& blob : blobs) {
    RC_ASSERT(outcome_of(through_faults.kms, blob, {}) == outcome_of(only_the_rest.kms, blob, {}));
  }
  RC_ASSERT(through_faults.kms.snapshot().SerializeAsString() ==
            only_the_rest.kms.snapshot().SerializeAsString());
}

}  // namespace
}  // namespace faultline::kms
