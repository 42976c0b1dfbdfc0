#include "regions/operator_steps.h"

#include "engine/fault_injector.h"
#include "proto/check.h"
#include "regions/other_services.h"
#include "regions/scenario_text.h"
#include "regions/scenario_world.h"

namespace faultline::regions {
namespace {

// What the owner of a key does with its ARN.
template <class Verb, class Deed>
kms::Result<void> with_key(World& world, const Verb& verb, Deed deed) {
  kms::Kms& kms = world.kms(verb.region());
  auto done =
      kms.resolve(verb.key()).and_then([&](const std::string& arn) { return deed(kms, arn); });
  world.other_services().keys_changed(verb.region());
  return done;
}

}  // namespace

kms::Result<void> do_operator_step(World& world, const v1::Step& step) {
  engine::FaultInjector& faults = world.simulation().faults();
  switch (step.verb_case()) {
    case v1::Step::kFault:
      faults.apply(step.fault());
      return {};
    case v1::Step::kHeal:
      step.heal().fault().empty() ? faults.heal_all() : void(faults.heal(step.heal().fault()));
      return {};
    case v1::Step::kEnableRegion:
      world.enable_region(step.enable_region().region());
      return {};
    case v1::Step::kDisableRegion:
      world.disable_region(step.disable_region().region());
      return {};
    case v1::Step::kCrash:
      world.crash(step.crash().region(), step.crash().torn_tail());
      return {};
    case v1::Step::kRestart:
      world.restart(step.restart().region());
      return {};
    case v1::Step::kEnableKey:
      return with_key(world, step.enable_key(),
                      [](kms::Kms& kms, const std::string& arn) { return kms.enable_key(arn); });
    case v1::Step::kDisableKey:
      return with_key(world, step.disable_key(),
                      [](kms::Kms& kms, const std::string& arn) { return kms.disable_key(arn); });
    case v1::Step::kRotateKey:
      return with_key(world, step.rotate_key(), [](kms::Kms& kms, const std::string& arn) {
        return kms.rotate_key_on_demand(arn).map([](const auto&) {});
      });
    case v1::Step::kPutKeyPolicy: {
      const v1::Policy policy = with_arns(step.put_key_policy().policy(), world.account());
      return with_key(world, step.put_key_policy(), [&](kms::Kms& kms, const std::string& arn) {
        return kms.put_key_policy(arn, policy);
      });
    }
    default:
      break;
  }
  FL_CHECK(false) << verb_name(step) << " is no deed of an operator";
  return {};
}

}  // namespace faultline::regions
