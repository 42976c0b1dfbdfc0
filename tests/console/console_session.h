// A session of three regions, and what a user does in it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/serve/fault_words.h"
#include "tools/serve/served_world.h"
#include "tools/serve/session.h"

namespace faultline::tools {

inline const std::vector<std::string> kThreeRegions = {"us-west-2", "us-east-1", "eu-west-1"};

class ConsoleSession : public testing::Test {
 protected:
  // `regions` empty: all of AWS's.
  static std::unique_ptr<Session> open(std::vector<std::string> regions = kThreeRegions,
                                       std::uint64_t seed = 7) {
    auto world = served_world({.scenario_file = {},
                               .regions = std::move(regions),
                               .account = {},
                               .seed = seed,
                               .follows_machine = false,
                               .now_unix_ns = 1'790'000'000'000'000'000},
                              {});
    EXPECT_TRUE(world.has_value());
    return std::make_unique<Session>(SessionOptions{.scenario = std::move(*world),
                                                    .seed = seed,
                                                    .clock = ServerClock::parse("manual").value(),
                                                    .shared = {},
                                                    .make_durable = {},
                                                    .recorder = {},
                                                    .remembers = true});
  }

  // The answer's error, or "OK".
  static std::string call(Session& session, const std::string& region, v1::ApiRequest request) {
    std::string outcome = "no answer";
    session.call(region, "admin", std::move(request),
                 [&](const auto& result) { outcome = result ? "OK" : result.error().code; });
    return outcome;
  }
  static std::string create(Session& session, const std::string& name, const std::string& value,
                            const std::vector<std::string>& replicas = {}) {
    v1::ApiRequest request;
    auto& create = *request.mutable_create_secret();
    create.set_name(name);
    create.set_secret_string(value);
    create.set_client_request_token(std::string(32, 't'));
    for (const auto& region : replicas) create.add_add_replica_regions()->set_region(region);
    return call(session, "us-west-2", std::move(request));
  }
  static std::string put(Session& session, const std::string& name, const std::string& value,
                         char token) {
    v1::ApiRequest request;
    auto& put = *request.mutable_put_secret_value();
    put.set_secret_id(name);
    put.set_secret_string(value);
    put.set_client_request_token(std::string(32, token));
    return call(session, "us-west-2", std::move(request));
  }
  static std::string read(Session& session, const std::string& region, const std::string& name) {
    v1::ApiRequest request;
    request.mutable_get_secret_value()->set_secret_id(name);
    return call(session, region, std::move(request));
  }
  static std::string fault(Session& session, const std::vector<std::string>& words) {
    const auto fault = fault_of(words);
    if (!fault) return fault.error();
    v1::ControlRequest request;
    *request.mutable_apply_fault()->mutable_fault() = *fault;
    return session.control(request).error();
  }
  static void advance(Session& session, engine::Duration by) {
    v1::ControlRequest request;
    request.mutable_advance_clock()->set_by_ns(by.ns());
    EXPECT_EQ(session.control(request).error(), "");
  }

  static boost::json::value parsed(const std::string& json) {
    EXPECT_EQ(json.find('\n'), std::string::npos) << "an event of the stream is one line";
    return boost::json::parse(json);
  }
  static std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
  }
};

}  // namespace faultline::tools
