#include <hasty_protocol.h>

#include <string>

#include "regions/secret_store.h"

namespace {

using namespace faultline;

class HastyProtocol final : public regions::ReplicationProtocol {
 public:
  explicit HastyProtocol(regions::ReplicationHost& host) : host_(host) {}

  void recover() override {
    const auto names = host_.store().secrets_with_links();
    if (!names) return host_.store_failed(names.error().message);
    for (const std::string& name : *names) secret_changed(name);
  }

  void secret_changed(const std::string& name) override {
    auto links = host_.store().links(name);
    if (!links) return host_.store_failed(links.error().message);
    for (v1::StoredLink& link : *links) {
      regions::Transaction transaction("hasty");
      if (link.phase() == v1::StoredLink::REMOVING) {
        transaction.erase_link(name, link);
      } else if (link.status() == v1::StoredLink::InProgress) {
        host_.send(link.region(), "Hasty", name);
        // Too early: nobody has heard it yet.
        link.set_status(v1::StoredLink::InSync);
        link.set_status_message("Replication succeeded");
        link.set_acked_sequence(link.target_sequence());
        transaction.put_link(name, link);
      } else {
        continue;
      }
      const auto committed = host_.store().commit(std::move(transaction));
      if (!committed) return host_.store_failed(committed.error().message);
    }
  }

  void on_message(std::string_view, std::string_view, std::string_view) override {}
  void on_timer(std::uint64_t) override {}

 private:
  regions::ReplicationHost& host_;
};

}  // namespace

std::shared_ptr<const regions::ProtocolRegistry> with_hasty_protocol() {
  auto protocols = std::make_shared<regions::ProtocolRegistry>();
  protocols->add("hasty", [](regions::ReplicationHost& host) {
    return std::make_unique<HastyProtocol>(host);
  });
  return protocols;
}
