// LeakyProtocol: the built-in replication protocol with a hole, through which a planted source gets
// into every change of a secret. What comes through never changes what is replicated; only when
// something happens, in which order, or what a message says that nobody reads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "regions/replication/protocol.h"
#include "tests/determinism/planted_sources.h"

namespace faultline::determinism {

// The message that a source may send, as the trace names it.
inline constexpr std::string_view kWhisper = "Whisper";

class LeakyProtocol final : public regions::ReplicationProtocol {
 public:
  // Host and source outlive the protocol. Without a source it does as the inner one.
  LeakyProtocol(regions::ReplicationHost& host, std::unique_ptr<regions::ReplicationProtocol> inner,
                const PlantedSource* source);

  void recover() override { inner_->recover(); }
  void secret_changed(const std::string& secret_name) override;
  void on_message(std::string_view from_region, std::string_view type,
                  std::string_view body) override;
  void on_timer(std::uint64_t key) override;

 private:
  void leak(const std::string& bytes);

  regions::ReplicationHost& host_;
  const std::unique_ptr<regions::ReplicationProtocol> inner_;
  const PlantedSource* const source_;
  std::function<std::string()> read_;
};

}  // namespace faultline::determinism
