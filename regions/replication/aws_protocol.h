// AwsProtocol: the built-in replication protocol, "aws". Whole snapshots of a secret with
// generation and sequence, acknowledgements, refusals with reasons, retries with backoff, jitter
// and an end, tombstones for removed links, fencing on promotion. Start reading at replica_link.h
// (the primary's machine), replica_copy.h (the replica's) and judgement.h (what a replica
// believes).
#pragma once

#include "regions/replication/channel.h"
#include "regions/replication/primary_side.h"
#include "regions/replication/protocol.h"
#include "regions/replication/replica_side.h"

namespace faultline::regions {

class AwsProtocol final : public ReplicationProtocol {
 public:
  // The host outlives the protocol.
  explicit AwsProtocol(ReplicationHost& host)
      : host_(host), channel_(host), primary_(host, channel_), replica_(host, channel_) {}

  void recover() override;
  void secret_changed(const std::string& secret_name) override;
  void on_message(std::string_view from_region, std::string_view type,
                  std::string_view body) override;
  void on_timer(std::uint64_t key) override;

 private:
  ReplicationHost& host_;
  Channel channel_;
  PrimarySide primary_;
  ReplicaSide replica_;
};

}  // namespace faultline::regions
