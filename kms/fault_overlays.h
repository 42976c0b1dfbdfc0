// FaultOverlays: what faults lay over a KMS: denials, states and answers that come and go and never
// touch a key. What holds is computed from the overlays that are there, never remembered, so that
// lifting one leaves exactly the others, in whatever order they came.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kms/error.h"
#include "kms/policy.h"
#include "kms/key_store.h"
#include "proto/kms.pb.h"

namespace faultline::kms {

class FaultOverlays {
 public:
  // As Kms::deny, force_state, revoke, hide_name, fail_all and lift, which say what they mean. Call bind afterwards.
  void deny(std::uint64_t id, std::string_view target, std::string_view principal,
            const std::vector<std::string>& actions);
  void force_state(std::uint64_t id, std::string_view target, v1::KeyState state);
  void revoke(std::uint64_t id, std::string_view target);
  void hide_name(std::uint64_t id, std::string_view target);
  void fail_all(std::uint64_t id, Error error);
  void lift(std::uint64_t id);

  // Turns targets into key ids where that can be done by now; from then on an overlay stays with
  // its key, whatever becomes of the alias. To be called when an overlay or an alias is new.
  void bind(const Place& place, const KeyStore& store);

  [[nodiscard]] bool empty() const;

  // What every call answers now; null: nothing of the kind.
  [[nodiscard]] const Error* failure() const;
  // The worst of the key's own state and those forced upon it.
  [[nodiscard]] v1::KeyState state_of(const Key& key) const;
  [[nodiscard]] bool denies(const Key& key, const AccessRequest& request) const;
  [[nodiscard]] bool revokes(const Key& key) const;
  [[nodiscard]] bool hides(const Key& key) const;

 private:
  struct Denial {
    std::uint64_t id;
    std::string target;    // a key id once it is bound; empty: every key
    v1::Policy policy;  // one Deny
  };
  struct ForcedState {
    std::uint64_t id;
    std::string target;
    v1::KeyState state;
  };
  struct Targeted {
    std::uint64_t id;
    std::string target;
  };
  struct Failure {
    std::uint64_t id;
    Error error;
  };

  std::vector<Denial> denials_;
  std::vector<ForcedState> states_;
  std::vector<Targeted> revocations_;
  std::vector<Targeted> hidden_;
  std::vector<Failure> failures_;
};

}  // namespace faultline::kms
