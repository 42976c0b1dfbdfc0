#include "regions/invariants/overseer.h"

#include "engine/hash.h"
#include "engine/simulation.h"
#include "regions/arn.h"

namespace faultline::regions {

Overseer::Overseer(World& world, MonitorOptions options)
    : world_(world), options_(options), keys_(world), last_event_(world.now()) {
  for (const std::string& name : world.regions()) {
    RegionGhost& at = regions_[name];
    at.name = name;
    Region* const actor = world.region(name);
    at.up = actor != nullptr;
    at.open = at.up && actor->secret_store().is_open();
    canaries_.add_public(name);
  }
  canaries_.add_public(world.account().id());
}

// ---- saying -------------------------------------------------------------------------------------

void Overseer::report(Property property, std::string_view secret, std::string_view region,
                      std::string found) {
  if (!said_.emplace(property, std::string(secret), std::string(region)).second) return;
  const std::uint64_t event = world_.simulation().trace().count();
  PropertyViolation& seen = violations_.emplace_back();
  seen.property = property;
  seen.found = std::move(found);
  seen.secret = secret;
  seen.region = region;
  seen.at = now();
  seen.event = event;
  const std::uint64_t cause = world_.simulation().trace().current_cause();
  if (cause != 0 && cause != event) seen.witnesses.push_back(cause);
  if (event != 0) seen.witnesses.push_back(event);
}

bool Overseer::forfeited(const std::string& lineage) const {
  const auto found = lineages_.find(lineage);
  return found != lineages_.end() && found->second.forfeited;
}

// ---- ghosts -------------------------------------------------------------------------------------

RegionGhost& Overseer::region(std::string_view name) { return regions_.find(name)->second; }

SecretGhost& Overseer::secret(RegionGhost& at, const std::string& name) {
  const auto [place, is_new] = at.secrets.try_emplace(name);
  if (is_new) place->second.name = name;
  return place->second;
}

Lineage& Overseer::lineage(const std::string& arn, std::string_view region,
                           const std::string& name) {
  const auto [place, is_new] = lineages_.try_emplace(arn);
  if (is_new) {
    place->second.arn = arn;
    place->second.region = region;
    place->second.name = name;
    place->second.forfeited = this->region(region).tainted;
  }
  return place->second;
}

LinkTalk& Overseer::talk(std::string_view replica, const std::string& lineage,
                         std::uint64_t generation) {
  return talks_[{std::string(replica), lineage, generation}];
}

std::uint64_t Overseer::digest_in(const std::string& lineage, const std::string& id) const {
  const auto found = lineages_.find(lineage);
  if (found == lineages_.end()) return 0;
  const auto values = found->second.values.find(id);
  return values == found->second.values.end() ? 0 : values->second.back();
}

void Overseer::push_state(SecretGhost& secret, RecordPtr record) {
  if (secret.pending.empty()) secret.states.clear();
  secret.states.push_back({++states_, record});
  secret.record = std::move(record);
}

History& Overseer::history(std::string_view region, const std::string& secret) {
  return histories_[{std::string(region), secret}];
}

void Overseer::end_histories(const std::string& region) {
  for (auto& [place, history] : histories_) {
    if (place.first == region) history.ends_here();
  }
}

// ---- what happens -------------------------------------------------------------------------------

// S37
void Overseer::after_event() {
  hold(Property::S37);
  if (now() < last_event_)
    report(Property::S37, {}, {}, "virtual time went back to " + engine::format_instant(now()));
  last_event_ = now();
  if (++events_ % options_.sweep_every == 0) sweep();
}

void Overseer::on_commit(std::string_view name, const Transaction& transaction) {
  RegionGhost& at = region(name);
  judge_at_rest(at, transaction);
  const RecordPtr& written = transaction.written_secret();
  const engine::Disk& disk = world_.simulation().context(*world_.simulation().find(name)).disk();
  const bool unsynced = disk.unsynced_bytes() > 0 && !at.tainted;
  for (const std::string& erased : transaction.erased_secrets()) {
    SecretGhost& gone = secret(at, erased);
    gone.values.clear();
    gone.links_erased = std::erase_if(gone.links, [](const LinkEntry& link) {
      return link.second.record.phase() != v1::StoredLink::REMOVING;
    });
    if (written == nullptr || written->name() != erased) {
      take_record(at, gone, nullptr);
      gone.unsynced = unsynced;
      gone.durable_at = now() + disk.sync_cost();
    }
  }
  for (const WriteBatch::Operation& operation : transaction.writes().operations()) {
    const std::string& key = operation.key;
    if (!key.starts_with("v/")) continue;
    const std::size_t end = key.find('\0');
    SecretGhost& owner = secret(at, key.substr(2, end - 2));
    const std::string id = key.substr(end + 1);
    const bool is_its = written != nullptr && written->name() == owner.name;
    if (operation.value) {
      take_value(at, owner, is_its ? written.get() : owner.record.get(), id, *operation.value);
    } else {
      owner.values.erase(id);
    }
  }
  // Links before the record: what the record owes its replicas is judged with both.
  for (const Transaction::LinkChange& change : transaction.link_changes())
    take_link(at, secret(at, change.secret_name), change.link, change.erased);
  if (written != nullptr) {
    SecretGhost& owner = secret(at, written->name());
    owner.unsynced = unsynced;
    take_record(at, owner, written);
  }
  for (const WriteBatch::Operation& operation : transaction.writes().operations()) {
    if (!operation.key.starts_with("t/") || !operation.value) continue;
    v1::StoredTombstone stone;
    if (!stone.ParseFromString(*operation.value)) continue;
    for (auto* known : {&at.removed, &at.stones}) {
      std::uint64_t& removed = (*known)[stone.secret_arn()];
      removed = std::max(removed, stone.generation());
    }
  }
  if (written != nullptr) {
    judge_equality(at, secret(at, written->name()));
    judge_equality_of_replica(at, secret(at, written->name()));
  }
  for (const Transaction::LinkChange& change : transaction.link_changes()) {
    SecretGhost& owner = secret(at, change.secret_name);
    if (!change.erased && change.link.phase() == v1::StoredLink::ATTACHED &&
        change.link.status() == v1::StoredLink::InSync)
      judge_in_sync(at, owner, change.link);
  }
}

void Overseer::on_commit_lost(std::string_view name) {
  RegionGhost& at = region(name);
  at.has_lost = true;
  ++at.lost_commits;
}

void Overseer::settle_begins() { settled_at_ = now(); }

// S36
void Overseer::was_repeated(bool equal) {
  hold(Property::S36);
  if (!equal) report(Property::S36, {}, {}, "the same scenario and seed gave another trace");
}

}  // namespace faultline::regions
