#include "tools/serve/aws_front.h"

#include <array>
#include <utility>

#include "tools/serve/aws_json.h"
#include "tools/serve/aws_operations.h"

namespace faultline::tools {
namespace {

using google::protobuf::Message;
using regions::Error;

constexpr std::string_view kAwsJson = "application/x-amz-json-1.1";
constexpr std::string_view kRestJson = "application/json";
constexpr std::string_view kAdmin = "admin";
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

// ---- request ids --------------------------------------------------------------------------------

// splitmix64: neighbours become strangers.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// A UUID of version 4 by its looks.
std::array<char, 36> request_id(std::uint64_t seed, std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t high = mixed(mixed(seed) ^ number);
  std::uint64_t low = mixed(high ^ seed);
  std::array<char, 36> text{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      text[i] = '-';
      continue;
    }
    std::uint64_t& bits = i < 18 ? high : low;
    text[i] = kDigits[bits & 15];
    bits >>= 4;
  }
  text[14] = '4';
  text[19] = kDigits[8 | (low & 3)];
  return text;
}

// ---- statuses -----------------------------------------------------------------------------------

unsigned status_of(AwsService service, std::string_view code) {
  switch (service) {
    case AwsService::SecretsManager:
      return code == "InternalServiceError" || code == "InternalFailure" ? 500 : 400;
    case AwsService::Kms:
      // Source  AWS KMS API Reference: the three that the model calls faults.
      if (code == "DependencyTimeoutException") return 503;
      return code == "KMSInternalException" || code == "KeyUnavailableException" ||
                     code == "InternalFailure"
                 ? 500
                 : 400;
    case AwsService::Account:
      if (code == "AccessDeniedException" || code == "UnrecognizedClientException" ||
          code == "InvalidSignatureException" || code == "MissingAuthenticationTokenException" ||
          code == "IncompleteSignatureException") {
        return 403;
      }
      if (code == "ResourceNotFoundException" || code == "UnknownOperationException") return 404;
      if (code == "ConflictException") return 409;
      if (code == "TooManyRequestsException") return 429;
      return code == "InternalServerException" ? 500 : 400;
  }
  return 400;
}

// ---- what a request says ------------------------------------------------------------------------

std::string_view media_type(const HttpRequest& request) {
  std::string_view type = request.field("Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

bool is_json_type(std::string_view type) {
  return equal_ignoring_case(type, kAwsJson) ||
         equal_ignoring_case(type, "application/x-amz-json-1.0") ||
         equal_ignoring_case(type, kRestJson);
}

// "secretsmanager.eu-west-1.amazonaws.com", "kms-fips.us-east-2.amazonaws.com:443": the part after
// the service. Empty: the host says no region.
std::string_view region_of_host(std::string_view host) {
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view service = host.substr(0, dot);
  if (!service.starts_with("secretsmanager") && !service.starts_with("kms")) return {};
  const std::string_view rest = host.substr(dot + 1);
  const std::size_t end = rest.find('.');
  if (end == std::string_view::npos || !rest.substr(end).starts_with(".amazonaws.")) return {};
  return rest.substr(0, end);
}

Error unrecognized_client() {
  return {"UnrecognizedClientException", "The security token included in the request is invalid."};
}

// Who is called by whom.
struct Caller {
  std::string region;
  std::string principal;
};

}  // namespace

struct AwsFront::Impl {
  Impl(AwsBackend& world, FrontOptions given) : backend(world), options(std::move(given)) {}

  // ---- answers ----------------------------------------------------------------------------------

  [[nodiscard]] HttpResponse begin_response(unsigned status) {
    HttpResponse response;
    response.status = status;
    response.header_lines = "x-amzn-RequestId: ";
    const auto id = request_id(options.request_id_seed, ++requests);
    response.header_lines.append(id.data(), id.size()).append("\r\n");
    return response;
  }

  void fail(AwsService service, const Error& error, const HttpReply& reply, unsigned status = 0) {
    if (error.code == "ConnectionClosed") return reply.close();
    HttpResponse response = begin_response(status != 0 ? status : status_of(service, error.code));
    const bool rest = service == AwsService::Account;
    response.content_type = rest ? kRestJson : kAwsJson;
    // Clients of REST-JSON look for the code in this header, those of AWS JSON in the body.
    if (rest) response.header_lines.append("x-amzn-ErrorType: ").append(error.code).append("\r\n");
    response.body = R"({"__type":)";
    append_json_string(error.code, response.body);
    if (!error.message.empty()) {
      response.body += service == AwsService::SecretsManager ? R"(,"Message":)" : R"(,"message":)";
      append_json_string(error.message, response.body);
    }
    response.body += '}';
    reply.send(std::move(response));
  }

  void succeed(AwsService service, const Message& any, const HttpReply& reply) {
    HttpResponse response = begin_response(200);
    response.content_type = service == AwsService::Account ? kRestJson : kAwsJson;
    // An operation that has nothing to say has no body.
    if (const Message* const answer = response_of(any);
        answer != nullptr && answer->GetDescriptor()->field_count() > 0) {
      append_aws_json(*answer, response.body);
    }
    reply.send(std::move(response));
  }

  template <class Response>
  auto replying(AwsService service, HttpReply reply) {
    return [this, service, reply = std::move(reply)](regions::Result<Response> result) {
      if (result.has_value()) return succeed(service, *result, reply);
      fail(service, result.error(), reply);
    };
  }

  // ---- who calls --------------------------------------------------------------------------------

  regions::Result<Caller> caller_of(const HttpRequest& request, AwsService service) {
    const std::optional<Signature> signature = read_signature(request);
    if (options.auth == FrontOptions::Auth::Off) return unverified(request, signature);
    const SignatureRules rules{
        .service = signing_name(service),
        .now_unix_seconds = backend.wall_unix_ns() / kNanosPerSecond,
        // The Account API is in no region of the world; its clients sign for us-east-1.
        .knows_region =
            [this, service](std::string_view region) {
              return service == AwsService::Account || backend.knows_region(region);
            },
        .find_key = [this](std::string_view id) { return backend.find_access_key(id); }};
    FL_TRY(std::string principal, check_signature(request, signature, rules, keys));
    return Caller{std::string(signature->region()), std::move(principal)};
  }

  regions::Result<Caller> unverified(const HttpRequest& request,
                                     const std::optional<Signature>& signature) {
    Caller caller;
    if (signature) {
      caller.region = signature->region();
      if (const auto key = backend.find_access_key(signature->access_key_id())) {
        caller.principal = key->principal;
      }
    }
    if (caller.principal.empty()) caller.principal = kAdmin;
    if (caller.region.empty()) caller.region = region_of_host(request.field("Host"));
    if (caller.region.empty()) caller.region = options.default_region;
    return caller;
  }

  // ---- one request ------------------------------------------------------------------------------

  // The service whose words an error has that is found before the service is known.
  [[nodiscard]] static AwsService likely_service(std::string_view target) {
    return target.starts_with("TrentService") ? AwsService::Kms : AwsService::SecretsManager;
  }

  void handle(const HttpRequest& request, const HttpReply& reply) {
    const std::string_view target = request.field("X-Amz-Target");
    // An operation of the Account API is a path; those of the others are all at "/".
    const AwsOperation* operation = target.empty() ? operation_of_path(request.path()) : nullptr;
    const AwsService service = operation != nullptr ? operation->service : likely_service(target);
    if (request.method != "POST" || (operation == nullptr && request.path() != "/") ||
        (!request.body.empty() && !is_json_type(media_type(request)))) {
      return fail(service, {"UnknownOperationException", {}}, reply, 404);
    }
    if (operation == nullptr) operation = operation_of_target(target);
    if (operation == nullptr) return fail_unknown(service, request, reply);
    forward(request, *operation, reply,
            [this, &request, service] { return caller_of(request, service); });
  }

  void handle_as(const Caller& caller, const HttpRequest& request, const HttpReply& reply) {
    const std::string_view target = request.field("X-Amz-Target");
    const AwsService service = likely_service(target);
    if (request.method != "POST" || !is_json_type(media_type(request))) {
      return fail(service, {"UnknownOperationException", {}}, reply, 404);
    }
    const AwsOperation* const operation = operation_of_target(target);
    if (operation == nullptr) return fail_unknown(service, request, reply);
    forward(request, *operation, reply, [&caller]() -> regions::Result<Caller> { return caller; });
  }

  void fail_unknown(AwsService service, const HttpRequest& request, const HttpReply& reply) {
    fail(service,
         {is_json(request.body) ? "UnknownOperationException" : "SerializationException", {}},
         reply);
  }

  template <class WhoCalls>
  void forward(const HttpRequest& request, const AwsOperation& operation, const HttpReply& reply,
               const WhoCalls& who_calls) {
    switch (operation.service) {
      case AwsService::SecretsManager:
        return call<v1::ApiRequest>(request, operation, reply, who_calls);
      case AwsService::Kms:
        return call<v1::KmsRequest>(request, operation, reply, who_calls);
      case AwsService::Account:
        return call<v1::AccountRequest>(request, operation, reply, who_calls);
    }
  }

  template <class AnyRequest, class WhoCalls>
  void call(const HttpRequest& request, const AwsOperation& operation, const HttpReply& reply,
            const WhoCalls& who_calls) {
    AnyRequest any;
    // What is no JSON is refused before anybody asks who sent it; what has the wrong shape, after.
    const auto read = read_aws_json(request.body, request_of(any, operation));
    const Error unreadable{"SerializationException", read ? std::string() : read.error().text};
    if (!read && read.error().kind == JsonProblem::Kind::Syntax) {
      return fail(operation.service, unreadable, reply);
    }
    const regions::Result<Caller> caller = who_calls();
    if (!caller) return fail(operation.service, caller.error(), reply);
    // A region that an account has not enabled, and one that does not exist, look the same.
    if (operation.service != AwsService::Account && !backend.knows_region(caller->region)) {
      return fail(operation.service, unrecognized_client(), reply);
    }
    if (!read) return fail(operation.service, unreadable, reply);
    perform(*caller, std::move(any), reply);
  }

  void perform(const Caller& caller, v1::ApiRequest request, const HttpReply& reply) {
    backend.call(caller.region, caller.principal, std::move(request),
                 replying<v1::ApiResponse>(AwsService::SecretsManager, reply));
  }
  void perform(const Caller& caller, v1::KmsRequest request, const HttpReply& reply) {
    backend.call_kms(caller.region, caller.principal, std::move(request),
                     replying<v1::KmsResponse>(AwsService::Kms, reply));
  }
  void perform(const Caller& caller, v1::AccountRequest request, const HttpReply& reply) {
    backend.call_account(caller.principal, std::move(request),
                         replying<v1::AccountResponse>(AwsService::Account, reply));
  }

  AwsBackend& backend;
  FrontOptions options;
  SigningKeys keys;
  std::uint64_t requests = 0;
};

AwsFront::AwsFront(AwsBackend& backend, FrontOptions options)
    : impl_(std::make_unique<Impl>(backend, std::move(options))) {}
AwsFront::~AwsFront() = default;

void AwsFront::handle(const HttpRequest& request, HttpReply reply) {
  impl_->handle(request, reply);
}

void AwsFront::handle_as(std::string_view region, std::string_view principal,
                         const HttpRequest& request, HttpReply reply) {
  impl_->handle_as({std::string(region), std::string(principal)}, request, reply);
}

}  // namespace faultline::tools
