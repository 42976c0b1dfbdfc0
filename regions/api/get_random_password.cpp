#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/keyed_random.h"
#include "regions/access/authorize.h"
#include "regions/api/operations.h"
#include "regions/api/validate.h"

namespace faultline::regions::api {
namespace {

using Request = v1::GetRandomPasswordRequest;
using Response = v1::GetRandomPasswordResponse;

constexpr std::int64_t kDefaultLength = 32;
constexpr Limits kLength{1, 4'096};
constexpr std::string_view kLowercase = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kNumbers = "0123456789";
constexpr std::string_view kPunctuation = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";

Result<void> check(const Request& request) {
  Validation members;
  if (request.has_password_length()) {
    members.range("passwordLength", request.password_length(), kLength);
  }
  members.length("excludeCharacters", request.exclude_characters(), {0, kLength.max});
  return members.result();
}

// Numbers of one call: the n-th question has the n-th answer.
class Luck {
 public:
  explicit Luck(engine::RandomStream stream) : stream_(stream) {}
  std::size_t below(std::size_t bound) { return stream_.below(asked_++, bound); }
  char one_of(std::string_view characters) { return characters[below(characters.size())]; }

 private:
  engine::RandomStream stream_;
  std::uint64_t asked_ = 0;
};

// What a password may be made of: everything, and by type, without what was excluded. A type of
// which nothing is left is not included. The space is no type that could be required.
struct Alphabet {
  explicit Alphabet(const Request& request) {
    const auto include = [&](bool excluded, std::string_view type) {
      std::string left;
      for (const char c : type) {
        if (request.exclude_characters().find(c) == std::string::npos) left += c;
      }
      if (excluded || left.empty()) return;
      characters += left;
      types.push_back(std::move(left));
    };
    include(request.exclude_lowercase(), kLowercase);
    include(request.exclude_uppercase(), kUppercase);
    include(request.exclude_numbers(), kNumbers);
    include(request.exclude_punctuation(), kPunctuation);
    const bool no_space = request.exclude_characters().find(' ') != std::string::npos;
    if (request.include_space() && !no_space) characters += ' ';
  }
  std::string characters;
  std::vector<std::string> types;
};

// One of each type that is required, the rest of any, in any order.
std::string draw(const Alphabet& alphabet, bool each_type, std::size_t length, Luck luck) {
  std::string password;
  if (each_type) {
    for (const std::string& type : alphabet.types) password += luck.one_of(type);
  }
  while (password.size() < length) password += luck.one_of(alphabet.characters);
  for (std::size_t end = password.size(); end > 1; --end) {
    std::swap(password[end - 1], password[luck.below(end)]);
  }
  return password;
}

}  // namespace

// Luck is keyed by the region and by how many passwords it has made: taking a call out of a
// scenario changes the passwords after it, and nothing else.
Answer<Response> get_random_password(RegionServices& region, Caller caller, Request request) {
  FL_CO_TRY_VOID(check(request));
  FL_CO_TRY_VOID(access::authorize(region, caller, request));
  const Alphabet alphabet(request);
  const bool each_type =
      !request.has_require_each_included_type() || request.require_each_included_type();
  const auto length = static_cast<std::size_t>(
      request.has_password_length() ? request.password_length() : kDefaultLength);
  if (alphabet.characters.empty()) {
    // The text is ours.
    co_return tl::make_unexpected(
        invalid_parameter("No characters are left to make a password of."));
  }
  if (each_type && length < alphabet.types.size()) {
    co_return tl::make_unexpected(
        invalid_parameter("Password length is too short based on the required types."));
  }
  const std::string purpose =
      "random-password/" + std::to_string(region.ctx.next_index("random-password"));
  Response response;
  response.set_random_password(draw(alphabet, each_type, length, Luck(region.ctx.random(purpose))));
  co_return response;
}

}  // namespace faultline::regions::api
