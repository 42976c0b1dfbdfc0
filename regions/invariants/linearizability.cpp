#include "regions/invariants/linearizability.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/hash.h"
#include "regions/api/operations.h"
#include "regions/invariants/sequential_secret.h"

namespace faultline::regions {
namespace {

using Operation = v1::ApiRequest::OperationCase;
using Labels = std::set<std::string>;
using Outcome = Told::Outcome;

// Refused for certain, and before anything was changed.
constexpr std::array kRefusals = {
    "ResourceNotFoundException", "ResourceExistsException", "InvalidRequestException",
    "InvalidParameterException", "ValidationException",     "LimitExceededException",
    "AccessDeniedException",     "EncryptionFailure",       "DecryptionFailure",
    "InvalidNextTokenException", "SerializationException",
};

bool is_about_one_secret(Operation operation) {
  switch (operation) {
    case Operation::kCreateSecret:
    case Operation::kPutSecretValue:
    case Operation::kGetSecretValue:
    case Operation::kDescribeSecret:
    case Operation::kUpdateSecret:
    case Operation::kUpdateSecretVersionStage:
    case Operation::kListSecretVersionIds:
    case Operation::kDeleteSecret:
    case Operation::kRestoreSecret:
    case Operation::kTagResource:
    case Operation::kUntagResource:
    case Operation::kPutResourcePolicy:
    case Operation::kGetResourcePolicy:
    case Operation::kDeleteResourcePolicy:
      return true;
    default:
      return false;
  }
}

bool only_reads(const v1::ApiRequest& request) {
  return request.has_get_secret_value() || request.has_describe_secret() ||
         request.has_list_secret_version_ids() || request.has_get_resource_policy();
}

// ---- what an answer says ------------------------------------------------------------------------

template <class Strings>
Labels set_of(const Strings& strings) {
  return {strings.begin(), strings.end()};
}

Told told_by(const CallGhost& call, const v1::ApiResponse& response) {
  Told told;
  told.outcome = Outcome::Done;
  if (call.request.has_put_secret_value()) {
    told.version_id = call.token;
    told.labels = set_of(response.put_secret_value().version_stages());
  } else if (call.request.has_get_secret_value()) {
    const v1::GetSecretValueResponse& read = response.get_secret_value();
    told.version_id = read.version_id();
    told.labels = set_of(read.version_stages());
    told.digest = read.has_secret_binary()
                      ? digest_of(v1::StoredVersion::BINARY, read.secret_binary())
                      : digest_of(v1::StoredVersion::STRING, read.secret_string());
  } else if (call.request.has_describe_secret()) {
    const v1::DescribeSecretResponse& described = response.describe_secret();
    told.description = described.description();
    told.type = described.type();
    told.scheduled = described.has_deleted_date();
    auto& labelled = told.labelled.emplace();
    for (const auto& [id, labels] : described.version_ids_to_stages()) {
      for (const auto& label : labels.values()) labelled[id].insert(label.string_value());
    }
    auto& tags = told.tags.emplace();
    for (const auto& tag : described.tags().values()) {
      const auto& fields = tag.struct_value().fields();
      const auto key = fields.find("Key");
      const auto value = fields.find("Value");
      if (key != fields.end() && value != fields.end())
        tags[key->second.string_value()] = value->second.string_value();
    }
  } else if (call.request.has_get_resource_policy()) {
    told.policy = response.get_resource_policy().resource_policy();
  } else if (call.request.has_list_secret_version_ids()) {
    const bool whole = !call.request.list_secret_version_ids().has_next_token() &&
                       !response.list_secret_version_ids().has_next_token();
    if (!whole) return told;
    auto& labelled = told.labelled.emplace();
    for (const auto& version : response.list_secret_version_ids().versions()) {
      if (version.version_stages_size() > 0)
        labelled[version.version_id()] = set_of(version.version_stages());
    }
  }
  return told;
}

// Nothing: it says nothing of the secret, and nothing came of it.
std::optional<Outcome> refusal(const CallGhost& call, const Error& error) {
  if (std::find(kRefusals.begin(), kRefusals.end(), error.code) == kRefusals.end())
    return Outcome::Unknown;
  const v1::ApiRequest& request = call.request;
  if (error.code == "ResourceExistsException" && call.digest != 0 && !request.has_create_secret())
    return Outcome::OtherValue;
  if (error.code == "ResourceExistsException" && request.has_create_secret() &&
      request.create_secret().add_replica_regions().empty())
    return Outcome::IsThere;
  // A secret of that name may be there, and not be the one that is named.
  if (error.code != "ResourceNotFoundException" || !call.arn.empty()) return std::nullopt;
  if (request.has_get_secret_value()) return Outcome::NoVersion;
  const bool plain = request.has_describe_secret() || request.has_put_secret_value() ||
                     request.has_tag_resource() || request.has_untag_resource() ||
                     request.has_restore_secret() || request.has_put_resource_policy() ||
                     request.has_get_resource_policy() || request.has_delete_resource_policy();
  return plain ? std::optional(Outcome::NothingThere) : std::nullopt;
}

// ---- one call after another ---------------------------------------------------------------------

struct Model {
  SequentialSecret secret;
  std::map<std::string, std::uint64_t> values;  // version id → digest
};

Labels labels_of(const Model& model, const std::string& id) {
  const auto version = model.secret.versions.find(id);
  return version == model.secret.versions.end() ? Labels() : version->second;
}

std::uint64_t digest_in(const Model& model, const std::string& id) {
  const auto value = model.values.find(id);
  return value == model.values.end() ? 0 : value->second;
}

// The version that a GetSecretValue asks for is there, and has the label that it names.
bool finds(const v1::GetSecretValueRequest& request, const Model& model, const std::string& id) {
  if (!model.secret.versions.contains(id)) return false;
  if (request.has_version_id() && request.version_id() != id) return false;
  if (request.has_version_id() && !request.has_version_stage()) return true;
  return labels_of(model, id).contains(request.has_version_stage() ? request.version_stage()
                                                                   : "AWSCURRENT");
}

bool finds_any(const v1::GetSecretValueRequest& request, const Model& model) {
  return std::any_of(model.secret.versions.begin(), model.secret.versions.end(),
                     [&](const auto& version) { return finds(request, model, version.first); });
}

bool agrees(const Told& told, const Model& model) {
  const SequentialSecret& secret = model.secret;
  if (told.labels && *told.labels != labels_of(model, *told.version_id)) return false;
  if (told.digest && *told.digest != digest_in(model, *told.version_id)) return false;
  if (told.description && *told.description != secret.description) return false;
  if (told.type && *told.type != secret.type) return false;
  if (told.policy && (secret.scheduled || *told.policy != secret.policy)) return false;
  if (told.scheduled && *told.scheduled != secret.scheduled) return false;
  if (told.tags && *told.tags != secret.tags) return false;
  if (!told.labelled) return true;
  std::size_t labelled = 0;
  for (const auto& [id, labels] : secret.versions) {
    if (labels.empty()) continue;
    ++labelled;
    const auto known = told.labelled->find(id);
    if (known == told.labelled->end() || known->second != labels) return false;
  }
  return labelled == told.labelled->size();
}

enum class Step { Impossible, Stays, Moves };

Step read(const ClientCall& call, const Model& model) {
  if (!model.secret.exists) return Step::Impossible;
  if (call.asked.request.has_get_secret_value()) {
    const auto& request = call.asked.request.get_secret_value();
    if (model.secret.scheduled || !finds(request, model, *call.told.version_id))
      return Step::Impossible;
  }
  return agrees(call.told, model) ? Step::Stays : Step::Impossible;
}

Step refuse(const ClientCall& call, const Model& model) {
  const bool exists = model.secret.exists;
  bool fits = false;
  switch (call.told.outcome) {
    case Outcome::NothingThere:
      fits = !exists;
      break;
    case Outcome::NoVersion:
      fits = !exists || !finds_any(call.asked.request.get_secret_value(), model);
      break;
    case Outcome::IsThere:
      fits = exists;
      break;
    default:
      fits = exists && model.secret.versions.contains(call.asked.token) &&
             digest_in(model, call.asked.token) != call.asked.digest;
  }
  return fits ? Step::Stays : Step::Impossible;
}

// Where it moves, `after` is what comes of it.
Step step(const ClientCall& call, const Model& model, Model& after) {
  const bool open = call.told.outcome == Outcome::Unknown;
  if (!open && call.told.outcome != Outcome::Done) return refuse(call, model);
  if (only_reads(call.asked.request)) return open ? Step::Impossible : read(call, model);
  if (call.asked.request.has_delete_secret() && !model.secret.exists) return Step::Stays;
  after = model;
  const CallEffect effect = apply(
      call.asked, [&](const std::string& id) { return digest_in(model, id); }, after.secret);
  if (effect == CallEffect::Refused) return Step::Impossible;
  if (effect == CallEffect::Changed) {
    if (call.asked.digest != 0 && !model.secret.versions.contains(call.asked.token))
      after.values[call.asked.token] = call.asked.digest;
    if (!after.secret.exists) after.values.clear();
  }
  if (!open && !agrees(call.told, after)) return Step::Impossible;
  return effect == CallEffect::Unchanged ? Step::Stays : Step::Moves;
}

// ---- the search ---------------------------------------------------------------------------------

using Calls = std::array<std::uint64_t, History::kCallsMax / 64>;

bool contains(const Calls& calls, std::size_t index) {
  return (calls[index / 64] >> (index % 64) & 1U) != 0;
}

void insert(Calls& calls, std::size_t index) {
  calls[index / 64] |= std::uint64_t{1} << (index % 64);
}

struct Node {
  Model model;
  Calls over{};
  std::size_t answered = 0;        // how many of those that were answered are over
  std::vector<std::size_t> moves;  // what may come next, the likeliest first
  std::size_t tried = 0;
};

void add(std::string& text, const std::string& piece) {
  text += std::to_string(piece.size());
  text += ':';
  text += piece;
}

engine::Hash128 key_of(const Node& node) {
  std::string text;
  for (const std::uint64_t word : node.over) {
    for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>(word >> shift & 0xff);
  }
  const SequentialSecret& secret = node.model.secret;
  text += secret.exists ? 'e' : '-';
  text += secret.scheduled ? 's' : '-';
  add(text, secret.description);
  add(text, secret.type);
  add(text, secret.policy);
  for (const auto& [key, value] : secret.tags) {
    add(text, key);
    add(text, value);
  }
  text += ';';
  for (const auto& [id, labels] : secret.versions) {
    add(text, id);
    add(text, std::to_string(digest_in(node.model, id)));
    for (const std::string& label : labels) add(text, label);
    text += ';';
  }
  return engine::hash128(text);
}

class Search {
 public:
  Search(const std::vector<ClientCall>& calls, std::size_t most) : calls_(calls), most_(most) {
    for (const ClientCall& call : calls_) answered_ += call.ends ? 1 : 0;
  }

  Linearization run() {
    Node root;
    settle(root);
    push(std::move(root));
    while (!stack_.empty()) {
      if (stack_.back().answered == answered_) return result(Linearization::Verdict::Found);
      if (found_.states > most_) return result(Linearization::Verdict::NotJudged);
      Node& node = stack_.back();
      if (node.tried == node.moves.size()) {
        stack_.pop_back();
        continue;
      }
      const std::size_t index = node.moves[node.tried++];
      Node next;
      next.over = node.over;
      next.answered = node.answered;
      ++found_.states;
      const Step made = step(calls_[index], node.model, next.model);
      if (made == Step::Impossible) continue;
      // What changes nothing now might change something later: both are tried.
      if (made == Step::Stays) next.model = node.model;
      take(next, index);
      settle(next);
      push(std::move(next));
    }
    found_.counterexample = explain();
    return result(Linearization::Verdict::Impossible);
  }

 private:
  Linearization result(Linearization::Verdict verdict) {
    found_.verdict = verdict;
    return std::move(found_);
  }

  void take(Node& node, std::size_t index) const {
    insert(node.over, index);
    node.answered += calls_[index].ends ? 1 : 0;
  }

  // Of those that are not over: they began before any of them was answered.
  [[nodiscard]] std::vector<std::size_t> may_come(const Node& node) const {
    std::uint64_t earliest = std::numeric_limits<std::uint64_t>::max();
    std::vector<std::size_t> found;
    for (std::size_t index = 0; index < calls_.size(); ++index) {
      if (calls_[index].begins > earliest) break;
      if (contains(node.over, index)) continue;
      found.push_back(index);
      if (calls_[index].ends) earliest = std::min(earliest, *calls_[index].ends);
    }
    return found;
  }

  // Takes all that only says something and fits, and finds what may come next.
  void settle(Node& node) const {
    Model scratch;
    for (bool again = true; again;) {
      again = false;
      node.moves.clear();
      for (const std::size_t index : may_come(node)) {
        const ClientCall& call = calls_[index];
        const bool only_says =
            only_reads(call.asked.request) ||
            (call.told.outcome != Outcome::Done && call.told.outcome != Outcome::Unknown);
        if (call.ends && only_says && step(call, node.model, scratch) == Step::Stays) {
          take(node, index);
          again = true;
        } else if (!only_reads(call.asked.request) &&
                   (call.told.outcome == Outcome::Done || call.told.outcome == Outcome::Unknown)) {
          node.moves.push_back(index);
        }
      }
    }
    std::stable_sort(node.moves.begin(), node.moves.end(), [&](std::size_t one, std::size_t other) {
      return likely_at(one) < likely_at(other);
    });
  }

  [[nodiscard]] std::uint64_t likely_at(std::size_t index) const {
    const ClientCall& call = calls_[index];
    return call.hint.value_or(call.ends.value_or(std::numeric_limits<std::uint64_t>::max()));
  }

  void push(Node node) {
    const engine::Hash128 key = key_of(node);
    if (!seen_.emplace(key.high, key.low).second) return;
    if (node.answered >= furthest_.answered) {
      furthest_.answered = node.answered;
      furthest_.over = node.over;
    }
    stack_.push_back(std::move(node));
  }

  [[nodiscard]] std::string describe(const ClientCall& call) const {
    std::string text = api::operation_name(call.asked.request) + " (call " +
                       std::to_string(number_of_call(call.asked.id)) + ")";
    switch (call.told.outcome) {
      case Outcome::Done:
        text += call.told.version_id ? " was told of version " + *call.told.version_id
                                     : std::string(" was accepted");
        break;
      case Outcome::Unknown:
        break;
      case Outcome::IsThere:
      case Outcome::OtherValue:
        text += " was told that it is there already";
        break;
      default:
        text += " did not find it";
    }
    return text;
  }

  // Where the longest order ends: what had to come next, and does not fit.
  [[nodiscard]] Counterexample explain() const {
    std::vector<std::size_t> stuck = may_come(furthest_);
    std::erase_if(stuck, [&](std::size_t index) { return !calls_[index].ends; });
    std::stable_sort(stuck.begin(), stuck.end(), [&](std::size_t one, std::size_t other) {
      return *calls_[one].ends < *calls_[other].ends;
    });
    Counterexample found;
    std::string words;
    for (const std::size_t index : stuck) {
      found.calls.push_back(number_of_call(calls_[index].asked.id));
      words += (words.empty() ? "" : "; ") + describe(calls_[index]);
    }
    found.found = "no order of the calls explains what clients were told: " + words;
    return found;
  }

  const std::vector<ClientCall>& calls_;
  std::size_t most_;
  std::size_t answered_ = 0;
  std::vector<Node> stack_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
  Node furthest_;
  Linearization found_;
};

}  // namespace

// ---- recording ----------------------------------------------------------------------------------

void History::begins(const CallGhost& call) {
  if (is_over_ || !is_about_one_secret(call.request.operation_case())) return;
  if (calls_.size() == kCallsMax || (call.digest != 0 && values_ == kValuesMax)) {
    return ends_here();
  }
  values_ += call.digest != 0 ? 1 : 0;
  ClientCall& added = calls_.emplace_back();
  added.asked = call;
  added.begins = ++now_;
}

void History::is_answered(std::uint64_t id, const Result<v1::ApiResponse>& result) {
  if (is_over_) return;
  const auto from_end = std::find_if(calls_.rbegin(), calls_.rend(),
                                     [&](const ClientCall& call) { return call.asked.id == id; });
  if (from_end == calls_.rend() || from_end->ends) return;
  const auto call = std::next(from_end).base();
  if (result) {
    call->told = told_by(call->asked, *result);
    call->ends = ++now_;
    return;
  }
  const std::optional<Outcome> outcome = refusal(call->asked, result.error());
  // What has not happened, and what has only not been read, says nothing.
  if (!outcome || (*outcome == Outcome::Unknown && only_reads(call->asked.request))) {
    calls_.erase(call);
    return;
  }
  call->told.outcome = *outcome;
  if (*outcome != Outcome::Unknown) call->ends = ++now_;
}

void History::took_effect(std::uint64_t id) {
  if (is_over_) return;
  for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
    if (call->asked.id != id) continue;
    call->hint = ++now_;
    return;
  }
}

Linearization linearize(const History& history, std::size_t most_states) {
  return Search(history.calls(), most_states).run();
}

}  // namespace faultline::regions
