#include "regions/secret_store.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/simulation.h"
#include "proto/check.h"
#include "proto/trace.pb.h"
#include "regions/observer.h"

namespace faultline::regions {
namespace {

constexpr char kSeparator = '\0';
// Parsed secrets that are kept; when there are more, reading starts afresh.
constexpr std::size_t kParsedMost = 256;

std::string secret_key(const std::string& name) { return "s/" + name; }
std::string versions_prefix(const std::string& name) { return "v/" + name + kSeparator; }
std::string version_key(const std::string& name, const std::string& id) {
  return versions_prefix(name) + id;
}
std::string links_prefix(const std::string& name) { return "l/" + name + kSeparator; }
std::string tombstone_key(const std::string& arn) { return "t/" + arn; }

std::string link_key(const std::string& name, const v1::StoredLink& link) {
  char generation[17];
  std::snprintf(generation, sizeof generation, "%016llx",
                static_cast<unsigned long long>(link.generation()));
  return links_prefix(name) + link.region() + kSeparator + link.secret_arn() + kSeparator +
         generation;
}

std::string status_name(const v1::StoredLink& link) {
  if (link.phase() == v1::StoredLink::REMOVING) return "Removing";
  switch (link.status()) {
    case v1::StoredLink::InProgress:
      return "InProgress";
    case v1::StoredLink::InSync:
      return "InSync";
    case v1::StoredLink::Failed:
      return "Failed";
    default:
      return "";
  }
}

StoreError closed() { return {"the store is closed"}; }

template <class Record>
StoreResult<Record> parse(std::string_view key, std::string_view bytes) {
  Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return tl::make_unexpected(
        StoreError{"Corruption: the record " + std::string(key) + " cannot be read"});
  }
  return record;
}

template <class Record>
StoreResult<std::optional<Record>> load(KvStore* kv, const std::string& key) {
  if (kv == nullptr) return tl::make_unexpected(closed());
  FL_TRY(const auto bytes, kv->get(key));
  if (!bytes) return std::nullopt;
  FL_TRY(Record record, parse<Record>(key, *bytes));
  return std::optional<Record>(std::move(record));
}

// Calls visit(key, record) for every record under the prefix.
template <class Record, class Visit>
StoreStatus each(KvStore* kv, const std::string& prefix, Visit visit) {
  if (kv == nullptr) return tl::make_unexpected(closed());
  std::optional<StoreError> damage;
  FL_TRY_VOID(kv->scan(prefix, [&](std::string_view key, std::string_view value) {
    auto record = parse<Record>(key, value);
    if (!record) {
      damage = std::move(record).error();
      return false;
    }
    visit(key, std::move(*record));
    return true;
  }));
  if (damage) return tl::make_unexpected(*std::move(damage));
  return {};
}

}  // namespace

// ---- Transaction --------------------------------------------------------------------------------

void Transaction::put_secret(v1::StoredSecret secret) {
  FL_CHECK(!secret_) << "a transaction writes one secret; " << why_ << " writes " << secret_->name()
                     << " and " << secret.name();
  secret_ = std::move(secret);
}

void Transaction::erase_secret(const std::string& name) { erased_secrets_.push_back(name); }

void Transaction::put_version(const std::string& secret_name, const std::string& version_id,
                              const v1::StoredVersion& version) {
  batch_.put(version_key(secret_name, version_id), version.SerializeAsString());
}

void Transaction::erase_version(const std::string& secret_name, const std::string& version_id) {
  batch_.erase(version_key(secret_name, version_id));
}

void Transaction::put_link(const std::string& secret_name, const v1::StoredLink& link) {
  batch_.put(link_key(secret_name, link), link.SerializeAsString());
  links_.push_back({secret_name, link, false});
}

void Transaction::erase_link(const std::string& secret_name, const v1::StoredLink& link) {
  batch_.erase(link_key(secret_name, link));
  links_.push_back({secret_name, link, true});
}

void Transaction::put_tombstone(const v1::StoredTombstone& tombstone) {
  batch_.put(tombstone_key(tombstone.secret_arn()), tombstone.SerializeAsString());
}

// ---- reading ------------------------------------------------------------------------------------

StoreResult<std::optional<v1::StoredSecret>> SecretStore::secret(const std::string& name) const {
  FL_TRY(const auto found, look(name));
  if (found == nullptr) return std::nullopt;
  return std::optional<v1::StoredSecret>(*found);
}

StoreResult<std::shared_ptr<const v1::StoredSecret>> SecretStore::look(
    const std::string& name) const {
  if (kv_ == nullptr) return tl::make_unexpected(closed());
  const auto known = parsed_.find(name);
  if (known != parsed_.end()) return known->second;
  FL_TRY(auto loaded, load<v1::StoredSecret>(kv_.get(), secret_key(name)));
  if (!loaded) return nullptr;
  if (parsed_.size() >= kParsedMost) parsed_.clear();
  auto secret = std::make_shared<const v1::StoredSecret>(*std::move(loaded));
  parsed_.emplace(name, secret);
  return secret;
}

StoreResult<std::optional<v1::StoredVersion>> SecretStore::version(
    const std::string& secret_name, const std::string& version_id) const {
  return load<v1::StoredVersion>(kv_.get(), version_key(secret_name, version_id));
}

StoreResult<std::vector<v1::StoredLink>> SecretStore::links(const std::string& secret_name) const {
  std::vector<v1::StoredLink> links;
  FL_TRY_VOID(each<v1::StoredLink>(
      kv_.get(), links_prefix(secret_name),
      [&](std::string_view, v1::StoredLink link) { links.push_back(std::move(link)); }));
  std::stable_sort(links.begin(), links.end(), [](const auto& one, const auto& other) {
    return one.generation() < other.generation();
  });
  return links;
}

StoreResult<std::optional<v1::StoredTombstone>> SecretStore::tombstone(
    const std::string& primary_arn) const {
  return load<v1::StoredTombstone>(kv_.get(), tombstone_key(primary_arn));
}

StoreResult<std::vector<v1::StoredSecret>> SecretStore::secrets() const {
  std::vector<v1::StoredSecret> secrets;
  FL_TRY_VOID(each<v1::StoredSecret>(
      kv_.get(), "s/",
      [&](std::string_view, v1::StoredSecret secret) { secrets.push_back(std::move(secret)); }));
  return secrets;
}

StoreStatus SecretStore::scan(ScanVisitor visit) const {
  if (kv_ == nullptr) return tl::make_unexpected(closed());
  return kv_->scan("", visit);
}

StoreResult<std::vector<std::string>> SecretStore::secrets_with_links() const {
  if (kv_ == nullptr) return tl::make_unexpected(closed());
  std::vector<std::string> names;
  FL_TRY_VOID(kv_->scan("l/", [&](std::string_view key, std::string_view) {
    std::string name(key.substr(2, key.find(kSeparator) - 2));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
    return true;
  }));
  return names;
}

// ---- committing ---------------------------------------------------------------------------------

StoreResult<bool> SecretStore::has_moved(const v1::StoredSecret& secret) const {
  FL_TRY(const auto current, look(secret.name()));
  return (current != nullptr ? current->revision() : 0) != secret.revision();
}

StoreStatus SecretStore::add_erasures(const Transaction& transaction, WriteBatch& batch,
                                      std::vector<StatusChange>& changes) const {
  for (const std::string& name : transaction.erased_secrets_) {
    batch.erase(secret_key(name));
    FL_TRY_VOID(kv_->scan(versions_prefix(name), [&](std::string_view key, std::string_view) {
      batch.erase(std::string(key));
      return true;
    }));
    FL_TRY(const auto secret_links, links(name));
    for (const v1::StoredLink& link : secret_links) {
      if (link.phase() == v1::StoredLink::REMOVING) continue;
      batch.erase(link_key(name, link));
      changes.push_back(
          {name, link.region(), status_name(link), "Gone", {}, link.target_sequence()});
    }
  }
  return {};
}

StoreStatus SecretStore::note_status_changes(const Transaction& transaction,
                                             std::vector<StatusChange>& changes) const {
  for (const auto& [name, link, erased] : transaction.links_) {
    FL_TRY(const auto before, load<v1::StoredLink>(kv_.get(), link_key(name, link)));
    StatusChange change{name,
                        link.region(),
                        before ? status_name(*before) : "",
                        erased ? "Gone" : status_name(link),
                        erased ? "" : link.status_message(),
                        link.target_sequence()};
    const bool same_message = before && before->status_message() == link.status_message();
    if (change.before != change.after || (!erased && !same_message))
      changes.push_back(std::move(change));
  }
  return {};
}

void SecretStore::record(const Transaction& transaction, const std::vector<StatusChange>& changes) {
  const v1::StoredSecret* secret = transaction.secret_ ? &*transaction.secret_ : nullptr;
  std::string_view subject;
  if (secret != nullptr) {
    subject = secret->name();
  } else if (!transaction.erased_secrets_.empty()) {
    subject = transaction.erased_secrets_.front();
  } else if (!transaction.links_.empty()) {
    subject = transaction.links_.front().secret_name;
  }
  ctx_.record({.kind = v1::STORE_COMMITTED,
               .number = secret != nullptr ? secret->sequence() : 0,
               .subject = subject,
               .verb = transaction.why_});
  for (const StatusChange& change : changes) {
    ctx_.record({.kind = v1::REPLICATION_STATUS,
                 .peer = ctx_.simulation().find(change.region).value_or(engine::kNoActor),
                 .number = change.sequence,
                 .subject = change.secret,
                 .verb = change.before,
                 .outcome = change.after,
                 .text = change.message});
  }
}

StoreStatus SecretStore::write(const Transaction& transaction, const WriteBatch& batch) {
  if (!transaction.in_two_batches_) return kv_->write(batch, transaction.synced_);
  WriteBatch values;
  WriteBatch others;
  for (const WriteBatch::Operation& operation : batch.operations()) {
    WriteBatch& part = operation.key.starts_with("v/") && operation.value ? values : others;
    operation.value ? part.put(operation.key, *operation.value) : part.erase(operation.key);
  }
  FL_TRY_VOID(kv_->write(others, transaction.synced_));
  return values.empty() ? StoreStatus() : kv_->write(values, transaction.synced_);
}

StoreResult<Commit> SecretStore::commit(Transaction transaction) {
  if (kv_ == nullptr) return tl::make_unexpected(closed());
  WriteBatch batch;
  std::vector<StatusChange> changes;
  if (transaction.secret_) {
    FL_TRY(const bool moved, has_moved(*transaction.secret_));
    if (moved) return Commit::Conflict;
  }
  FL_TRY_VOID(add_erasures(transaction, batch, changes));
  FL_TRY_VOID(note_status_changes(transaction, changes));
  batch.append(transaction.batch_);
  if (transaction.secret_) {
    transaction.secret_->set_revision(transaction.secret_->revision() + 1);
    batch.put(secret_key(transaction.secret_->name()), transaction.secret_->SerializeAsString());
  }
  const StoreStatus written = write(transaction, batch);
  if (written.has_value()) {
    for (const std::string& name : transaction.erased_secrets_) parsed_.erase(name);
    record(transaction, changes);
  }
  if (transaction.secret_) {
    transaction.written_ =
        std::make_shared<const v1::StoredSecret>(*std::move(transaction.secret_));
    if (written.has_value()) parsed_[transaction.written_->name()] = transaction.written_;
  }
  Observer* const watcher = observer();
  if (watcher != nullptr && written.has_value()) watcher->on_commit(ctx_.name(), transaction);
  if (watcher != nullptr && !written.has_value()) watcher->on_commit_lost(ctx_.name(), transaction);
  FL_TRY_VOID(written);
  return Commit::Done;
}

}  // namespace faultline::regions
