// What may not appear in code that a run depends on (proto, engine, kms, regions), and what to use
// instead. One seed must give one run, to the byte, whatever the machine, the library and the
// compiler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tree/source_text.h"

namespace faultline::tree {

enum class Match {
  Anywhere,  // the word as any part of a name: system_clock, std::chrono::system_clock::now
  InStd,     // only as std::word
  Call,      // only as word(…), with or without std::
  NullCall,  // only as word(nullptr), word(NULL), word(0)
  StdEnding  // std::…word
};

struct Ban {
  Match match = Match::Anywhere;
  std::string_view word;
  std::string_view instead;
};

const std::vector<Ban>& ban_list();

// One sentence a use: "engine/disk.cpp:12: system_clock is banned: ask ActorContext::now() …".
// Comments and literals do not count.
std::vector<std::string> banned_uses(const SourceFile& file);

}  // namespace faultline::tree
