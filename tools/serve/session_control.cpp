// What the control surface asks of a session: faults, the clock, snapshots.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/fault_injector.h"
#include "engine/simulation.h"
#include "regions/build_id.h"
#include "regions/fault_catalogue.h"
#include "regions/inspector.h"
#include "regions/scenario/check.h"
#include "regions/scenario_text.h"
#include "tools/serve/session.h"

namespace faultline::tools {
namespace {

using engine::Duration;
using engine::Instant;

// In words, without its name and how long it lasts.
std::string bare_text(v1::Fault fault) {
  fault.clear_name();
  fault.clear_for_();
  return regions::fault_text(fault);
}

// Every mistake in one line.
std::string one_line(const regions::InputErrors& errors) {
  std::string text;
  for (const InputError& error : errors) text += (text.empty() ? "" : "; ") + error.message;
  return text;
}

}  // namespace

v1::ControlResponse Session::control(const v1::ControlRequest& request) {
  catch_up();
  v1::ControlResponse response;
  switch (request.what_case()) {
    case v1::ControlRequest::kApplyFault:
      apply_fault(request.apply_fault(), response);
      break;
    case v1::ControlRequest::kListFaults:
      list_faults(response);
      break;
    case v1::ControlRequest::kClearFaults:
      clear_faults(request.clear_faults(), response);
      break;
    case v1::ControlRequest::kGetStatus:
      status(request.get_status(), response);
      break;
    case v1::ControlRequest::kAdvanceClock:
      advance(request.advance_clock(), response);
      break;
    case v1::ControlRequest::kTakeSnapshot:
      take_snapshot(request.take_snapshot(), response);
      break;
    case v1::ControlRequest::kResetWorld:
      reset(request.reset_world(), response);
      break;
    case v1::ControlRequest::kCrashRegion: {
      v1::Step step;
      step.mutable_crash()->set_region(request.crash_region().region());
      life_of(std::move(step), request.crash_region().region(), response);
      break;
    }
    case v1::ControlRequest::kRestartRegion: {
      v1::Step step;
      step.mutable_restart()->set_region(request.restart_region().region());
      life_of(std::move(step), request.restart_region().region(), response);
      break;
    }
    case v1::ControlRequest::kSetClock:
      set_clock(request.set_clock(), response);
      break;
    case v1::ControlRequest::kStepEvents:
      step_events(request.step_events(), response);
      break;
    case v1::ControlRequest::kRewind:
      rewind(request.rewind(), response);
      break;
    case v1::ControlRequest::kSaveSession:
      save(response);
      break;
    case v1::ControlRequest::WHAT_NOT_SET:
      response.set_error("the request asks for nothing that this server knows");
      break;
  }
  if (!response.error().empty() || !options_.make_durable) return response;
  const auto kept = options_.make_durable(*world_);
  if (!kept) response.set_error(kept.error());
  return response;
}

// ---- faults -------------------------------------------------------------------------------------

// As the scenario's checker sees it: in a world of these regions and keys.
std::string Session::what_is_wrong_with(const v1::Fault& fault) const {
  v1::Scenario scenario;
  for (const std::string& region : world_->regions()) {
    scenario.add_region()->set_name(region);
    const auto aliases = world_->kms(region).list_aliases();
    if (!aliases) continue;
    for (const auto& alias : *aliases) {
      if (alias.name == kms::kManagedAlias) continue;
      v1::KeySpec& key = *scenario.add_key();
      key.set_region(region);
      key.set_alias(alias.name);
    }
  }
  *scenario.add_step()->mutable_fault() = fault;
  const auto adopted = regions::adopt_scenario("fault", std::move(scenario));
  return adopted ? std::string() : one_line(adopted.error());
}

void Session::apply_fault(const v1::ControlRequest::ApplyFault& request,
                          v1::ControlResponse& response) {
  v1::Fault fault = request.fault();
  const auto active = world_->simulation().faults().active();
  const auto is_taken = [&](const std::string& name) {
    return std::ranges::any_of(active,
                               [&](const auto& other) { return other.fault.name() == name; });
  };
  if (fault.name().empty() && !regions::is_over_at_once(fault)) {
    do {
      fault.set_name(fmt::format("fault-{}", ++faults_named_));
    } while (is_taken(fault.name()));
  } else if (!fault.name().empty() && is_taken(fault.name())) {
    return response.set_error(
        fmt::format("a fault named \"{}\" is in force: clear it first, or name this one otherwise",
                    fault.name()));
  }
  if (const std::string wrong = what_is_wrong_with(fault); !wrong.empty()) {
    return response.set_error(wrong);
  }
  v1::Step step;
  *step.mutable_fault() = fault;
  operate(std::move(step));
  for (const engine::ActiveFault& now : world_->simulation().faults().active()) {
    if (now.fault.name() != fault.name()) continue;
    response.set_fault_id(now.id);
    *response.add_faults() = in_force(now);
  }
  if (response.faults().empty()) {
    // It was over as soon as it had happened.
    v1::FaultInForce& happened = *response.add_faults();
    *happened.mutable_fault() = fault;
    happened.set_text(bare_text(fault));
  }
}

v1::FaultInForce Session::in_force(const engine::ActiveFault& fault) const {
  v1::FaultInForce in_force;
  in_force.set_id(fault.id);
  *in_force.mutable_fault() = fault.fault;
  in_force.set_text(bare_text(fault.fault));
  in_force.set_age_ns((world_->now() - fault.since).ns());
  if (fault.until) in_force.set_left_ns((*fault.until - world_->now()).ns());
  return in_force;
}

void Session::list_faults(v1::ControlResponse& response) {
  for (const engine::ActiveFault& fault : world_->simulation().faults().active()) {
    *response.add_faults() = in_force(fault);
  }
}

void Session::clear_faults(const v1::ControlRequest::ClearFaults& request,
                           v1::ControlResponse& response) {
  const bool all = request.name().empty() && request.id() == 0;
  for (const engine::ActiveFault& fault : world_->simulation().faults().active()) {
    if (!all && fault.fault.name() != request.name() && fault.id != request.id()) continue;
    *response.add_faults() = in_force(fault);
  }
  if (response.faults().empty() && !all) {
    const std::string named =
        request.name().empty() ? std::to_string(request.id()) : "\"" + request.name() + "\"";
    return response.set_error(
        fmt::format("no fault {} is in force; `faultline fault list` shows those that are", named));
  }
  v1::Step step;
  step.mutable_heal();
  if (all) return static_cast<void>(operate(std::move(step)));
  for (const v1::FaultInForce& fault : response.faults()) {
    step.mutable_heal()->set_fault(fault.fault().name());
    operate(step);
  }
}

void Session::life_of(v1::Step step, const std::string& region, v1::ControlResponse& response) {
  if (!world_->has_region(region)) {
    return response.set_error(fmt::format("this world has no region \"{}\"", region));
  }
  operate(std::move(step));
  status({}, response);
}

// ---- looking ------------------------------------------------------------------------------------

void Session::status(const v1::ControlRequest::GetStatus& request, v1::ControlResponse& response) {
  engine::Simulation& simulation = world_->simulation();
  v1::ServerStatus& status = *response.mutable_status();
  status.set_version(std::string(regions::build_id()));
  status.set_clock(options_.clock.text());
  status.set_now_ns((world_->now() - Instant()).ns());
  status.set_wall_unix_ns(simulation.epoch_unix_ns() + status.now_ns());
  status.set_seed(options_.seed);
  status.set_account(world_->account().id());
  status.set_calls(calls_answered_);
  status.set_faults(static_cast<std::uint32_t>(simulation.faults().active().size()));
  for (const std::string& name : world_->regions()) {
    v1::RegionStatus& region = *status.add_regions();
    region.set_name(name);
    region.set_enabled(world_->account().is_enabled(name));
    regions::Region* const running = world_->region(name);
    region.set_up(running != nullptr);
    if (running != nullptr) {
      const auto secrets = running->secret_store().secrets();
      region.set_secrets(secrets ? static_cast<std::uint32_t>(secrets->size()) : 0);
    }
    const auto keys = world_->kms(name).list_keys();
    region.set_keys(keys ? static_cast<std::uint32_t>(keys->size()) : 0);
  }
  if (request.state_hash()) status.set_state_hash(world_->state_hash());
  if (options_.recorder != nullptr) {
    status.set_trace_hash(simulation.trace().hash().to_hex());
    status.set_recording(options_.recorder->path());
  }
  for (const auto& [name, image] : snapshots_) status.add_snapshots(name);
}

// ---- the clock ----------------------------------------------------------------------------------

void Session::advance(const v1::ControlRequest::AdvanceClock& request,
                      v1::ControlResponse& response) {
  if (!options_.clock.is_manual()) {
    return response.set_error(fmt::format(
        "the clock of this server is {}: it moves by itself; start it with --clock manual, or "
        "pause it: faultline time pause",
        options_.clock.text()));
  }
  if (request.by_ns() <= 0) {
    return response.set_error("a clock goes forwards only: give a time greater than 0");
  }
  world_->run_for(Duration::nanos(request.by_ns()));
  status({}, response);
}

// ---- snapshots ----------------------------------------------------------------------------------

void Session::take_snapshot(const v1::ControlRequest::TakeSnapshot& request,
                            v1::ControlResponse& response) {
  if (request.name().empty()) return response.set_error("a snapshot needs a name");
  snapshots_.insert_or_assign(request.name(),
                              std::make_shared<const regions::WorldImage>(world_->image()));
  status({}, response);
}

void Session::reset(const v1::ControlRequest::ResetWorld& request, v1::ControlResponse& response) {
  if (options_.recorder != nullptr && !(remembers() && request.snapshot().empty())) {
    return response.set_error(
        "this session is being recorded, and a reset cannot be replayed: record another session");
  }
  if (remembers()) options_.recorder->forget_after(Instant() - Duration::nanos(1));
  if (request.snapshot().empty()) {
    rebuild(nullptr);
  } else {
    const auto found = snapshots_.find(request.snapshot());
    if (found == snapshots_.end()) {
      return response.set_error(fmt::format("there is no snapshot \"{}\"", request.snapshot()));
    }
    rebuild(found->second);
  }
  status({}, response);
}

}  // namespace faultline::tools
