#include "tests/tree/ban_list.h"

#include <algorithm>
#include <set>

namespace faultline::tree {
namespace {

constexpr std::string_view kTime =
    "ask ActorContext::now(), or wall_unix_ns() for what AWS stamps; in kms "
    "Environment::now_unix_ns()";
constexpr std::string_view kLuck =
    "draw from ActorContext::random(purpose) with an index; in kms Environment::fill_random()";
constexpr std::string_view kThreads =
    "a Simulation is one thread: spawn a Task, or run whole Simulations side by side from tools";
constexpr std::string_view kMath =
    "results of libm differ between machines: use integers, Ratio for a probability";

const std::set<std::string_view>& layers_of_a_run() {
  static const std::set<std::string_view> layers = {"proto", "engine", "kms", "regions"};
  return layers;
}

bool matches(const Ban& ban, const Name& name) {
  const bool in_std = name.parts.front() == "std";
  switch (ban.match) {
    case Match::Anywhere:
      return std::ranges::find(name.parts, ban.word) != name.parts.end();
    case Match::InStd:
      return in_std && name.parts.size() > 1 && name.parts[1] == ban.word;
    case Match::Call:
      return name.parts.back() == ban.word && (in_std || name.parts.size() == 1) &&
             name.rest.starts_with('(');
    case Match::NullCall:
      return name.parts.back() == ban.word &&
             (name.rest.starts_with("(nullptr)") || name.rest.starts_with("(NULL)") ||
              name.rest.starts_with("(0)"));
    case Match::StdEnding:
      return in_std && name.parts.size() > 1 && name.parts[1].ends_with(ban.word);
  }
  return false;
}

std::string joined(const Name& name) {
  std::string text;
  for (const std::string_view part : name.parts) {
    if (!text.empty()) text += "::";
    text += part;
  }
  return text;
}

}  // namespace

const std::vector<Ban>& ban_list() {
  static const std::vector<Ban> bans = {
      {Match::Anywhere,  "system_clock",           kTime                                                       },
      {Match::Anywhere,  "steady_clock",           kTime                                                       },
      {Match::Anywhere,  "high_resolution_clock",  kTime                                                       },
      {Match::Anywhere,  "gettimeofday",           kTime                                                       },
      {Match::Anywhere,  "clock_gettime",          kTime                                                       },
      {Match::NullCall,  "time",                   kTime                                                       },
      {Match::Anywhere,  "localtime",              "time zones are the machine's: compute in UTC"              },
      {Match::Anywhere,  "localtime_r",            "time zones are the machine's: compute in UTC"              },
      {Match::Anywhere,  "random_device",          kLuck                                                       },
      {Match::Anywhere,  "mt19937",                kLuck                                                       },
      {Match::Anywhere,  "mt19937_64",             kLuck                                                       },
      {Match::Anywhere,  "default_random_engine",  kLuck                                                       },
      {Match::StdEnding, "_distribution",
       "its results differ between libraries: RandomStream::below, chance, between"                            },
      {Match::InStd,     "shuffle",
       "its order differs between libraries: RandomStream::below in a loop of your own"                        },
      {Match::InStd,     "sample",
       "its choice differs between libraries: RandomStream::below in a loop of your own"                       },
      {Match::Call,      "rand",                   kLuck                                                       },
      {Match::Call,      "srand",                  kLuck                                                       },
      {Match::Anywhere,  "AutoSeededRandomPool",   kLuck                                                       },
      {Match::Anywhere,  "OS_GenerateRandomBlock", kLuck                                                       },
      {Match::InStd,     "thread",                 kThreads                                                    },
      {Match::InStd,     "jthread",                kThreads                                                    },
      {Match::InStd,     "async",                  kThreads                                                    },
      {Match::InStd,     "this_thread",            kThreads                                                    },
      {Match::InStd,     "hash",
       "its values differ between libraries: engine/hash.h, and std::map for look-up"                          },
      {Match::InStd,     "locale",                 "the machine's locale must not matter: fmt or std::to_chars"},
      {Match::Anywhere,  "setlocale",              "the machine's locale must not matter: fmt or std::to_chars"},
      {Match::Anywhere,  "getenv",
       "a run depends on its scenario and seed alone: make it an option that tools sets"                       },
      {Match::Anywhere,  "secure_getenv",
       "a run depends on its scenario and seed alone: make it an option that tools sets"                       },
      {Match::InStd,     "exp",                    kMath                                                       },
      {Match::InStd,     "exp2",                   kMath                                                       },
      {Match::InStd,     "expm1",                  kMath                                                       },
      {Match::InStd,     "log",                    kMath                                                       },
      {Match::InStd,     "log2",                   kMath                                                       },
      {Match::InStd,     "log10",                  kMath                                                       },
      {Match::InStd,     "log1p",                  kMath                                                       },
      {Match::InStd,     "pow",                    kMath                                                       },
      {Match::InStd,     "sin",                    kMath                                                       },
      {Match::InStd,     "cos",                    kMath                                                       },
  };
  return bans;
}

std::vector<std::string> banned_uses(const SourceFile& file) {
  std::vector<std::string> complaints;
  if (!layers_of_a_run().contains(file.layer())) return complaints;
  const auto complain = [&](int line, const std::string& what, std::string_view instead) {
    complaints.push_back(file.path + ":" + std::to_string(line) + ": " + what +
                         " is banned: " + std::string(instead) + ".");
  };

  const std::string code = without_comments(file.text, Literals::Blank);
  for (const Name& name : names_of(code)) {
    for (const Ban& ban : ban_list()) {
      if (matches(ban, name)) complain(name.line, joined(name), ban.instead);
    }
  }
  for (const Include& include : includes_of(file)) {
    if (include.path == "iostream") {
      complain(include.line, "<iostream>",
               "only tools prints; return text, or take a std::ostream&");
    }
  }
  return complaints;
}

}  // namespace faultline::tree
