#include "regions/other_services.h"

#include "regions/world.h"

namespace faultline::regions {

class OtherServices::Parts {
 public:
  explicit Parts(World& world) : world_(world) {}

 private:
  [[maybe_unused]] World& world_;
};

OtherServices::OtherServices(World& world) : parts_(std::make_unique<Parts>(world)) {}
OtherServices::~OtherServices() = default;

}  // namespace faultline::regions
