// Every scenario of the library, as the world of a session: what its steps do by themselves, and what
// a client asks meanwhile, is in the recording; its run is the same run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/simulation.h"
#include "regions/runner.h"
#include "regions/scenario_loader.h"
#include "tools/serve/served_world.h"
#include "tools/serve/session.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> library() {
  std::vector<std::string> files;
  for (const char* folder : {"scenarios", "scenarios/defects", "scenarios/chaos"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(FAULTLINE_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".textproto") files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

void advance(Session& session, engine::Duration by) {
  v1::ControlRequest request;
  request.mutable_advance_clock()->set_by_ns(by.ns());
  EXPECT_EQ(session.control(request).error(), "");
}

// Saves the session; its hash, if the run of what was saved has the same, or what is wrong.
std::string saved_hash(Session& session) {
  v1::ControlRequest save;
  save.mutable_save_session();
  const v1::ControlResponse response = session.control(save);
  if (!response.error().empty()) return response.error();
  const auto loaded = regions::load_scenario("saved", response.saved().scenario());
  if (!loaded) return loaded.error().front().to_string();
  regions::ScenarioRun run(*loaded, {});
  const std::string hash = run.finish().hash();
  return hash == response.saved().trace_hash() ? hash : "the run's hash is " + hash;
}

class ServedLibraryTest : public testing::TestWithParam<std::string> {};

TEST_P(ServedLibraryTest, ItsRecordingRunsToTheSameHash) {
  auto world = served_world({.scenario_file = GetParam(),
                             .regions = {},
                             .account = {},
                             .seed = 5,
                             .follows_machine = false,
                             .now_unix_ns = 0},
                            {});
  ASSERT_TRUE(world.has_value()) << world.error().front().to_string();
  Session session({.scenario = std::move(*world),
                   .seed = 5,
                   .clock = ServerClock::parse("manual").value(),
                   .shared = {},
                   .make_durable = {},
                   .recorder = nullptr,
                   .remembers = true});
  advance(session, engine::Duration::millis(1'500));
  v1::ApiRequest request;
  request.mutable_list_secrets();
  session.call(session.world().regions().front(), "admin", std::move(request), [](const auto&) {});
  constexpr std::size_t kHash = 32;
  const std::string early = saved_hash(session);
  EXPECT_EQ(early.size(), kHash) << early;
  advance(session, engine::Duration::seconds(120));
  const std::string late = saved_hash(session);
  EXPECT_EQ(late.size(), kHash) << late;
  // The session's own trace ends like that, too, when it is over.
  static_cast<void>(session.end_recording());
  EXPECT_EQ(session.world().simulation().trace().hash().to_hex(), late);
}

INSTANTIATE_TEST_SUITE_P(Library, ServedLibraryTest, testing::ValuesIn(library()),
                         [](const auto& file) {
                           std::string name = fs::path(file.param).stem();
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace faultline::tools
