#include "tools/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace faultline::tools {
namespace {

std::string_view colour_of(regions::Tone tone) {
  switch (tone) {
    case regions::Tone::Good:
      return "\x1b[32m";  // green
    case regions::Tone::Bad:
      return "\x1b[1;31m";  // bold red
    case regions::Tone::Fault:
      return "\x1b[33m";  // yellow
    case regions::Tone::Faint:
      return "\x1b[2m";
    case regions::Tone::Plain:
      break;
  }
  return "";
}

}  // namespace

bool wants_colours() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return isatty(STDOUT_FILENO) != 0;
}

std::string painted(std::string_view text, regions::Tone tone, bool colours) {
  const std::string_view colour = colours ? colour_of(tone) : "";
  if (colour.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", colour, text);
}

void complain(std::string_view message) { fmt::print(stderr, "faultline: {}\n", message); }

void complain(const regions::InputErrors& errors) {
  for (const InputError& error : errors) fmt::print(stderr, "{}\n", error.to_string());
}

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace faultline::tools
