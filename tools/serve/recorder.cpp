#include "tools/serve/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "regions/scenario/check.h"
#include "regions/scenario_writer.h"

namespace faultline::tools {
namespace {

using engine::Instant;

std::string head_of(v1::Scenario scenario) {
  scenario.clear_run_for();
  return regions::write_scenario(
      scenario, {"A session of faultline serve: what clients asked, and what broke.",
                 "Repeat it: faultline run FILE. Search what else could have happened: "
                 "faultline sweep FILE.",
                 "It holds the secret values that clients sent."});
}

std::string tail_of(Instant end) {
  return fmt::format("\nrun_for: \"{}\"\n", engine::format_duration(end - Instant()));
}

}  // namespace

Expected<std::unique_ptr<Recorder>, std::string> Recorder::create(const std::string& path,
                                                                  const v1::Scenario& scenario,
                                                                  bool remembers) {
  FL_TRY(auto file, create_owners_file(path));
  return std::unique_ptr<Recorder>(new Recorder(path, std::move(file), scenario, remembers));
}

std::unique_ptr<Recorder> Recorder::in_memory(const v1::Scenario& scenario) {
  return std::unique_ptr<Recorder>(new Recorder({}, nullptr, scenario, true));
}

Recorder::Recorder(std::string path, OpenFile file, const v1::Scenario& scenario, bool remembers)
    : path_(std::move(path)),
      file_(std::move(file)),
      remembers_(remembers),
      scenario_(scenario),
      steps_(first()) {
  write_text(head_of(scenario_));
}

std::size_t Recorder::begin(v1::Step step) {
  steps_.push_back({std::move(step), false});
  return steps_.size() - 1;
}

void Recorder::end(std::size_t number, const std::string& error) {
  Noted& noted = steps_[number];
  noted.ended = true;
  if (!error.empty()) noted.step.mutable_want()->set_error(error);
  write(number);
  // What clients sent is kept no longer than it must be.
  if (!remembers_) noted.step.Clear();
}

void Recorder::finish(Instant end) {
  for (std::size_t number = first(); number < steps_.size(); ++number) {
    if (!steps_[number].ended) write(number);
  }
  if (file_ != nullptr) put_head(head_until(end));
  write_text(tail_of(end));
}

std::string Recorder::head_until(Instant end) const {
  v1::Scenario until_then = scenario_;
  auto& steps = *until_then.mutable_step();
  const auto is_later = [end](const v1::Step& step) {
    return Instant() + regions::time_of(step) > end;
  };
  steps.erase(std::remove_if(steps.begin(), steps.end(), is_later), steps.end());
  return head_of(until_then);
}

void Recorder::put_head(const std::string& head) {
  const std::string before = head_of(scenario_);
  if (head == before) return;
  std::fflush(file_.get());
  std::fseek(file_.get(), static_cast<long>(before.size()), SEEK_SET);
  std::string rest;
  for (int c = std::fgetc(file_.get()); c != EOF; c = std::fgetc(file_.get())) {
    rest += static_cast<char>(c);
  }
  std::rewind(file_.get());
  if (ftruncate(fileno(file_.get()), 0) == 0) write_text(head + rest);
}

std::string Recorder::text(Instant end) const {
  std::string text = head_until(end);
  for (std::size_t number = first(); number < steps_.size(); ++number) text += text_of(number);
  return text + tail_of(end);
}

void Recorder::forget_after(Instant instant) {
  while (steps_.size() > first() && Instant() + regions::time_of(steps_.back().step) > instant) {
    steps_.pop_back();
  }
  for (std::size_t number = first(); number < steps_.size(); ++number) {
    steps_[number].ended = false;
    steps_[number].step.clear_want();
  }
  if (file_ == nullptr) return;
  // Answers come again, and are written again.
  std::fflush(file_.get());
  std::rewind(file_.get());
  if (ftruncate(fileno(file_.get()), 0) == 0) write_text(head_of(scenario_));
}

std::string Recorder::text_of(std::size_t number) const {
  v1::Step step = steps_[number].step;
  if (!steps_[number].ended) step.mutable_want()->set_anything(true);
  return "\n" + regions::write_step(step, static_cast<int>(number) + 1);
}

void Recorder::write(std::size_t number) {
  if (file_ != nullptr) write_text(text_of(number));
}

void Recorder::write_text(const std::string& text) {
  if (file_ == nullptr) return;
  std::fwrite(text.data(), 1, text.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace faultline::tools
