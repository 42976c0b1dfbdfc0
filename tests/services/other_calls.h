// A world of three regions whose KMS and Account API are spoken to in the words of a scenario:
//
//     OtherCalls calls;
//     const std::string id = calls.create_key();
//     calls.kms_ok("disable_key { key_id: '" + id + "' }");
//     calls.kms_error("encrypt { … }");       // "DisabledException: arn:… is disabled."
//
// Unless told otherwise calls go to us-west-2 as "admin".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/account_api.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/trace.pb.h"
#include "regions/error.h"
#include "regions/world.h"

namespace faultline::regions {

inline constexpr std::string_view kWest = "us-west-2";
inline constexpr std::string_view kEast = "us-east-1";
// Opted into.
inline constexpr std::string_view kBahrain = "me-south-1";

class OtherCalls {
 public:
  explicit OtherCalls(ServiceConfig service = {});

  Result<v1::KmsResponse> kms(std::string_view request, std::string_view region = kWest,
                              std::string_view principal = "admin");
  // What must succeed; a failure fails the test.
  v1::KmsResponse kms_ok(std::string_view request, std::string_view region = kWest,
                         std::string_view principal = "admin");
  // "Code: message", "Code" where there is no message, or "OK".
  std::string kms_error(std::string_view request, std::string_view region = kWest,
                        std::string_view principal = "admin");
  Result<v1::AccountResponse> account(std::string_view request,
                                      std::string_view principal = "admin");
  std::string account_error(std::string_view request, std::string_view principal = "admin");
  std::string opt_status(std::string_view region);

  // The new key's id.
  std::string create_key(std::string_view more = "", std::string_view region = kWest);
  v1::KeyMetadata describe(std::string_view key, std::string_view region = kWest);
  std::string arn(std::string_view key_id, std::string_view region = kWest) const;
  std::string alias_arn(std::string_view alias, std::string_view region = kWest) const;

  std::uint64_t fault(std::string_view text);
  World& world() { return world_; }
  void run_for(engine::Duration duration) { world_.run_for(duration); }
  // "verb outcome" of the events of a kind so far.
  [[nodiscard]] std::vector<std::string> told(v1::EventKind kind) const;
  [[nodiscard]] const std::vector<v1::TraceEvent>& events() const { return sink_.events; }

 private:
  struct Sink : engine::TraceSink {
    std::vector<v1::TraceEvent> events;
    void on_event(const v1::TraceEvent& event) override { events.push_back(event); }
  };
  Sink sink_;
  World world_;
};

// "Code: message" of an answer, or "OK".
template <class Answer>
std::string error_text(const Answer& answer) {
  if (answer) return "OK";
  return answer.error().message.empty() ? answer.error().code
                                        : answer.error().code + ": " + answer.error().message;
}

}  // namespace faultline::regions
