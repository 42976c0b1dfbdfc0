// A world with a monitor, and ways to break its rules behind the API's back.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/simulation.h"
#include "kms/envelope.h"
#include "kms/kms.h"
#include "regions/invariants/monitor.h"
#include "regions/kms_gateway.h"
#include "regions/secret_store.h"
#include "regions/staging_labels.h"
#include "tests/regions/secrets_api.h"

namespace faultline::regions {

class WatchedWorld : public ::testing::Test {
 protected:
  WatchedWorld() : monitor_(api.world()) {
    world().simulation().set_after_event([this] { monitor_.after_event(); });
  }

  World& world() { return api.world(); }
  Monitor& monitor() { return monitor_; }
  SecretStore& store(std::string_view region) { return world().region(region)->secret_store(); }
  v1::StoredSecret record(std::string_view region) { return *store(region).secret("db").value(); }
  v1::StoredLink link() { return store(kWest).links("db").value().front(); }

  // "db" with one version, replicated and InSync.
  void replicated() {
    api.ok(
        "create_secret { name: 'db' client_request_token: 'v1' secret_string: 'first-value' "
        "add_replica_regions { region: 'us-east-1' } }");
    world().run_until_idle();
  }
  void put(std::string_view version, std::string_view value) {
    api.ok("put_secret_value { secret_id: 'db' client_request_token: '" + std::string(version) +
           "' secret_string: '" + std::string(value) + "' }");
  }
  // Writes to a region's store what no client and no protocol would.
  void forge(std::string_view region,
             const std::function<void(Transaction&, v1::StoredSecret&)>& change) {
    v1::StoredSecret secret = record(region);
    Transaction transaction("forged");
    change(transaction, secret);
    transaction.put_secret(secret);
    ASSERT_EQ(store(region).commit(std::move(transaction)).value(), Commit::Done);
  }
  void forge_link(const v1::StoredLink& link) {
    Transaction transaction("forged");
    transaction.put_link("db", link);
    ASSERT_EQ(store(kWest).commit(std::move(transaction)).value(), Commit::Done);
  }
  // A value sealed as it should be, whoever asked for it.
  v1::StoredVersion sealed(std::string_view region, const std::string& arn, const std::string& id,
                           std::string_view value) {
    const kms::Caller root{
        .principal_arn = {},
        .via_service = "secretsmanager." + std::string(region) + ".amazonaws.com"};
    const auto key = world().kms(region).generate_data_key(root, kms::kManagedAlias,
                                                           encryption_context(arn, id));
    v1::StoredVersion stored;
    stored.set_kind(v1::StoredVersion::STRING);
    stored.add_keys()->set_blob(key->blob);
    const std::array<std::byte, kms::kIvBytes> iv{};
    stored.set_sealed_value(kms::seal_value(key->plaintext, arn, id, kms::kValueString, iv, value));
    return stored;
  }

  [[nodiscard]] bool saw(Property property) const {
    const auto& seen = monitor_.violations();
    return std::any_of(seen.begin(), seen.end(),
                       [&](const auto& violation) { return violation.property == property; });
  }
  // Everything that was seen, in words: for messages.
  [[nodiscard]] std::string all() const {
    std::string text;
    for (const PropertyViolation& seen : monitor_.violations())
      text += std::string(info_of(seen.property).id) + ": " + seen.found + '\n';
    return text;
  }
  [[nodiscard]] std::uint64_t held(Property property) const {
    return monitor_.held()[static_cast<std::size_t>(property)];
  }

  SecretsApi api;

 private:
  Monitor monitor_;
};

}  // namespace faultline::regions
