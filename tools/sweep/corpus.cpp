#include "tools/sweep/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "tools/json_text.h"
#include "tools/sweep/sweep_text.h"

namespace faultline::tools {
namespace {

namespace fs = std::filesystem;

// The first line of an entry that a sweep has written.
constexpr std::string_view kHead = "# faultline corpus ";
constexpr int kCorpusFormat = 1;
constexpr std::uint32_t kSummaryFormat = 1;
constexpr std::size_t kMostSummaryBytes = 200'000'000;

Expected<void, std::string> make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return {};
  return tl::make_unexpected(fmt::format("{}: cannot be made: {}", path, error.message()));
}

// Of another format than this build's; "" for a file that says nothing of it.
std::string other_format(const std::string& path, const std::string& text) {
  if (!text.starts_with(kHead)) return {};
  const std::string line = text.substr(0, text.find('\n'));
  if (line == fmt::format("{}{}", kHead, kCorpusFormat)) return {};
  return fmt::format("{}: it is of corpus format {}; this build reads format {}", path,
                     line.substr(kHead.size()), kCorpusFormat);
}

}  // namespace

Expected<void, std::string> write_file(const std::string& path, const std::string& bytes) {
  const std::string beside = path + ".part";
  errno = 0;
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  if (!out) {
    const std::string why = errno != 0 ? std::strerror(errno) : "it cannot be written to its end";
    std::error_code ignored;
    fs::remove(beside, ignored);
    return tl::make_unexpected(fmt::format("{}: cannot be written: {}", path, why));
  }
  std::error_code error;
  fs::rename(beside, path, error);
  if (!error) return {};
  return tl::make_unexpected(fmt::format("{}: cannot be written: {}", path, error.message()));
}

std::vector<regions::LoadedScenario> read_corpus(const std::string& directory,
                                                 const regions::CheckOptions& check,
                                                 std::vector<std::string>& errors) {
  std::vector<regions::LoadedScenario> corpus;
  std::error_code error;
  if (!fs::exists(directory, error)) return corpus;
  std::vector<std::string> paths;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".textproto") paths.push_back(entry->path().string());
  }
  if (error) {
    errors.push_back(fmt::format("{}: cannot be read: {}", directory, error.message()));
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    const auto text = regions::read_file(path, regions::kMostScenarioBytes);
    if (!text) {
      errors.push_back(text.error().to_string());
      continue;
    }
    if (std::string other = other_format(path, *text); !other.empty()) {
      errors.push_back(std::move(other));
      continue;
    }
    auto loaded = regions::load_scenario(path, *text, check);
    if (loaded) {
      corpus.push_back(std::move(*loaded));
    } else {
      errors.push_back(loaded.error().front().to_string());
    }
  }
  return corpus;
}

Expected<void, std::string> add_to_corpus(const std::string& directory,
                                          const v1::SweepSummary& summary) {
  FL_TRY_VOID(make_directory(directory));
  for (const v1::FailureFound& failure : summary.failures()) {
    if (failure.scenario().empty()) continue;
    const std::string path = directory + "/" + failure_file_name(failure);
    std::error_code error;
    if (fs::exists(path, error)) continue;
    FL_TRY_VOID(
        write_file(path, fmt::format("{}{}\n{}", kHead, kCorpusFormat, failure.scenario())));
  }
  return {};
}

Expected<void, std::string> write_out(const std::string& directory,
                                      const v1::SweepSummary& summary) {
  FL_TRY_VOID(make_directory(directory + "/failures"));
  for (const v1::FailureFound& failure : summary.failures()) {
    if (failure.scenario().empty()) continue;
    FL_TRY_VOID(
        write_file(directory + "/failures/" + failure_file_name(failure), failure.scenario()));
  }
  FL_TRY_VOID(write_file(directory + "/coverage.json", json_text(summary.coverage())));
  return write_file(directory + "/summary.json", json_text(summary));
}

Expected<v1::SweepSummary, std::string> read_summary(const std::string& directory) {
  const std::string path = directory + "/summary.json";
  const auto text = regions::read_file(path, kMostSummaryBytes);
  if (!text) return tl::make_unexpected(text.error().to_string());
  v1::SweepSummary summary;
  if (const auto read = read_json(*text, summary); !read) {
    return tl::make_unexpected(
        fmt::format("{}: it is no summary of a sweep: {}", path, read.error()));
  }
  if (summary.format() != kSummaryFormat) {
    return tl::make_unexpected(fmt::format("{}: it is of format {}; this build reads format {}",
                                           path, summary.format(), kSummaryFormat));
  }
  return summary;
}

}  // namespace faultline::tools
