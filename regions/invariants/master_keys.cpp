#include "regions/invariants/master_keys.h"

#include <utility>

#include "kms/kms.h"
#include "proto/kms.pb.h"
#include "regions/invariants/ghost.h"
#include "regions/kms_gateway.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

std::string name_of(std::string_view key_id, std::string_view material_id) {
  return std::string(key_id) + '/' + std::string(material_id);
}

}  // namespace

void MasterKeys::learn(const std::string& region) {
  auto& known = ciphers_[region];
  const v1::KmsSnapshot snapshot = world_.kms(region).snapshot();
  for (const v1::StoredKey& key : snapshot.keys()) {
    for (const v1::BackingKey& backing : key.backing_keys()) {
      auto& cipher = known[name_of(key.key_id(), backing.material_id())];
      if (cipher != nullptr) continue;
      const auto material = kms::SecretBytes::copy_of(std::string_view(backing.material()));
      cipher = std::make_unique<kms::BackingCipher>(
          kms::BackingCipher::Options{.account = world_.account().id(),
                                      .key_id = key.key_id(),
                                      .material_id = backing.material_id(),
                                      .material = &material});
    }
  }
}

kms::BackingCipher* MasterKeys::cipher(const std::string& region, const kms::ParsedBlob& blob) {
  const std::string name = name_of(blob.key_id, blob.material_id);
  auto found = ciphers_[region].find(name);
  if (found == ciphers_[region].end()) {
    learn(region);
    found = ciphers_[region].find(name);
  }
  return found == ciphers_[region].end() ? nullptr : found->second.get();
}

MasterKeys::Opened MasterKeys::open(const std::string& region, const std::string& secret_arn,
                                    const std::string& version_id,
                                    const v1::StoredVersion& stored) {
  Opened opened;
  const std::string context = kms::canonical_context(encryption_context(secret_arn, version_id));
  for (const v1::WrappedKey& wrapped : stored.keys()) {
    const auto blob = kms::parse_blob(wrapped.blob());
    kms::BackingCipher* key = blob ? cipher(region, *blob) : nullptr;
    if (key == nullptr) {
      opened.trouble = Trouble::ForeignKey;
      for (const std::string& other : world_.regions()) {
        if (blob && other != region && cipher(other, *blob) != nullptr)
          opened.foreign_region = other;
      }
      return opened;
    }
    const auto data_key = key->unwrap(*blob, context);
    const auto value =
        data_key ? kms::open_value(*data_key, secret_arn, version_id,
                                   static_cast<std::uint8_t>(stored.kind()), stored.sealed_value())
                 : tl::make_unexpected(data_key.error());
    if (!value) {
      opened.trouble = Trouble::Context;
      return opened;
    }
    opened.digest = digest_of(stored.kind(), value->chars());
  }
  if (stored.keys_size() == 0) opened.trouble = Trouble::ForeignKey;
  return opened;
}

}  // namespace faultline::regions
