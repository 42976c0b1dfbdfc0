// RotationFunction: what stands in for one Lambda function that rotates secrets, as a world is told
// of it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/time.h"

namespace faultline::regions {

enum class RotationBehavior {
  // Makes a new random password, and all goes well.
  Succeeds,
  // Fails at one of the four steps.
  Fails,
  // For secrets whose value is a JSON object with "username" and "password": switches between two
  // users, NAME and NAME_clone.
  AlternatingUsers,
};

inline constexpr engine::Duration kSlowStepTime = engine::Duration::seconds(10);

struct RotationFunction {
  std::string region;
  // Its ARN is arn:aws:lambda:REGION:ACCOUNT:function:NAME. It calls the service in the name of the
  // account's principal of that name; if there is none, of a role of that name that nothing is
  // denied to.
  std::string name;
  RotationBehavior behavior = RotationBehavior::Succeeds;
  // 1 to 4: createSecret, setSecret, testSecret, finishSecret.
  std::uint32_t fails_at = 0;
  // How often it fails for one secret before it goes well; 0: always.
  std::uint32_t failures = 0;
  // How long a step takes, without the calls that it makes.
  engine::Duration step_time = engine::Duration::millis(100);
  // Whether Secrets Manager may invoke it.
  bool invokable = true;
};

}  // namespace faultline::regions
