#include "regions/replication/aws_protocol.h"

#include <utility>

#include "proto/replication.pb.h"
#include "regions/secret_store.h"

namespace faultline::regions {
namespace {

// Calls handle(message) if the body is one; a body that is none was damaged on its way, and the
// sender will send again.
template <class Message, class Handle>
void parsed(std::string_view body, Handle handle) {
  Message message;
  if (message.ParseFromArray(body.data(), static_cast<int>(body.size())))
    handle(std::move(message));
}

}  // namespace

void AwsProtocol::recover() {
  replica_.recover();
  const auto names = host_.store().secrets_with_links();
  if (!names) return host_.store_failed(names.error().message);
  for (const std::string& name : *names) primary_.resume(name, PrimarySide::Since::Restart);
}

void AwsProtocol::secret_changed(const std::string& secret_name) {
  replica_.secret_changed(secret_name);
  primary_.resume(secret_name, PrimarySide::Since::Change);
}

void AwsProtocol::on_message(std::string_view from, std::string_view type, std::string_view body) {
  if (type == "Replicate") {
    parsed<v1::Replicate>(
        body, [&](v1::Replicate message) { replica_.on_replicate(from, std::move(message)); });
  } else if (type == "ReplicateAck") {
    parsed<v1::ReplicateAck>(
        body, [&](const v1::ReplicateAck& message) { primary_.on_ack(from, message); });
  } else if (type == "ReplicateNack") {
    parsed<v1::ReplicateNack>(
        body, [&](const v1::ReplicateNack& message) { primary_.on_nack(from, message); });
  } else if (type == "RemoveReplica") {
    parsed<v1::RemoveReplica>(
        body, [&](const v1::RemoveReplica& message) { replica_.on_remove(from, message); });
  } else if (type == "RemoveReplicaAck") {
    parsed<v1::RemoveReplicaAck>(
        body, [&](const v1::RemoveReplicaAck& message) { primary_.on_removal_ack(from, message); });
  } else if (type == "ReplicaDetached") {
    parsed<v1::ReplicaDetached>(
        body, [&](const v1::ReplicaDetached& message) { primary_.on_detached(from, message); });
  } else if (type == "ReplicaDetachedAck") {
    parsed<v1::ReplicaDetachedAck>(body, [&](const v1::ReplicaDetachedAck& message) {
      replica_.on_detached_ack(from, message);
    });
  }
}

void AwsProtocol::on_timer(std::uint64_t key) {
  switch (const TimerPurpose purpose = purpose_of(key); purpose) {
    case TimerPurpose::Prepared:
    case TimerPurpose::Retry:
    case TimerPurpose::Removal:
      return primary_.on_timer(purpose, id_of(key));
    case TimerPurpose::Keys:
    case TimerPurpose::Durable:
    case TimerPurpose::Reply:
    case TimerPurpose::Detach:
      return replica_.on_timer(purpose, id_of(key));
  }
}

}  // namespace faultline::regions
