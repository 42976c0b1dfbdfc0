// StepPerformer: does one step of a scenario, now, in a world: the one place that decides what of
// it comes into the trace. A run does its steps by it, and so does whatever performs them live and
// writes them down, so that the run of what was written down is the same run.
//
//     StepPerformer performer(world);
//     performer.perform(step, [](const StepPerformer::Answer& answer) { … });
//
// Trace    STEP, in words (scenario_text.h), with the step's verb and note. It is the cause of what
//          follows.
// Order    A deed of an operator is answered before perform() returns; a call in virtual time. Both
//          exactly once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/account_api.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/scenario.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"
#include "regions/world.h"

namespace faultline::regions {

// A call's request, with a token where it takes one and has none, as the SDKs do, unless the step
// says no_token. REQUIRES: calls_secrets_manager(step).
[[nodiscard]] v1::ApiRequest with_token(const v1::Step& step, World& world);

// Where a step names a key to KMS, it may write what no client could: "{alias/replica}" is the id
// of the key that has this alias, for operations that take no alias; "{created 1}" is the id of the
// first key that a step of this run created.
struct KeyStandIn {
  std::string alias{};      // empty: by number
  std::size_t created = 0;  // from 1
};
// nullopt: the text says what it is.
[[nodiscard]] std::optional<KeyStandIn> parse_key_stand_in(std::string_view text);

class StepPerformer {
 public:
  // Of what was called: Secrets Manager, KMS, the Account API. A deed of an operator answers
  // nothing.
  using Response =
      std::variant<std::monostate, v1::ApiResponse, v1::KmsResponse, v1::AccountResponse>;
  using Answer = Result<Response>;
  using Answered = std::function<void(const Answer&)>;

  // The world outlives this.
  explicit StepPerformer(World& world) : world_(world) {}

  // REQUIRES (all of these): a step with a verb, of regions, keys and principals that the world
  // has.
  void perform(const v1::Step& step, Answered answered);
  // With the request that with_token made of the step earlier; empty for other steps. Who makes it
  // before the run begins gives each step its token by its place in the file.
  void perform(const v1::Step& step, const v1::ApiRequest& request, Answered answered);
  // Calls, and no STEP is recorded: as a client that asks again. REQUIRES: is_call(step).
  void call(const v1::Step& step, const v1::ApiRequest& request, Answered answered);

 private:
  [[nodiscard]] v1::KmsRequest kms_request(const v1::Step& step) const;
  [[nodiscard]] std::string key_named(const std::string& region, const std::string& text) const;

  World& world_;
  // Ids of the keys that steps created, in the order of the answers.
  std::shared_ptr<std::vector<std::string>> created_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace faultline::regions
