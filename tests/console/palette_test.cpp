// The palette of faults: every form, filled in with its own hints, is a fault that a session takes.
#include "tools/console/palette.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "regions/fault_catalogue.h"
#include "tests/console/console_session.h"

namespace faultline::tools {
namespace {

namespace json = boost::json;

class PaletteTest : public ConsoleSession {
 protected:
  // Each has a key of its own.
  static std::unique_ptr<Session> open_with_keys() {
    auto session = open();
    for (const std::string& region : kThreeRegions) {
      v1::KmsRequest create;
      create.mutable_create_key();
      std::string id;
      session->call_kms(region, "admin", create, [&](const auto& result) {
        ASSERT_TRUE(result.has_value());
        id = result->create_key().key_metadata().key_id();
      });
      v1::KmsRequest alias;
      alias.mutable_create_alias()->set_alias_name("alias/replica");
      alias.mutable_create_alias()->set_target_key_id(id);
      session->call_kms(region, "admin", alias,
                        [&](const auto& result) { ASSERT_TRUE(result.has_value()); });
    }
    return session;
  }

  static std::map<std::string, json::object> kinds() {
    std::map<std::string, json::object> kinds;
    const json::value palette = parsed(palette_json());
    for (const auto& group : palette.at("groups").as_array()) {
      for (const auto& kind : group.at("kinds").as_array()) {
        kinds[text(kind.at("kind"))] = kind.as_object();
      }
    }
    return kinds;
  }

  static void fill_in(const json::value& field, std::vector<std::string>& words) {
    words.push_back("--" + text(field.at("word")));
    if (text(field.at("type")) != "flag") words.push_back(text(field.at("hint")));
  }
  // With what is required only, and of those of which one is, the one that is named.
  static std::vector<std::string> least(const json::object& kind, const std::string& also) {
    std::vector<std::string> words = {text(kind.at("kind"))};
    for (const auto& field : kind.at("fields").as_array()) {
      if (field.at("required").as_bool() || text(field.at("word")) == also) fill_in(field, words);
    }
    return words;
  }
};

TEST_F(PaletteTest, HasEveryKindInPlainWords) {
  const auto palette = kinds();
  std::set<std::string> ids;
  for (const std::string& name : fault_kinds()) {
    ASSERT_TRUE(palette.contains(name)) << name;
    const json::object& kind = palette.at(name);
    EXPECT_TRUE(text(kind.at("what")).ends_with('.')) << name;
    EXPECT_TRUE(text(kind.at("why")).ends_with('.')) << name;
    EXPECT_EQ(text(kind.at("title")).find('-'), std::string::npos)
        << name << " is not put in words";
    for (const auto& id : kind.at("ids").as_array()) ids.insert(text(id));
  }
  EXPECT_EQ(palette.size(), fault_kinds().size());
  for (const regions::FaultEntry& entry : regions::fault_catalogue()) {
    if (entry.id.starts_with("OPS")) continue;
    EXPECT_TRUE(ids.contains(std::string(entry.id))) << entry.id;
  }
}

TEST_F(PaletteTest, TheLeastOfAFormIsTakenAndLessIsNot) {
  for (const auto& [name, kind] : kinds()) {
    std::vector<std::string> choices;
    for (const auto& word : kind.at("any_of").as_array()) choices.push_back(text(word));
    const bool needs_one = !choices.empty();
    if (!needs_one) choices.emplace_back();
    for (const std::string& also : choices) {
      EXPECT_EQ(fault(*open_with_keys(), least(kind, also)), "") << name << " --" << also;
    }
    if (needs_one) {
      EXPECT_NE(fault(*open_with_keys(), least(kind, {})), "") << name;
    }
    for (const auto& field : kind.at("fields").as_array()) {
      if (!field.at("required").as_bool()) continue;
      json::object without = kind;
      auto& fields = without.at("fields").as_array();
      for (auto it = fields.begin(); it != fields.end(); ++it) {
        if (it->at("word") != field.at("word")) continue;
        fields.erase(it);
        break;
      }
      EXPECT_NE(fault(*open_with_keys(), least(without, choices.front())), "")
          << name << " without --" << text(field.at("word"));
    }
  }
}

TEST_F(PaletteTest, TheWholeFormIsTakenWithHowLongItLasts) {
  for (const auto& [name, kind] : kinds()) {
    std::vector<std::string> words = {name};
    for (const auto& field : kind.at("fields").as_array()) {
      const std::string type = text(field.at("type"));
      if (field.at("many").as_bool() && type == "region")
        fill_in(json::object({
                    {"word", field.at("word")},
                    {"type", type            },
                    {"hint", "eu-west-1"     }
        }),
                words);
      fill_in(field, words);
      for (const auto& choice : field.at("choices").as_array()) {
        auto with = words;
        with.back() = text(choice);
        EXPECT_TRUE(fault_of(with).has_value()) << name << ' ' << text(choice);
      }
    }
    if (kind.at("lasts").as_bool()) words.insert(words.end(), {"--for", "30s"});
    EXPECT_EQ(fault(*open_with_keys(), words), "") << name;
    if (kind.at("lasts").as_bool()) continue;
    words.insert(words.end(), {"--for", "30s"});
    EXPECT_NE(fault(*open_with_keys(), words), "") << name << " takes no `for`";
  }
}

}  // namespace
}  // namespace faultline::tools
