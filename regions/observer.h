// Observer: what a run's watchers hear, as it happens: calls and their answers, commits, messages,
// uses of keys. Invariants and coverage are built on it.
//
// Nothing may be done from within: no call, no fault, no event. Nobody listening costs a null check.
// References are good during the call only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kms/kms.h"
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
  std::string_view key;  // as the caller named it, or as the blob says
  const kms::EncryptionContext& context;
  std::string_view error;  // empty: it succeeded
  // The nonce of the wrapping and a digest of the data key, where one was made.
  std::string_view blob;
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
  virtual void on_message(const MessageSeen& message) { static_cast<void>(message); }
  virtual void on_kms_call(const KmsCallSeen& call) { static_cast<void>(call); }
  // After a crash (false), and before the region's on_start (true).
  virtual void on_life(std::string_view region, bool up) {
    static_cast<void>(region);
    static_cast<void>(up);
  }
};

}  // namespace faultline::regions
