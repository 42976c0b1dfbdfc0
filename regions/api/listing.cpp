#include "regions/api/listing.h"

#include <algorithm>
#include <utility>

#include "regions/api/describe_fields.h"
#include "regions/api/lookup.h"

namespace faultline::regions::api {

Result<std::vector<Listed>> find_listed(RegionServices& region, const ListQuestion& question) {
  FL_TRY(std::vector<v1::StoredSecret> secrets, checked(region, region.store.secrets()));
  FL_TRY(const std::vector<std::string> linked, checked(region, region.store.secrets_with_links()));
  std::vector<Listed> listed;
  for (v1::StoredSecret& secret : secrets) {
    if (secret.has_deletion_unix_ns() && !question.include_planned_deletion) continue;
    std::vector<v1::StoredLink> links;
    if (std::ranges::find(linked, secret.name()) != linked.end()) {
      FL_TRY(links, find_links(region, secret.name()));
    }
    Listed one;
    one.primary_region = primary_region_of(secret, links, region.region);
    one.secret = std::move(secret);
    if (question.filters == nullptr || matches_all(*question.filters, one)) {
      listed.push_back(std::move(one));
    }
  }
  std::ranges::sort(listed, [&](const Listed& a, const Listed& b) {
    const Place place_a = place_of(a.secret, question.sort_by);
    const Place place_b = place_of(b.secret, question.sort_by);
    return question.descending ? place_b < place_a : place_a < place_b;
  });
  return listed;
}

Page page_of(std::vector<Listed> listed, const ListQuestion& question,
             const std::optional<Place>& after, std::size_t page_size) {
  Page page;
  Place last;
  for (Listed& one : listed) {
    Place place = place_of(one.secret, question.sort_by);
    if (after && (question.descending ? *after <= place : place <= *after)) continue;
    if (page.secrets.size() == page_size) {
      page.more_after = std::move(last);
      break;
    }
    page.secrets.push_back(std::move(one));
    last = std::move(place);
  }
  return page;
}

}  // namespace faultline::regions::api
