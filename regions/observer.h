// Observer: what a run's watchers hear, as it happens: calls and their answers, commits, messages,
// uses of keys. Invariants and coverage are built on it.
//
// Nothing may be done from within: no call, no fault, no event. Nobody listening costs a null
// check. References are good during the call only, but for what a shared_ptr holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kms/kms.h"
#include "proto/fault.pb.h"
#include "proto/kms_api.pb.h"
#include "proto/secrets_manager.pb.h"
#include "regions/error.h"

namespace faultline::regions {

class Transaction;

struct CallSeen {
  std::uint64_t id = 0;  // numbers the calls of a world from 1
  std::string_view region;
  std::string_view principal_arn;
  const v1::ApiRequest& request;
};

struct AnswerSeen {
  std::uint64_t id = 0;
  // "ConnectionClosed": whether it took effect is not known.
  const Result<v1::ApiResponse>& result;
  // What the trace says of it.
  std::string_view traced;
};

struct MessageSeen {
  std::string_view from;
  std::string_view to;
  std::string_view type;
  std::string_view body;  // as it leaves the sender
};

struct KmsCallSeen {
  std::string_view region;
  std::string_view operation;  // "GenerateDataKey"
  std::string_view principal_arn;
  std::string_view key;  // its ARN; where the call failed, as the caller named it, or empty
  const kms::EncryptionContext& context;
  std::string_view error;  // empty: it succeeded
  // The wrapped data key that was given or made.
  std::string_view blob;
};

// A client's own request to KMS, when it has been carried out.
struct KmsRequestSeen {
  std::string_view region;
  std::string_view principal_arn;
  const v1::KmsRequest& request;
  std::string_view error;  // empty: it succeeded
};

class Observer {
 public:
  virtual ~Observer() = default;

  virtual void on_call(const CallSeen& call) { static_cast<void>(call); }
  virtual void on_answer(const AnswerSeen& answer) { static_cast<void>(answer); }
  // A batch was written to the region's store, and its sync was asked for and answered well.
  virtual void on_commit(std::string_view region, const Transaction& transaction) {
    static_cast<void>(region);
    static_cast<void>(transaction);
  }
  // The same, but the store failed: whether it took effect is known when the store is open again.
  virtual void on_commit_lost(std::string_view region, const Transaction& transaction) {
    static_cast<void>(region);
    static_cast<void>(transaction);
  }
  // As it leaves, and as the receiver's protocol is about to hear it (not at all, late or twice).
  virtual void on_message(const MessageSeen& message) { static_cast<void>(message); }
  virtual void on_delivery(const MessageSeen& message) { static_cast<void>(message); }
  virtual void on_kms_call(const KmsCallSeen& call) { static_cast<void>(call); }
  virtual void on_kms_request(const KmsRequestSeen& request) { static_cast<void>(request); }
  // After a crash (false), and before the region's on_start (true).
  virtual void on_life(std::string_view region, bool up) {
    static_cast<void>(region);
    static_cast<void>(up);
  }
  // The region's store was opened (before its protocol resumes), or failed and was closed. A crash
  // closes it too, and is not told here.
  virtual void on_store(std::string_view region, bool open) {
    static_cast<void>(region);
    static_cast<void>(open);
  }
  // A fault begins, or is healed, and nothing has come of it yet; the engine's kinds and the
  // service's.
  virtual void on_fault(const v1::Fault& fault, bool begins) {
    static_cast<void>(fault);
    static_cast<void>(begins);
  }
};

}  // namespace faultline::regions
