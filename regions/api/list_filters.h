// Which secrets a listing shows, in what order, and where its next page begins.
//
// Filters   several filters must all agree; of the values in one filter one must. A value that
//           starts with "!" agrees when the rest does not. name, tag-key, tag-value and
//           primary-region compare beginnings, letter for letter; description and all compare
//           words: each word of the value begins, in either case, some word of the text.
// Words     text is split at blanks; then at a separator of / - _ + = . @ if it has one kind only;
//           then where a capital begins a word (AppBeta: App, Beta).
// Source    AWS Secrets Manager User Guide, "Find secrets"; API Reference, API_Filter,
//           API_ListSecrets; the words are as recorded from the service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/secrets_manager.pb.h"
#include "proto/storage.pb.h"
#include "regions/error.h"

namespace faultline::regions::api {

// A secret as a listing sees it.
struct Listed {
  v1::StoredSecret secret;
  // Empty: the secret is not replicated.
  std::string primary_region;
};

[[nodiscard]] bool matches(const v1::Filter& filter, const Listed& listed);
// Of every filter.
[[nodiscard]] bool matches_all(const google::protobuf::RepeatedPtrField<v1::Filter>& filters,
                               const Listed& listed);

// ValidationException: at most 10 filters with 1 to 10 values each, of keys that exist and of the
// known characters.
[[nodiscard]] Result<void> check_filters(
    const google::protobuf::RepeatedPtrField<v1::Filter>& filters);

// The words of a text, in its own case.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

// ---- order and pages ----------------------------------------------------------------------------
// Where a secret stands in a listing: by `key`, and among equals by name.
struct Place {
  std::int64_t key = 0;
  std::string name;
  friend auto operator<=>(const Place&, const Place&) = default;
};
// `sort_by` as in the request; empty: created-date. Sorting by name makes every key equal.
[[nodiscard]] Place place_of(const v1::StoredSecret& secret, std::string_view sort_by);

// The last secret of a page, as a token that is good for the same question only.
// `question` is everything that must not change from page to page.
[[nodiscard]] std::string make_token(std::string_view question, const Place& last);
// InvalidNextTokenException when it is not a token of ours for this question.
[[nodiscard]] Result<Place> read_token(std::string_view question, std::string_view token);

}  // namespace faultline::regions::api
