#include "regions/inspector.h"

#include <algorithm>
#include <map>
#include <set>

#include "kms/envelope.h"
#include "regions/arn.h"
#include "regions/kms_gateway.h"
#include "regions/staging_labels.h"
#include "regions/world.h"

namespace faultline::regions {
namespace {

std::map<std::string, std::set<std::string>> labels_by_version(const v1::StoredSecret& secret) {
  std::map<std::string, std::set<std::string>> labels;
  for (const v1::VersionInfo& version : secret.versions()) {
    if (version.stages_size() > 0)
      labels[version.version_id()] = {version.stages().begin(), version.stages().end()};
  }
  return labels;
}

std::vector<std::pair<std::string, std::string>> tags_of(const v1::StoredSecret& secret) {
  std::vector<std::pair<std::string, std::string>> tags;
  for (const v1::Tag& tag : secret.tags()) tags.emplace_back(tag.key(), tag.value());
  return tags;
}

}  // namespace

std::optional<v1::StoredSecret> Inspector::secret(std::string_view region,
                                                  std::string_view secret_id) const {
  Region* actor = world_.region(region);
  const auto lookup = lookup_of(secret_id, region, world_.account().id());
  if (actor == nullptr || !lookup) return std::nullopt;
  const auto found = actor->secret_store().secret(lookup->name);
  if (!found || !*found) return std::nullopt;
  return lookup->any_arn || (*found)->arn() == lookup->arn ? *found : std::nullopt;
}

std::vector<v1::StoredLink> Inspector::replicas(std::string_view region,
                                                std::string_view secret_name) const {
  Region* actor = world_.region(region);
  if (actor == nullptr) return {};
  auto links = actor->secret_store().links(std::string(secret_name));
  if (!links) return {};
  std::erase_if(
      *links, [](const v1::StoredLink& link) { return link.phase() != v1::StoredLink::ATTACHED; });
  return *links;
}

std::optional<std::string> Inspector::primary_region(std::string_view secret_name) const {
  for (const std::string& region : world_.regions()) {
    if (!replicas(region, secret_name).empty()) return region;
  }
  return std::nullopt;
}

Result<std::string> Inspector::version_value(std::string_view region,
                                             const v1::StoredSecret& secret,
                                             const std::string& version_id) const {
  Region* actor = world_.region(region);
  if (actor == nullptr)
    return tl::make_unexpected(Error{"ConnectionClosed", "The region is down."});
  const auto stored = actor->secret_store().version(secret.name(), version_id);
  if (!stored) return tl::make_unexpected(internal_service_error());
  if (!*stored) {
    return tl::make_unexpected(Error{
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: " + version_id});
  }
  const kms::Caller root{.principal_arn = {},
                         .via_service = "secretsmanager." + std::string(region) + ".amazonaws.com"};
  Error failure = internal_service_error();
  for (const v1::WrappedKey& key : (*stored)->keys()) {
    const auto data_key =
        world_.kms(region).decrypt(root, key.blob(), encryption_context(secret.arn(), version_id));
    if (data_key) {
      const auto value =
          kms::open_value(data_key->plaintext, secret.arn(), version_id,
                          static_cast<std::uint8_t>((*stored)->kind()), (*stored)->sealed_value());
      if (value) return std::string(value->chars());
      failure = from_kms(value.error(), KmsUse::Read);
    } else {
      failure = from_kms(data_key.error(), KmsUse::Read);
    }
  }
  return tl::make_unexpected(failure);
}

Result<std::string> Inspector::value(std::string_view region, std::string_view secret_id,
                                     std::string_view stage) const {
  if (world_.region(region) == nullptr)
    return tl::make_unexpected(Error{"ConnectionClosed", "The region is down."});
  const auto found = secret(region, secret_id);
  if (!found) return tl::make_unexpected(secret_not_found());
  if (found->has_deletion_unix_ns()) return tl::make_unexpected(marked_for_deletion());
  const v1::VersionInfo* version = holder_of(*found, stage);
  if (version == nullptr) {
    return tl::make_unexpected(
        Error{"ResourceNotFoundException",
              "Secrets Manager can't find the specified secret value for staging label: " +
                  std::string(stage)});
  }
  return version_value(region, *found, version->version_id());
}

std::string Inspector::gap_between(std::string_view primary_region, const v1::StoredSecret& primary,
                                   const v1::StoredLink& link) const {
  const std::string& region = link.region();
  if (link.status() != v1::StoredLink::InSync) {
    const std::string reason = link.status_message().empty() ? "" : ": " + link.status_message();
    return std::string(primary_region) + " says that " + region + " is " +
           v1::StoredLink::Status_Name(link.status()) + reason;
  }
  const auto copy = secret(region, primary.name());
  if (!copy) return region + " has no secret of this name";
  if (copy->role() != v1::Replica) return region + " holds a secret of its own";
  if (copy->arn() != arn_in_region(primary.arn(), region))
    return region + " holds a replica of another secret";
  if (labels_by_version(*copy) != labels_by_version(primary))
    return region + " has other versions or staging labels";
  if (copy->description() != primary.description()) return region + " has another description";
  if (copy->type() != primary.type()) return region + " has another type";
  if (tags_of(*copy) != tags_of(primary)) return region + " has other tags";
  if (copy->resource_policy() != primary.resource_policy())
    return region + " has another resource policy";
  for (const v1::VersionInfo& version : primary.versions()) {
    if (version.stages_size() == 0 || version.empty()) continue;
    const auto here = version_value(primary_region, primary, version.version_id());
    const auto there = version_value(region, *copy, version.version_id());
    if (!here)
      return std::string(primary_region) + " cannot read version " + version.version_id() + ": " +
             here.error().code;
    if (!there)
      return region + " cannot read version " + version.version_id() + ": " + there.error().code;
    if (*here != *there) return region + " holds another value in version " + version.version_id();
  }
  return {};
}

std::string Inspector::convergence_gap(std::string_view secret_name) const {
  for (const std::string& region : world_.regions()) {
    const auto links = replicas(region, secret_name);
    if (links.empty()) continue;
    const auto primary = secret(region, secret_name);
    if (!primary) return region + " has replicas of a secret that it does not have";
    for (const v1::StoredLink& link : links) {
      std::string gap = gap_between(region, *primary, link);
      if (!gap.empty()) return gap;
    }
  }
  return {};
}

}  // namespace faultline::regions
