// MasterKeys: opens what regions store with their KMS's own key material, whatever state the keys
// are in and whoever may use them: what a stored value is, independent of faults and policies.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kms/envelope.h"
#include "proto/storage.pb.h"

namespace faultline::regions {

class World;

class MasterKeys {
 public:
  explicit MasterKeys(World& world) : world_(world) {}

  enum class Trouble {
    None,
    ForeignKey,  // a wrapping that no key of this region has made
    Context,     // it opens only as something else, or not at all
  };
  struct Opened {
    Trouble trouble = Trouble::None;
    std::uint64_t digest = 0;
    // The region whose key made a foreign wrapping, if one has.
    std::string foreign_region;
  };
  // Opens a stored value with every one of its wrappings.
  [[nodiscard]] Opened open(const std::string& region, const std::string& secret_arn,
                            const std::string& version_id, const v1::StoredVersion& stored);
  // Remembers all keys of the region. Those that sealed something are learnt by themselves, if they
  // are still there then.
  void learn(const std::string& region);

 private:
  kms::BackingCipher* cipher(const std::string& region, const kms::ParsedBlob& blob);

  World& world_;
  // By region, key id and material id.
  std::map<std::string, std::map<std::string, std::unique_ptr<kms::BackingCipher>>> ciphers_;
};

}  // namespace faultline::regions
