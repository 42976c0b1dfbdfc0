// Expectations in C++: the same as `expect` in a scenario file, for scenarios that a program builds.
//
//     using namespace faultline::chaos;
//     options.base->add_expect()->CopyFrom(
//         leads_to(replica_is("db", "us-east-1", v1::ReplicaIs::Failed),
//                  replica_is("db", "us-east-1", v1::ReplicaIs::InSync), "2m"));
//     options.base->add_expect()->CopyFrom(never(value_is("db", "us-east-1", "the old password")));
//
// A sweep keeps those that a fault may not break: always, never, sometimes, leads_to and
// eventually_after_heal. Times are text, as in a file: "250ms", "2m".
#pragma once

#include <string>
#include <utility>

#include "proto/scenario.pb.h"

namespace faultline::chaos {

// ---- what ---------------------------------------------------------------------------------------

inline v1::Condition replica_is(std::string secret, std::string region,
                                v1::ReplicaIs::Status status) {
  v1::Condition condition;
  condition.mutable_replica()->set_secret_id(std::move(secret));
  condition.mutable_replica()->set_region(std::move(region));
  condition.mutable_replica()->set_status(status);
  return condition;
}

inline v1::Condition value_is(std::string secret, std::string region, std::string value) {
  v1::Condition condition;
  condition.mutable_value()->set_secret_id(std::move(secret));
  condition.mutable_value()->set_region(std::move(region));
  condition.mutable_value()->set_secret_string(std::move(value));
  return condition;
}

inline v1::Condition secret_is(std::string secret, std::string region, v1::SecretIs::Role role) {
  v1::Condition condition;
  condition.mutable_secret()->set_secret_id(std::move(secret));
  condition.mutable_secret()->set_region(std::move(region));
  condition.mutable_secret()->set_role(role);
  return condition;
}

inline v1::Condition converged(std::string secret) {
  v1::Condition condition;
  condition.mutable_converged()->set_secret_id(std::move(secret));
  return condition;
}

// ---- when ---------------------------------------------------------------------------------------

// The condition alone; the default time is the end of the run.
inline v1::Expect at_end(const v1::Condition& what) {
  v1::Expect expect;
  if (what.has_replica()) *expect.mutable_replica() = what.replica();
  if (what.has_value()) *expect.mutable_value() = what.value();
  if (what.has_secret()) *expect.mutable_secret() = what.secret();
  if (what.has_converged()) *expect.mutable_converged() = what.converged();
  return expect;
}

inline v1::Expect always(const v1::Condition& what) {
  v1::Expect expect = at_end(what);
  expect.set_always(true);
  return expect;
}

inline v1::Expect never(const v1::Condition& what) {
  v1::Expect expect = at_end(what);
  expect.set_never(true);
  return expect;
}

// A campaign in which no run met it is inconclusive.
inline v1::Expect sometimes(const v1::Condition& what) {
  v1::Expect expect = at_end(what);
  expect.set_sometimes(true);
  return expect;
}

inline v1::Expect eventually_after_heal(const v1::Condition& what) {
  v1::Expect expect = at_end(what);
  expect.set_eventually_after_heal(true);
  return expect;
}

// Whenever `when` becomes so, `then` is so within that time.
inline v1::Expect leads_to(const v1::Condition& when, const v1::Condition& then,
                           std::string within) {
  v1::Expect expect;
  *expect.mutable_leads_to()->mutable_when() = when;
  *expect.mutable_leads_to()->mutable_then() = then;
  expect.mutable_leads_to()->set_within(std::move(within));
  return expect;
}

}  // namespace faultline::chaos
