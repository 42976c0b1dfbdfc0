// Recorder: writes a session down as a scenario file while it goes on. What was answered is in the
// file at once; the end of the run is added when the session ends. A server that is killed leaves a
// file that can be run up to its last step.
//
// Secrecy  the file holds what clients sent, secret values too: it is made for its owner only.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/time.h"
#include "proto/result.h"
#include "proto/scenario.pb.h"

namespace faultline::tools {

class Recorder {
 public:
  // Begins the file with the world of `scenario` and the steps that it has of its own.
  // Errors   a sentence: the file is there already, or cannot be written.
  [[nodiscard]] static Expected<std::unique_ptr<Recorder>, std::string> create(
      const std::string& path, v1::Scenario scenario);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What is done now is a step; returns its number. It is written when its outcome is known.
  std::size_t begin(v1::Step step);
  // Its answer was this error, or none at all.
  void end(std::size_t number, const std::string& error);
  // The session is over: what was never answered is written too, and when the run ends.
  void finish(engine::Instant end);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t steps() const { return steps_.size(); }

 private:
  struct Noted {
    v1::Step step;
    bool written = false;
  };
  Recorder(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  void write(Noted& noted);

  const std::string path_;
  std::FILE* file_;
  std::vector<Noted> steps_;
};

}  // namespace faultline::tools
