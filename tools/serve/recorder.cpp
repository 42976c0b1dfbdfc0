#include "tools/serve/recorder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "regions/scenario_writer.h"

namespace faultline::tools {
namespace {

constexpr mode_t kOwnerOnly = 0600;

void write_text(std::FILE* file, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

Expected<std::unique_ptr<Recorder>, std::string> Recorder::create(const std::string& path,
                                                                  v1::Scenario scenario) {
  // What is there is not written over: it may be a recording that somebody wants.
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) {
    const std::string why = errno == EEXIST ? "it is there already" : std::strerror(errno);
    return tl::make_unexpected(fmt::format("{}: cannot record: {}", path, why));
  }
  std::unique_ptr<Recorder> recorder(new Recorder(path, fdopen(fd, "w")));
  const int own_steps = scenario.step_size();
  scenario.clear_run_for();
  write_text(recorder->file_,
             regions::write_scenario(
                 scenario, {"A session of faultline serve: what clients asked, and what broke.",
                            "Repeat it: faultline run FILE. Search what else could have happened: "
                            "faultline sweep FILE.",
                            "It holds the secret values that clients sent."}));
  recorder->steps_.resize(static_cast<std::size_t>(own_steps));
  for (Noted& noted : recorder->steps_) noted.written = true;
  return recorder;
}

Recorder::~Recorder() { std::fclose(file_); }

std::size_t Recorder::begin(v1::Step step) {
  steps_.push_back({std::move(step), false});
  return steps_.size() - 1;
}

void Recorder::end(std::size_t number, const std::string& error) {
  Noted& noted = steps_[number];
  if (!error.empty()) noted.step.mutable_want()->set_error(error);
  write(noted);
}

void Recorder::finish(engine::Instant end) {
  for (Noted& noted : steps_) {
    if (noted.written) continue;
    noted.step.mutable_want()->set_anything(true);
    write(noted);
  }
  write_text(file_,
             fmt::format("\nrun_for: \"{}\"\n", engine::format_duration(end - engine::Instant())));
}

void Recorder::write(Noted& noted) {
  const auto number = static_cast<int>(&noted - steps_.data()) + 1;
  write_text(file_, "\n" + regions::write_step(noted.step, number));
  noted.written = true;
  noted.step.Clear();
}

}  // namespace faultline::tools
