// KvStore: an ordered map of bytes to bytes that survives crashes. The only thing a region's
// records stand on.
//
//     WriteBatch batch;
//     batch.put("s/db", record);
//     batch.erase("l/db");
//     FL_TRY_VOID(store.write(batch, /*sync=*/true));
//
// Invariants   (1) a batch is there as a whole or not at all.
//              (2) a batch whose synced write answered success is there after any crash.
//              (3) what a crash leaves is a prefix of the batches in the order of writing.
//              (4) what has been read after opening is not lost by a later crash, unless it was
//              written since without sync.
// Trap         a write that answered an error may still be there after the next crash or opening
//              (and not before): its outcome is unknown, as after a time-out. The store is then
//              unhealthy and accepts no more; open it again to go on.
// Calls        take no virtual time, and nothing else runs meanwhile. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "proto/result.h"

namespace faultline::regions {

// The disk failed, or what it holds is damaged. For people: the store cannot be repaired by reading
// it.
struct StoreError {
  std::string message;
};

template <class T>
using StoreResult = Expected<T, StoreError>;
using StoreStatus = Expected<void, StoreError>;

// Puts and deletes in the order in which they take effect: a later one of the same key wins.
class WriteBatch {
 public:
  struct Operation {
    std::string key;
    // Absent: the key is erased.
    std::optional<std::string> value;

    bool operator==(const Operation&) const = default;
  };

  void put(std::string key, std::string value) {
    operations_.push_back({std::move(key), std::move(value)});
  }
  // Erasing a key that is not there is not an error.
  void erase(std::string key) { operations_.push_back({std::move(key), std::nullopt}); }
  // `other`'s operations after this one's.
  void append(const WriteBatch& other) {
    operations_.insert(operations_.end(), other.operations_.begin(), other.operations_.end());
  }
  void clear() { operations_.clear(); }

  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] bool empty() const { return operations_.empty(); }

 private:
  std::vector<Operation> operations_;
};

class ScanVisitor;

template <class Callable>
concept VisitsRecords = !std::is_same_v<std::remove_cvref_t<Callable>, ScanVisitor> &&
                        std::is_invocable_r_v<bool, Callable&, std::string_view, std::string_view>;

// Refers to a callable `bool(key, value)` of the caller's for the length of a call; copies nothing,
// owns nothing. Implicit, so that a lambda can be passed as it is.
class ScanVisitor {
 public:
  template <VisitsRecords Callable>
  // NOLINTNEXTLINE(google-explicit-constructor, bugprone-forwarding-reference-overload)
  ScanVisitor(Callable&& callable)
      : callable_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* target, std::string_view key, std::string_view value) -> bool {
          return (*static_cast<std::remove_reference_t<Callable>*>(target))(key, value);
        }) {}

  bool operator()(std::string_view key, std::string_view value) const {
    return call_(callable_, key, value);
  }

 private:
  void* callable_;
  bool (*call_)(void*, std::string_view, std::string_view);
};

class KvStore {
 public:
  KvStore() = default;
  KvStore(const KvStore&) = delete;
  KvStore& operator=(const KvStore&) = delete;
  virtual ~KvStore() = default;

  // The value, or nothing if there is no such key. Sees every batch whose write has answered
  // success.
  [[nodiscard]] virtual StoreResult<std::optional<std::string>> get(std::string_view key) = 0;

  // Applies the batch. With `sync` it is durable on return; without, it may be lost by a crash
  // until a later synced write. The disk's sync cost is the caller's to await. An empty batch with
  // `sync` makes all earlier ones durable.
  // Errors   unknown outcome and unhealthy from then on: see
  // Trap.
  [[nodiscard]] virtual StoreStatus write(const WriteBatch& batch, bool sync) = 0;

  // Visits the keys that start with `prefix` in byte order, as they were when the scan began, until
  // the visitor answers false. Both views are valid during that visit only. REQUIRES: the visitor
  // does not write to the store.
  // Errors   may come after some visits.
  [[nodiscard]] virtual StoreStatus scan(std::string_view prefix, ScanVisitor visit) = 0;

  // False from the first failed write on. Reads go on, from what was accepted.
  [[nodiscard]] virtual bool healthy() const = 0;
};

}  // namespace faultline::regions
