// The optimistic loop of the operations that change something.
//
// An operation decides: it reads the secret, checks, asks KMS where it must, and says what to write
// and what to answer. What it decided is committed against the revision that it has read. If
// another operation was faster, nothing has been written, and it decides again.
//
//     Answer<Response> operation(RegionServices& region, Caller caller, Request request) {
//       FL_CO_TRY_VOID(check(request));
//       auto answer = co_await commit_or_retry(region, std::move(caller), std::move(request),
//       decide); co_return answer;
//     }
//
// Order     commit; trace; tell replication; wait for the disk; answer. Replication is told at
//           once, so that no other event can stand between a change and its way to the replicas.
// Errors    what the decision answers; InvalidRequestException when the secret was deleted between
//           two decisions; InternalServiceError when the store fails, or when the
//           secret moved kDecisionsMax times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "engine/task.h"
#include "proto/storage.pb.h"
#include "regions/api/lookup.h"
#include "regions/api/operations.h"
#include "regions/error.h"
#include "regions/secret_store.h"
#include "regions/services.h"

namespace faultline::regions::api {

// Ours: nobody else writes so fast for so long.
inline constexpr int kDecisionsMax = 16;

// What else has happened once the writes are committed.
enum class After { Nothing, DeletionsChanged, Purged, Promoted };

struct Writes {
  // Of a secret that was made by this decision, or that was read by it.
  [[nodiscard]] static Writes of_new(const v1::StoredSecret& secret, Transaction transaction);
  [[nodiscard]] static Writes of(const v1::StoredSecret& read, Transaction transaction,
                                 After after = After::Nothing);

  Transaction transaction;
  std::string secret_name;
  // Which incarnation of that name was read; empty: none, the secret is new.
  std::string secret_arn;
  std::uint64_t generation = 0;
  After after = After::Nothing;
  // False: neither replicas nor links have to do with it, and replication is not told.
  bool concerns_replicas = true;
};

template <class Response>
struct Decision {
  Response response;
  // Absent: nothing changes.
  std::optional<Writes> writes;
};

// A decision that asks nobody, and one that awaits KMS.
template <class Request, class Response>
using Decide = Result<Decision<Response>> (*)(RegionServices& region, const Caller& caller,
                                              const Request& request);
template <class Request, class Response>
using DecideSlowly = engine::Task<Result<Decision<Response>>> (*)(RegionServices& region,
                                                                  Caller caller, Request request);

// Commits, and does at once what follows from it. Conflict also if the secret was deleted meanwhile
// and made again: revisions count from 1 again, so they alone do not tell.
[[nodiscard]] Result<Commit> commit(RegionServices& region, Writes writes);

// ---- for decisions ------------------------------------------------------------------------------
// Notes a change that replicas must see: the next sequence, and the time.
void change(RegionServices& region, v1::StoredSecret& secret);
// Writes the secret, and to every attached link that it owes the secret's sequence to its replica.
// Its rotation follows what has become of its labels (rotation/records.h).
// REQUIRES: nothing is awaited between this and the commit, or a link's answer would be lost.
[[nodiscard]] Result<void> write_changed(RegionServices& region, const Caller& caller,
                                         const v1::StoredSecret& secret, Transaction& transaction);

// ---- the loop -----------------------------------------------------------------------------------
template <class Request, class Response>
Answer<Response> commit_or_retry(RegionServices& region, Caller caller, Request request,
                                 DecideSlowly<Request, Response> decide) {
  for (int decisions = 0; decisions < kDecisionsMax; ++decisions) {
    auto decision = co_await decide(region, caller, request);
    if (!decision.has_value()) {
      const bool is_gone = decisions > 0 && decision.error() == secret_not_found();
      co_return tl::make_unexpected(is_gone ? deleted_meanwhile() : std::move(decision).error());
    }
    if (!decision->writes) co_return std::move(decision->response);
    auto committed = commit(region, *std::move(decision->writes));
    if (!committed.has_value()) co_return tl::make_unexpected(std::move(committed).error());
    if (*committed == Commit::Conflict) continue;
    co_await region.ctx.sleep(region.sync_time());
    co_return std::move(decision->response);
  }
  co_return tl::make_unexpected(internal_service_error());
}

// Without an await there is nobody who could be faster.
template <class Request, class Response>
Answer<Response> commit_or_retry(RegionServices& region, Caller caller, Request request,
                                 Decide<Request, Response> decide) {
  auto decision = decide(region, caller, request);
  if (!decision.has_value()) co_return tl::make_unexpected(std::move(decision).error());
  if (!decision->writes) co_return std::move(decision->response);
  auto committed = commit(region, *std::move(decision->writes));
  if (!committed.has_value()) co_return tl::make_unexpected(std::move(committed).error());
  if (*committed == Commit::Conflict) co_return tl::make_unexpected(internal_service_error());
  co_await region.ctx.sleep(region.sync_time());
  co_return std::move(decision->response);
}

}  // namespace faultline::regions::api
