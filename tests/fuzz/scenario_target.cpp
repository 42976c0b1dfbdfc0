#include <string>

#include "proto/check.h"
#include "regions/scenario_loader.h"
#include "regions/scenario_writer.h"
#include "tests/fuzz/targets.h"

namespace faultline::fuzz {

void scenario(std::string_view bytes) {
  const auto loaded = regions::load_scenario("fuzz.textproto", bytes);
  if (!loaded) {
    FL_CHECK(!loaded.error().empty()) << "refused without a reason";
    // The last one says how many more.
    FL_CHECK(loaded.error().size() <= regions::kMostErrors + 1) << "too many reasons";
    for (const InputError& error : loaded.error()) {
      FL_CHECK(!error.message.empty()) << "a reason without words";
    }
    return;
  }
  // What was loaded can be written, and is the same when it is loaded and written again.
  const std::string once = regions::write_scenario(loaded->scenario);
  const auto again = regions::load_scenario("again.textproto", once);
  FL_CHECK(again.has_value()) << once << "\n" << again.error().front().to_string();
  const std::string twice = regions::write_scenario(again->scenario);
  FL_CHECK(once == twice) << once << "\nbecame\n" << twice;
}

}  // namespace faultline::fuzz
