#include "regions/scenario_loader.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "regions/scenario/blocks.h"
#include "regions/scenario/parse_errors.h"
#include "regions/scenario/spelling.h"
#include "regions/trace_file.h"

namespace faultline::regions {
namespace {

using google::protobuf::TextFormat;

// Far more than a scenario has, far less than the stack.
constexpr int kMostNesting = 32;

struct ParserMessages : google::protobuf::io::ErrorCollector {
  struct Message {
    Place place;
    std::string text;
  };
  std::vector<Message> errors;
  std::vector<Message> warnings;  // unknown fields, and what lies in them

  void AddError(int line, int column, const std::string& text) override {
    errors.push_back({
        {line + 1, column + 1},
        text
    });
  }
  void AddWarning(int line, int column, const std::string& text) override {
    warnings.push_back({
        {line + 1, column + 1},
        text
    });
  }
};

// One file on its way from text to scenario.
class Loader {
 public:
  Loader(std::string file, std::string_view text, const CheckOptions& options)
      : file_(std::move(file)),
        text_(text),
        options_(options),
        complaints_(file_),
        blocks_(find_blocks(text)) {}

  Expected<LoadedScenario, InputErrors> load() {
    parse();
    check();
    InputErrors errors = in_order(complaints_.take());
    if (!errors.empty()) return tl::make_unexpected(std::move(errors));
    LoadedScenario loaded{std::move(scenario_), file_, {}, {}};
    const Spot root(loaded.scenario, &places_);
    for (int i = 0; i < loaded.scenario.step_size(); ++i) {
      loaded.step_lines.push_back(root.place("step", i).line);
    }
    for (int i = 0; i < loaded.scenario.expect_size(); ++i) {
      loaded.expect_lines.push_back(root.place("expect", i).line);
    }
    return loaded;
  }

 private:
  bool parse_once(const std::string& text, ParserMessages& messages,
                  TextFormat::ParseInfoTree* places) {
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&messages);
    parser.WriteLocationsTo(places);
    parser.AllowUnknownField(true);  // reported as warnings, so that the rest of the block is read
    parser.SetRecursionLimit(kMostNesting);
    scenario_.Clear();
    return parser.ParseFromString(text, &scenario_) && messages.errors.empty();
  }

  // Parses, blanks the block that stopped the parser, and parses again.
  void parse() {
    std::string text = text_;
    for (std::size_t round = 0; round <= kMostErrors; ++round) {
      ParserMessages messages;
      const bool parsed = parse_once(text, messages, nullptr);
      for (const auto& warning : messages.warnings) complain(warning);
      for (const auto& error : messages.errors) complain(error);
      Block* block = messages.errors.empty() ? nullptr : block_of_mistake(messages.errors.front());
      if (parsed || block == nullptr) break;
      if (text.find_first_not_of(" \n", block->begin) >= block->end) break;  // it is blank already
      blank(text, *block);
    }
    // Once more, for what is left and its places; the tree can only be written once.
    ParserMessages heard;
    parse_once(text, heard, &places_);
  }

  void complain(const ParserMessages::Message& message) {
    const ParserComplaint complaint = in_our_words(message.text);
    const Place place = place_of_mistake(message.place, complaint);
    complaints_.add(place, complaint.message);
    if (Block* block = block_of(place)) block->unreadable = true;
  }

  Place place_of_mistake(Place heard_at, const ParserComplaint& complaint) const {
    if (complaint.word.empty()) return heard_at;
    return place_of(text_, last_before(text_, offset_of(text_, heard_at), complaint.word));
  }

  Block* block_of_mistake(const ParserMessages::Message& message) {
    return block_of(place_of_mistake(message.place, in_our_words(message.text)));
  }
  Block* block_of(Place place) { return block_at(blocks_, offset_of(text_, place)); }

  void check() {
    Names names = names_of(scenario_);
    for (const Block& block : blocks_) {
      if (!block.unreadable) continue;
      // A misspelt top-level field may have been any.
      const auto* field = v1::Scenario::descriptor()->FindFieldByName(block.name);
      if (field != nullptr) {
        names.unreadable.insert(block.name);
      } else {
        names.unreadable.insert({"region", "key", "principal", "step"});
      }
    }
    const Spot root(scenario_, &places_);
    ScenarioChecker(scenario_, root, std::move(names), options_, complaints_, [this](Place place) {
      const Block* block = place.line == 0 ? nullptr : block_of(place);
      return block != nullptr && block->unreadable;
    }).check();
  }

  // By place, each once, not too many.
  InputErrors in_order(InputErrors errors) const {
    const auto key = [](const InputError& error) {
      return std::tie(error.line, error.column, error.message);
    };
    std::ranges::stable_sort(errors, {}, key);
    const auto same = [&](const InputError& a, const InputError& b) { return key(a) == key(b); };
    errors.erase(std::unique(errors.begin(), errors.end(), same), errors.end());
    if (errors.size() > kMostErrors) {
      const std::size_t more = errors.size() - kMostErrors;
      errors.resize(kMostErrors);
      errors.push_back({file_, 0, 0, "and " + std::to_string(more) + " more"});
    }
    return errors;
  }

  const std::string file_;
  const std::string text_;
  const CheckOptions& options_;
  Complaints complaints_;
  std::vector<Block> blocks_;
  v1::Scenario scenario_;
  TextFormat::ParseInfoTree places_;
};

std::optional<std::string> why_no_text(std::string_view bytes) {
  if (looks_like_a_trace(bytes))
    return "this is a recorded trace; `faultline replay` runs it again";
  if (bytes.find('\0') != std::string_view::npos) {
    return "this is not a text file: it has a zero byte at offset " +
           std::to_string(bytes.find('\0'));
  }
  return std::nullopt;
}

InputErrors one_error(std::string file, std::string message) {
  return {
      InputError{std::move(file), 0, 0, std::move(message)}
  };
}

}  // namespace

Expected<LoadedScenario, InputErrors> load_scenario(std::string file, std::string_view text,
                                                    const CheckOptions& options) {
  if (auto why = why_no_text(text))
    return tl::make_unexpected(one_error(std::move(file), std::move(*why)));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Loader(std::move(file), text, options).load();
}

Expected<std::string, InputError> read_file(const std::string& path, std::size_t most) {
  const auto error = [&](std::string message) {
    return tl::make_unexpected(InputError{path, 0, 0, std::move(message)});
  };
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) return error("this is a directory");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return error(std::string("cannot be read: ") + std::strerror(errno));
  std::string bytes;
  char buffer[65'536];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    bytes.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > most) return error("is larger than " + std::to_string(most) + " bytes");
  }
  if (in.bad()) return error(std::string("cannot be read: ") + std::strerror(errno));
  return bytes;
}

Expected<LoadedScenario, InputErrors> load_scenario_file(const std::string& path,
                                                         const CheckOptions& options) {
  auto bytes = read_file(path, kMostScenarioBytes);
  if (!bytes) return tl::make_unexpected(InputErrors{std::move(bytes).error()});
  return load_scenario(path, *bytes, options);
}

Expected<LoadedScenario, InputErrors> adopt_scenario(std::string name, v1::Scenario scenario,
                                                     const CheckOptions& options) {
  Complaints complaints(name);
  const Spot root(scenario, nullptr);
  ScenarioChecker(scenario, root, names_of(scenario), options, complaints, [](Place) {
    return false;
  }).check();
  if (auto errors = complaints.take(); !errors.empty())
    return tl::make_unexpected(std::move(errors));
  return LoadedScenario{std::move(scenario), std::move(name), {}, {}};
}

}  // namespace faultline::regions
