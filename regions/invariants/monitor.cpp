#include "regions/invariants/monitor.h"

#include "regions/invariants/overseer.h"
#include "regions/world.h"

namespace faultline::regions {

Monitor::Monitor(World& world, MonitorOptions options)
    : world_(world), overseer_(std::make_unique<Overseer>(world, options)) {
  world_.set_observer(this);
}

Monitor::~Monitor() { world_.set_observer(nullptr); }

void Monitor::after_event() { overseer_->after_event(); }
void Monitor::fault_applied(const v1::Fault& fault) { overseer_->forfeit_by(fault); }
void Monitor::settle_begins() { overseer_->settle_begins(); }
void Monitor::at_end(const EndState& end) { overseer_->at_end(end); }
void Monitor::was_repeated(bool equal) { overseer_->was_repeated(equal); }

const std::vector<PropertyViolation>& Monitor::violations() const {
  return overseer_->violations();
}
const std::array<std::uint64_t, kProperties>& Monitor::held() const { return overseer_->held(); }

void Monitor::on_call(const CallSeen& call) { overseer_->on_call(call); }
void Monitor::on_answer(const AnswerSeen& answer) { overseer_->on_answer(answer); }
void Monitor::on_commit(std::string_view region, const Transaction& transaction) {
  overseer_->on_commit(region, transaction);
}
void Monitor::on_commit_lost(std::string_view region, const Transaction& /*transaction*/) {
  overseer_->on_commit_lost(region);
}
void Monitor::on_message(const MessageSeen& message) { overseer_->on_message(message); }
void Monitor::on_delivery(const MessageSeen& message) { overseer_->on_delivery(message); }
void Monitor::on_kms_call(const KmsCallSeen& call) { overseer_->on_kms_call(call); }
void Monitor::on_kms_request(const KmsRequestSeen& request) { overseer_->on_kms_request(request); }
void Monitor::on_life(std::string_view region, bool up) { overseer_->on_life(region, up); }
void Monitor::on_store(std::string_view region, bool open) { overseer_->on_store(region, open); }
void Monitor::on_fault(const v1::Fault& fault, bool begins) { overseer_->on_fault(fault, begins); }

}  // namespace faultline::regions
