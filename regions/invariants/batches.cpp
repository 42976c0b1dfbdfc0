// Batches of reads. A batch is no snapshot: each of its secrets is read at an instant of its own
// between the call and the answer, so for the judges it is that many GetSecretValue calls.
#include <algorithm>

#include "regions/arn.h"
#include "regions/invariants/overseer.h"

namespace faultline::regions {
namespace {

v1::ApiResponse read_of(const v1::SecretValueEntry& entry) {
  v1::ApiResponse response;
  v1::GetSecretValueResponse& read = *response.mutable_get_secret_value();
  read.set_arn(entry.arn());
  read.set_name(entry.name());
  read.set_version_id(entry.version_id());
  if (entry.has_secret_binary()) read.set_secret_binary(entry.secret_binary());
  if (entry.has_secret_string()) read.set_secret_string(entry.secret_string());
  *read.mutable_version_stages() = entry.version_stages();
  read.set_created_date(entry.created_date());
  return response;
}

// What a batch says of one of its secrets. Of one that its filters did not choose, or that stands
// on another page, it says nothing: that is told as trouble, from which nothing follows.
Result<v1::ApiResponse> part_of(const v1::BatchGetSecretValueResponse& batch, const CallGhost& read,
                                const std::string& account) {
  for (const v1::SecretValueEntry& entry : batch.secret_values()) {
    if (entry.name() == read.secret && (read.arn.empty() || entry.arn() == read.arn))
      return read_of(entry);
  }
  for (const v1::APIErrorType& error : batch.errors()) {
    const auto lookup = lookup_of(error.secret_id(), read.region, account);
    const bool is_it = error.secret_id() == read.request.get_secret_value().secret_id() ||
                       (lookup && read.arn.empty() && lookup->name == read.secret);
    if (is_it) return tl::make_unexpected(Error{error.error_code(), error.message()});
  }
  return tl::make_unexpected(internal_service_error());
}

}  // namespace

void Overseer::begin_batch(const CallSeen& batch) {
  const v1::BatchGetSecretValueRequest& request = batch.request.batch_get_secret_value();
  std::set<std::string> ids(request.secret_id_list().begin(), request.secret_id_list().end());
  if (ids.empty()) {
    for (const auto& [name, secret] : region(batch.region).secrets) ids.insert(name);
  }
  std::vector<Id>& reads = batches_[batch.id];
  for (const std::string& id : ids) {
    v1::ApiRequest read;
    read.mutable_get_secret_value()->set_secret_id(id);
    reads.push_back(batch.id | (static_cast<Id>(reads.size()) + 1) << kBatchShift);
    on_call({.id = reads.back(),
             .region = batch.region,
             .principal_arn = batch.principal_arn,
             .request = read});
  }
}

void Overseer::answer_batch(const AnswerSeen& answer) {
  const auto batch = batches_.extract(answer.id);
  if (batch.empty()) return;
  for (const Id id : batch.mapped()) {
    const CallGhost& read = calls_.at(id);
    const Result<v1::ApiResponse> part =
        answer.result
            ? part_of(answer.result->batch_get_secret_value(), read, world_.account().id())
            : answer.result;
    on_answer({.id = id, .result = part, .traced = {}});
  }
}

}  // namespace faultline::regions
