#include "kms/fault_overlays.h"

#include <algorithm>
#include <utility>

#include "kms/identifiers.h"
#include "proto/check.h"

namespace faultline::kms {
namespace {

// How bad a state is for the users of a key; the worst one holds.
int badness(v1::KeyState state) {
  switch (state) {
    case v1::Deleted:
      return 6;
    case v1::PendingDeletion:
      return 5;
    case v1::PendingReplicaDeletion:
      return 4;
    case v1::Creating:
      return 3;
    case v1::Unavailable:
      return 2;
    case v1::Disabled:
      return 1;
    default:
      return 0;
  }
}

// Creating and PendingReplicaDeletion come of what other regions do.
bool is_forcible(v1::KeyState state) {
  return state == v1::Disabled || state == v1::Unavailable || state == v1::PendingDeletion ||
         state == v1::Deleted;
}

bool means(std::string_view target, const Key& key) {
  return target.empty() || target == key.key_id;
}

void bind_target(std::string& target, const Place& place, const KeyStore& store) {
  if (target.empty()) return;
  const auto reference = parse_key_reference(place, target, AcceptAliases::Yes);
  if (!reference) return;  // names no key of this place, ever
  if (reference->kind == KeyReference::Kind::KeyId) {
    target = std::string(reference->name);  // a copy first: the name is a part of the target
  } else if (const Alias* alias = store.find_alias(reference->name)) {
    target = alias->key_id;
  }
}

}  // namespace

void FaultOverlays::deny(std::uint64_t id, std::string_view target, std::string_view principal,
                         const std::vector<std::string>& actions) {
  Denial denial{id, std::string(target), {}};
  auto& statement = *denial.policy.add_statements();
  statement.set_effect(v1::Policy::Statement::Deny);
  statement.add_principals(principal.empty() ? "*" : std::string(principal));
  for (const std::string& action : actions) statement.add_actions(action);
  if (actions.empty()) statement.add_actions("*");
  denials_.push_back(std::move(denial));
}

void FaultOverlays::force_state(std::uint64_t id, std::string_view target, v1::KeyState state) {
  FL_CHECK(is_forcible(state)) << "a fault makes a key's state worse; this is no such state: "
                               << static_cast<int>(state);
  states_.push_back(ForcedState{id, std::string(target), state});
}

void FaultOverlays::revoke(std::uint64_t id, std::string_view target) {
  revocations_.push_back({id, std::string(target)});
}

void FaultOverlays::hide_name(std::uint64_t id, std::string_view target) {
  hidden_.push_back({id, std::string(target)});
}

void FaultOverlays::fail_all(std::uint64_t id, Error error) {
  failures_.push_back(Failure{id, std::move(error)});
}

void FaultOverlays::lift(std::uint64_t id) {
  const auto is_it = [id](const auto& overlay) { return overlay.id == id; };
  std::erase_if(denials_, is_it);
  std::erase_if(states_, is_it);
  std::erase_if(revocations_, is_it);
  std::erase_if(hidden_, is_it);
  std::erase_if(failures_, is_it);
}

void FaultOverlays::bind(const Place& place, const KeyStore& store) {
  for (Denial& denial : denials_) bind_target(denial.target, place, store);
  for (ForcedState& forced : states_) bind_target(forced.target, place, store);
  for (Targeted& revoked : revocations_) bind_target(revoked.target, place, store);
  for (Targeted& hidden : hidden_) bind_target(hidden.target, place, store);
}

bool FaultOverlays::empty() const {
  return denials_.empty() && states_.empty() && revocations_.empty() && hidden_.empty() &&
         failures_.empty();
}

const Error* FaultOverlays::failure() const {
  const auto first =
      std::min_element(failures_.begin(), failures_.end(),
                       [](const Failure& a, const Failure& b) { return a.id < b.id; });
  return first == failures_.end() ? nullptr : &first->error;
}

v1::KeyState FaultOverlays::state_of(const Key& key) const {
  v1::KeyState worst = key.state;
  for (const ForcedState& forced : states_) {
    if (badness(forced.state) > badness(worst) && means(forced.target, key)) {
      worst = forced.state;
    }
  }
  return worst;
}

bool FaultOverlays::revokes(const Key& key) const {
  return std::any_of(revocations_.begin(), revocations_.end(),
                     [&](const Targeted& revoked) { return means(revoked.target, key); });
}

bool FaultOverlays::hides(const Key& key) const {
  return std::any_of(hidden_.begin(), hidden_.end(),
                     [&](const Targeted& hidden) { return means(hidden.target, key); });
}

bool FaultOverlays::denies(const Key& key, const AccessRequest& request) const {
  return std::any_of(denials_.begin(), denials_.end(), [&](const Denial& denial) {
    return decide(denial.policy, request) == Decision::ExplicitDeny && means(denial.target, key);
  });
}

}  // namespace faultline::kms
