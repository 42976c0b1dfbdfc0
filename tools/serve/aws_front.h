// AwsFront: AWS's HTTP front end for three services at one address: Secrets Manager and KMS (AWS
// JSON 1.1, by X-Amz-Target) and the region calls of the Account API (REST-JSON, by path). It turns a
// request into a call of a world and the answer into what a client of AWS expects; the world is
// behind AwsBackend.
//
// Region     the credential scope's. Without a signature: that of a Host such as
//            secretsmanager.eu-west-1.amazonaws.com, else the default.
// Principal  whose access key signed. With Auth::Off nothing is verified, and a key that nobody
//            has, or none at all, is admin's.
// Errors     the world's, as {"__type": …, "Message": …} (KMS: "message"), 400 or 500 as the
//            service does; "ConnectionClosed" closes the connection. Before a call, in AWS's order: method
//            and content type (404), JSON, the operation, the signature, the region, the shape of
//            the body.
// Source     AWS Secrets Manager and AWS KMS API Reference, "Making HTTPS query requests", "Common
//            Errors"; AWS Account Management Reference.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/account_api.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"
#include "tools/serve/http_message.h"
#include "tools/serve/sigv4.h"

namespace faultline::tools {

// The world that is served. A reply comes exactly once, during the call or later, in the server's
// thread; one that is dropped closes the connection. Views live during the call only.
class AwsBackend {
 public:
  using SecretsReply = std::function<void(regions::Result<v1::ApiResponse>)>;
  using KmsReply = std::function<void(regions::Result<v1::KmsResponse>)>;
  using AccountReply = std::function<void(regions::Result<v1::AccountResponse>)>;

  virtual ~AwsBackend() = default;

  // `region` is one that knows_region() knows; `principal` is find_access_key()'s, or "admin".
  virtual void call(std::string_view region, std::string_view principal, v1::ApiRequest request,
                    SecretsReply reply) = 0;
  virtual void call_kms(std::string_view region, std::string_view principal, v1::KmsRequest request,
                        KmsReply reply) = 0;
  virtual void call_account(std::string_view principal, v1::AccountRequest request,
                            AccountReply reply) = 0;

  // nullopt: nobody has it.
  [[nodiscard]] virtual std::optional<AccessKey> find_access_key(
      std::string_view access_key_id) const = 0;
  // Whether the world has a region of that name, enabled or not.
  [[nodiscard]] virtual bool knows_region(std::string_view region) const = 0;
  // What the world's wall clock shows.
  [[nodiscard]] virtual std::int64_t wall_unix_ns() const = 0;
};

struct FrontOptions {
  enum class Auth { Off, Verify };
  Auth auth = Auth::Off;
  std::string default_region = "us-east-1";
  // Request ids are UUIDs numbered from it.
  std::uint64_t request_id_seed = 1;
};

class AwsFront {
 public:
  // The backend outlives the front, and gives no reply after the front has gone.
  AwsFront(AwsBackend& backend, FrontOptions options);
  ~AwsFront();
  AwsFront(const AwsFront&) = delete;
  AwsFront& operator=(const AwsFront&) = delete;

  // An HttpServer's handler.
  void handle(const HttpRequest& request, HttpReply reply);
  // Secrets Manager or KMS, by X-Amz-Target, called by that principal in that region, whatever path,
  // Host and signature say: for who has been admitted otherwise. The answers are the same.
  void handle_as(std::string_view region, std::string_view principal, const HttpRequest& request,
                 HttpReply reply);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faultline::tools
