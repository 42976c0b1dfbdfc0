#include "tests/services/other_calls.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace faultline::regions {
namespace {

template <class Message>
Message parsed(std::string_view text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message)) << text;
  return message;
}

WorldOptions options_with(const ServiceConfig& service) {
  WorldOptions options;
  options.regions = {std::string(kWest), std::string(kEast), std::string(kBahrain)};
  options.seed = 7;
  options.service = service;
  return options;
}

}  // namespace

OtherCalls::OtherCalls(ServiceConfig service) : world_(options_with(service)) {
  world_.simulation().trace().add_sink(&sink_);
}

Result<v1::KmsResponse> OtherCalls::kms(std::string_view request, std::string_view region,
                                        std::string_view principal) {
  std::optional<Result<v1::KmsResponse>> answer;
  world_.call_kms(region, principal, parsed<v1::KmsRequest>(request),
                  [&](Result<v1::KmsResponse> result) { answer = std::move(result); });
  while (!answer && world_.simulation().step()) continue;
  if (!answer) return tl::make_unexpected(Error{"NeverAnswered", std::string(request)});
  return *std::move(answer);
}

v1::KmsResponse OtherCalls::kms_ok(std::string_view request, std::string_view region,
                                   std::string_view principal) {
  auto answer = kms(request, region, principal);
  EXPECT_EQ(error_text(answer), "OK") << request;
  return answer ? *std::move(answer) : v1::KmsResponse();
}

std::string OtherCalls::kms_error(std::string_view request, std::string_view region,
                                  std::string_view principal) {
  return error_text(kms(request, region, principal));
}

Result<v1::AccountResponse> OtherCalls::account(std::string_view request,
                                                std::string_view principal) {
  std::optional<Result<v1::AccountResponse>> answer;
  world_.call_account(principal, parsed<v1::AccountRequest>(request),
                      [&](Result<v1::AccountResponse> result) { answer = std::move(result); });
  while (!answer && world_.simulation().step()) continue;
  if (!answer) return tl::make_unexpected(Error{"NeverAnswered", std::string(request)});
  return *std::move(answer);
}

std::string OtherCalls::account_error(std::string_view request, std::string_view principal) {
  return error_text(account(request, principal));
}

std::string OtherCalls::opt_status(std::string_view region) {
  const auto answer =
      account("get_region_opt_status { region_name: '" + std::string(region) + "' }");
  return answer ? answer->get_region_opt_status().region_opt_status() : error_text(answer);
}

std::string OtherCalls::create_key(std::string_view more, std::string_view region) {
  return kms_ok("create_key { " + std::string(more) + " }", region)
      .create_key()
      .key_metadata()
      .key_id();
}

v1::KeyMetadata OtherCalls::describe(std::string_view key, std::string_view region) {
  return kms_ok("describe_key { key_id: '" + std::string(key) + "' }", region)
      .describe_key()
      .key_metadata();
}

std::string OtherCalls::arn(std::string_view key_id, std::string_view region) const {
  return "arn:aws:kms:" + std::string(region) + ":123456789012:key/" + std::string(key_id);
}

std::string OtherCalls::alias_arn(std::string_view alias, std::string_view region) const {
  return "arn:aws:kms:" + std::string(region) + ":123456789012:" + std::string(alias);
}

std::uint64_t OtherCalls::fault(std::string_view text) {
  return world_.apply(parsed<v1::Fault>(text));
}

std::vector<std::string> OtherCalls::told(v1::EventKind kind) const {
  std::vector<std::string> out;
  for (const v1::TraceEvent& event : sink_.events) {
    if (event.kind() != kind) continue;
    const std::string where = event.actor().empty() ? event.subject() : event.actor();
    out.push_back(where + " " + event.verb() + (event.verb().empty() ? "" : " ") + event.outcome());
    while (out.back().ends_with(' ')) out.back().pop_back();
  }
  return out;
}

}  // namespace faultline::regions
