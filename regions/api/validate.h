// Whether a request's members may be what they are: the checks that come before anything is looked
// up, in the words that AWS uses.
//
//   Validation members;
//   members.secret_id(request);
//   members.length("description", request.description(), {0, 2'048});
//   FL_CO_TRY_VOID(members.result());      // "1 validation error detected: Value '…' at '…' …"
//
// Units    lengths of text are in characters (code points), those of secret values in bytes.
// Secrecy  the value of a sensitive member is never quoted.
// Source   AWS Secrets Manager API Reference, the constraints of each operation's request
//          parameters; AWS JSON services' common text for a constraint that is not met.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/secrets_manager.pb.h"
#include "regions/error.h"

namespace faultline::regions::api {

struct Limits {
  std::size_t min = 0;
  std::size_t max = 0;
};

// ---- limits that more than one operation knows --------------------------------------------------
inline constexpr Limits kNameLength{1, 512};
inline constexpr Limits kSecretIdLength{1, 2'048};
inline constexpr Limits kTokenLength{32, 64};  // of ClientRequestToken and of version ids
inline constexpr Limits kLabelLength{1, 256};
inline constexpr Limits kTagKeyLength{1, 128};
inline constexpr Limits kValueBytes{1, 65'536};
inline constexpr Limits kPageSize{1, 100};
inline constexpr int kTagsMax = 50;

// Collects everything that is wrong, in the order of the questions.
class Validation {
 public:
  void required(std::string_view member, bool present);
  void length(std::string_view member, std::string_view value, Limits limits);
  // Of a member that must not be quoted, in bytes.
  void secret_length(std::string_view member, std::string_view value, Limits limits);
  void range(std::string_view member, std::int64_t value, Limits limits);
  // How many there are, and how long each is.
  template <class Strings>
  void list(std::string_view member, const Strings& values, Limits count, Limits each) {
    check_list(member, std::vector<std::string>(values.begin(), values.end()), count, each);
  }
  void one_of(std::string_view member, std::string_view value,
              const std::vector<std::string_view>& allowed);
  void fail(std::string_view member, std::string_view value, std::string_view constraint);

  // ---- members that many requests have ----------------------------------------------------------
  template <class Request>
  void secret_id(const Request& request) {
    required("secretId", request.has_secret_id());
    if (request.has_secret_id()) length("secretId", request.secret_id(), kSecretIdLength);
  }
  template <class Request>
  void token(const Request& request) {
    if (!request.has_client_request_token()) return;
    length("clientRequestToken", request.client_request_token(), kTokenLength);
  }
  template <class Request>
  void value(const Request& request) {
    if (request.has_secret_binary()) {
      secret_length("secretBinary", request.secret_binary(), kValueBytes);
    }
    if (request.has_secret_string()) {
      secret_length("secretString", request.secret_string(), kValueBytes);
    }
  }
  template <class Request>
  void description_and_key(const Request& request) {
    length("description", request.description(), {0, 2'048});
    length("kmsKeyId", request.kms_key_id(), {0, 2'048});
  }
  template <class Request>
  void page(const Request& request) {
    if (request.has_max_results()) range("maxResults", request.max_results(), kPageSize);
    if (request.has_next_token()) length("nextToken", request.next_token(), {1, 4'096});
  }
  template <class Tags>
  void tags(const Tags& tags) {
    int number = 0;
    for (const v1::Tag& one : tags) tag(++number, one);
  }

  template <class Replicas>
  void replicas(const Replicas& replicas) {
    int number = 0;
    for (const v1::ReplicaRegionType& one : replicas) {
      length("addReplicaRegions." + std::to_string(++number) + ".member.kmsKeyId", one.kms_key_id(),
             {0, 2'048});
    }
  }

  // ValidationException with one text for all that is wrong.
  [[nodiscard]] Result<void> result() const;

 private:
  void check_list(std::string_view member, const std::vector<std::string>& values, Limits count,
                  Limits each);
  void tag(int number, const v1::Tag& tag);
  void add(std::string error) { errors_.push_back(std::move(error)); }
  std::vector<std::string> errors_;
};

// ---- checks with texts of their own -------------------------------------------------------------
// A name that a customer may give. ValidationException.
[[nodiscard]] Result<void> check_new_name(std::string_view name);
// A SecretId that could name something: an ARN, or a name of the known characters ("!" among them,
// for AWS's services make such names). ValidationException.
[[nodiscard]] Result<void> check_secret_id(std::string_view secret_id);
// InvalidRequestException when it is absent.
[[nodiscard]] Result<void> check_token_present(bool present);
// Not both a binary and a string value. InvalidParameterException.
[[nodiscard]] Result<void> check_one_value(bool has_binary, bool has_string);
// Tags that a customer may set. InvalidParameterException, with texts of ours.
[[nodiscard]] Result<void> check_tag_keys(const google::protobuf::RepeatedPtrField<v1::Tag>& tags);
// Regions that a secret of `own_region` may be replicated to, each named once: well-formed, of the
// same partition, another one. InvalidParameterException. Whether a region exists or is enabled is
// not asked here: that is a failure of replication, not of the call.
[[nodiscard]] Result<void> check_replica_regions(
    const google::protobuf::RepeatedPtrField<v1::ReplicaRegionType>& regions,
    std::string_view own_region);

// How many code points; bytes that are not UTF-8 count one each at most.
[[nodiscard]] std::size_t characters(std::string_view text);

}  // namespace faultline::regions::api
