// The secrets of a region that filters choose, in an order, page by page: what ListSecrets and
// BatchGetSecretValue have in common.
//
//     FL_TRY(const std::vector<Listed> listed, find_listed(region, {.filters = &request.filters()}));
//
// Errors  InternalServiceError while the store cannot be read.
// Source  AWS Secrets Manager API Reference, API_ListSecrets, API_BatchGetSecretValue.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/secrets_manager.pb.h"
#include "regions/api/list_filters.h"
#include "regions/error.h"
#include "regions/services.h"

namespace faultline::regions::api {

struct ListQuestion {
  // Outlives the question; null: every secret.
  const google::protobuf::RepeatedPtrField<v1::Filter>* filters = nullptr;
  bool include_planned_deletion = false;
  // As in ListSecretsRequest; empty: created-date.
  std::string_view sort_by{};
  bool descending = false;
};

[[nodiscard]] Result<std::vector<Listed>> find_listed(RegionServices& region,
                                                      const ListQuestion& question);

struct Page {
  std::vector<Listed> secrets;
  // The last one's place, if there are more.
  std::optional<Place> more_after;
};
// What comes after a place; absent: from the beginning.
[[nodiscard]] Page page_of(std::vector<Listed> listed, const ListQuestion& question,
                           const std::optional<Place>& after, std::size_t page_size);

}  // namespace faultline::regions::api
