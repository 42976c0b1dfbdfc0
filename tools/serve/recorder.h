// Recorder: writes a session down as a scenario while it goes on: into a file, into memory, or both.
//
// File     what was answered is in it at once; the end of the run is added when the session ends. A
//          server that is killed leaves a file that can be run up to its last step.
// Memory   a recorder that remembers gives the scenario so far at any time, and its steps, so that
//          the session can be repeated up to an instant and go on from there.
//
// Secrecy  the file holds what clients sent, secret values too: it is made for its owner only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/time.h"
#include "proto/result.h"
#include "proto/scenario.pb.h"
#include "tools/serve/owners_file.h"

namespace faultline::tools {

class Recorder {
 public:
  // Begins the file with the world of `scenario` and the steps that it has of its own.
  // Errors   a sentence: the file is there already, or cannot be written.
  [[nodiscard]] static Expected<std::unique_ptr<Recorder>, std::string> create(
      const std::string& path, const v1::Scenario& scenario, bool remembers = false);
  // Without a file.
  [[nodiscard]] static std::unique_ptr<Recorder> in_memory(const v1::Scenario& scenario);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What is done now is a step; returns its number. It is written when its outcome is known.
  std::size_t begin(v1::Step step);
  // Its answer was this error, or none at all.
  void end(std::size_t number, const std::string& error);
  // The session is over: what was never answered is written too, and when the run ends. What the
  // scenario would have done later is taken out.
  void finish(engine::Instant end);

  // Empty: there is no file.
  [[nodiscard]] const std::string& path() const { return path_; }
  // The scenario's own among them.
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

  // ---- memory: REQUIRES remembers() -------------------------------------------------------------
  [[nodiscard]] bool remembers() const { return remembers_; }
  // The file as it would be if the session ended now.
  [[nodiscard]] std::string text(engine::Instant end) const;
  // Forgets what was done later, in the file, too, and what was answered: the session is about to be
  // repeated. Numbers of what is left stay.
  void forget_after(engine::Instant instant);
  // What was done, from the first that is not the scenario's own; numbers as begin() gave them.
  [[nodiscard]] std::size_t first() const {
    return static_cast<std::size_t>(scenario_.step_size());
  }
  [[nodiscard]] const v1::Step& step(std::size_t number) const { return steps_[number].step; }

 private:
  struct Noted {
    v1::Step step;
    bool ended = false;
  };
  Recorder(std::string path, OpenFile file, const v1::Scenario& scenario, bool remembers);
  void write(std::size_t number);
  void write_text(const std::string& text);
  // The world, and what the scenario does by itself until then.
  [[nodiscard]] std::string head_until(engine::Instant end) const;
  // In place of the file's, which tells of all that the scenario does by itself.
  void put_head(const std::string& head);
  [[nodiscard]] std::string text_of(std::size_t number) const;

  const std::string path_;
  const OpenFile file_;  // null: none
  const bool remembers_;
  const v1::Scenario scenario_;
  std::vector<Noted> steps_;
};

}  // namespace faultline::tools
