// Any sequence of puts and moves: the label engine does what a small model of AWS's rules does. The
// model is a map from label to version, which cannot break the rule that a label is on one version.
#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include "regions/staging_labels.h"

namespace faultline::regions {
namespace {

struct Model {
  std::set<std::string> versions;
  std::map<std::string, std::string> holder;  // label → version
};

struct System {
  v1::StoredSecret secret;
};

constexpr std::int64_t kDayNs = 86'400'000'000'000;

std::map<std::string, std::string> holders(const v1::StoredSecret& secret) {
  std::map<std::string, std::string> found;
  for (const v1::VersionInfo& version : secret.versions()) {
    for (const std::string& stage : version.stages()) {
      RC_ASSERT(found.emplace(stage, version.version_id()).second);
    }
    RC_ASSERT(std::is_sorted(version.stages().begin(), version.stages().end()));
  }
  return found;
}

void compare(const Model& model, const System& system) {
  const auto found = holders(system.secret);
  RC_ASSERT(found == model.holder);
  if (!model.versions.empty()) RC_ASSERT(found.count("AWSCURRENT") == 1U);
  if (found.contains("AWSPREVIOUS")) {
    RC_ASSERT(found.at("AWSPREVIOUS") != found.at("AWSCURRENT"));
  }
  RC_ASSERT(static_cast<std::size_t>(system.secret.versions_size()) == model.versions.size());
}

void make_current(Model& model, const std::string& version) {
  const auto current = model.holder.find("AWSCURRENT");
  if (current != model.holder.end() && current->second == version) return;
  model.holder.erase("AWSPREVIOUS");
  if (current != model.holder.end()) model.holder["AWSPREVIOUS"] = current->second;
  model.holder["AWSCURRENT"] = version;
}

using Command = rc::state::Command<Model, System>;

const std::vector<std::string>& all_labels() {
  static const std::vector<std::string> labels = {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING", "blue",
                                                  "green"};
  return labels;
}

struct Put : Command {
  std::string version;
  std::set<std::string> labels;

  explicit Put(const Model& model) {
    version = "v" + std::to_string(model.versions.size() + 1);
    labels = *rc::gen::container<std::set<std::string>>(rc::gen::elementOf(all_labels()));
  }
  void apply(Model& model) const override {
    const bool current = labels.contains("AWSCURRENT") || model.versions.empty();
    model.versions.insert(version);
    if (current) {
      model.holder.erase("AWSPENDING");
      make_current(model, version);
    }
    for (const std::string& label : labels) {
      if (label == "AWSCURRENT" || (label == "AWSPREVIOUS" && current)) continue;
      model.holder[label] = version;
    }
  }
  void run(const Model& before, System& system) const override {
    v1::VersionInfo info;
    info.set_version_id(version);
    add_version(system.secret, info, std::vector<std::string>(labels.begin(), labels.end()));
    compare(nextState(before), system);
  }
  void show(std::ostream& os) const override {
    os << "put_secret_value { client_request_token: \"" << version << "\"";
    for (const std::string& label : labels) os << " version_stages: \"" << label << "\"";
    os << " }";
  }
};

struct Move : Command {
  std::string label;
  std::string to;

  explicit Move(const Model& model) {
    RC_PRE(!model.versions.empty());
    label = *rc::gen::elementOf(all_labels());
    to = *rc::gen::elementOf(model.versions);
  }
  void checkPreconditions(const Model& model) const override {
    RC_PRE(model.versions.contains(to));
    RC_PRE(label != "AWSPREVIOUS" || model.holder.at("AWSCURRENT") != to);
  }
  void apply(Model& model) const override {
    if (label == "AWSCURRENT") {
      make_current(model, to);
    } else {
      model.holder[label] = to;
    }
  }
  void run(const Model& before, System& system) const override {
    move_label(system.secret, label, to);
    compare(nextState(before), system);
  }
  void show(std::ostream& os) const override {
    os << "update_secret_version_stage { version_stage: \"" << label << "\" move_to_version_id: \""
       << to << "\" }";
  }
};

struct Detach : Command {
  std::string label;

  explicit Detach(const Model&) { label = *rc::gen::elementOf(all_labels()); }
  void checkPreconditions(const Model&) const override { RC_PRE(label != "AWSCURRENT"); }
  void apply(Model& model) const override { model.holder.erase(label); }
  void run(const Model& before, System& system) const override {
    detach_label(system.secret, label);
    compare(nextState(before), system);
  }
  void show(std::ostream& os) const override {
    os << "update_secret_version_stage { version_stage: \"" << label
       << "\" remove_from_version_id: … }";
  }
};

RC_GTEST_PROP(StagingLabelsProperty, FollowsTheRulesOfAws, ()) {
  Model model;
  System system;
  rc::state::check(model, system, rc::state::gen::execOneOfWithArgs<Put, Move, Detach>());
}

// What pruning may take, whatever the ages and labels: never a labelled version, never a young one,
// never more than makes room, always the oldest first.
RC_GTEST_PROP(StagingLabelsProperty, PrunesOnlyWhatMayGo, ()) {
  const auto ages = *rc::gen::container<std::vector<int>>(
      static_cast<std::size_t>(*rc::gen::inRange(90, 130)), rc::gen::inRange(0, 49));
  v1::StoredSecret secret;
  int number = 0;
  for (const int age_hours : ages) {
    v1::VersionInfo info;
    info.set_version_id("v" + std::to_string(number));
    info.set_created_unix_ns((48 - age_hours) * kDayNs / 24);
    const bool labelled = *rc::gen::weightedElement<bool>({
        {1, true },
        {5, false}
    });
    add_version(secret, info, {labelled ? "keep" + std::to_string(number) : "AWSCURRENT"});
    ++number;
  }
  const v1::StoredSecret before = secret;
  const std::vector<std::string> pruned = prune_versions(secret, 2 * kDayNs);

  RC_ASSERT(holders(secret) == holders(before));
  std::vector<std::string> candidates;
  for (const v1::VersionInfo& version : before.versions()) {
    const bool old = 2 * kDayNs - version.created_unix_ns() >= kDayNs;
    if (old && version.stages().empty()) candidates.push_back(version.version_id());
  }
  const auto too_many = static_cast<std::size_t>(std::max(0, before.versions_size() - 99));
  candidates.resize(std::min(candidates.size(), too_many));
  RC_ASSERT(pruned == candidates);
  RC_ASSERT(static_cast<std::size_t>(secret.versions_size()) ==
            static_cast<std::size_t>(before.versions_size()) - pruned.size());
}

}  // namespace
}  // namespace faultline::regions
