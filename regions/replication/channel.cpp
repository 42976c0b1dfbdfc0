#include "regions/replication/channel.h"

#include <array>
#include <cstddef>

namespace faultline::regions {
namespace {

std::string bound_to(const v1::LinkId& link, const v1::ReplicatedVersion& version) {
  std::string aad = "FLCHAN1";
  for (const std::string* part : {&link.secret_arn(), &version.info().version_id()}) {
    aad += static_cast<char>(part->size() >> 8U);
    aad += static_cast<char>(part->size() & 0xffU);
    aad += *part;
  }
  aad += static_cast<char>(version.kind());
  return aad;
}

}  // namespace

kms::Aead& Channel::cipher(std::string_view from, std::string_view to) {
  std::string direction = std::string(from) + ">" + std::string(to);
  auto found = ciphers_.find(direction);
  if (found == ciphers_.end()) {
    found = ciphers_.emplace(std::move(direction), kms::Aead(host_.channel_key(from, to))).first;
  }
  return found->second;
}

std::string Channel::seal(std::string_view to, const v1::LinkId& link,
                          const v1::ReplicatedVersion& version, const kms::SecretBytes& value) {
  const std::string purpose =
      "channel-iv/" + std::string(to) + "/" + link.secret_arn() + "/" + version.info().version_id();
  std::array<std::byte, kms::kIvBytes> iv{};
  host_.context().random(purpose).fill(host_.context().next_index(purpose), iv);
  return cipher(host_.region(), to).seal(iv, bound_to(link, version), value.chars());
}

kms::Result<kms::SecretBytes> Channel::open(std::string_view from, const v1::LinkId& link,
                                            const v1::ReplicatedVersion& version) {
  return cipher(from, host_.region()).open(bound_to(link, version), version.sealed_value());
}

}  // namespace faultline::regions
