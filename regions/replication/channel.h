// Channel: how a secret value travels from one region to another: AES-256-GCM under the key of that
// direction, bound to the secret, the version and the kind of value, so that nothing can be put in
// another's place on the way.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kms/primitives.h"
#include "kms/secret_bytes.h"
#include "proto/replication.pb.h"
#include "regions/replication/protocol.h"

namespace faultline::regions {

class Channel {
 public:
  // The host outlives the channel.
  explicit Channel(ReplicationHost& host) : host_(host) {}

  [[nodiscard]] std::string seal(std::string_view to, const v1::LinkId& link,
                                 const v1::ReplicatedVersion& version,
                                 const kms::SecretBytes& value);
  // InvalidCiphertextException when it was not sealed by `from` for here, for this link and
  // version.
  [[nodiscard]] kms::Result<kms::SecretBytes> open(std::string_view from, const v1::LinkId& link,
                                                   const v1::ReplicatedVersion& version);

 private:
  kms::Aead& cipher(std::string_view from, std::string_view to);
  ReplicationHost& host_;
  // Keyed once for each direction.
  std::map<std::string, kms::Aead, std::less<>> ciphers_;
};

}  // namespace faultline::regions
