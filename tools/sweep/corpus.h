// A corpus: scenarios that failed once, one file each, in a directory. A sweep runs them first, and
// adds what it finds. And the directory that a sweep leaves behind (`--out`).
#pragma once

#include <string>
#include <vector>

#include "proto/report.pb.h"
#include "proto/result.h"
#include "regions/scenario_loader.h"

namespace faultline::tools {

// Entries in the order of their names. What cannot be read is left out, with a line in `errors`: a
// file that is no scenario of this version, a directory that cannot be listed. A directory that is
// not there is an empty corpus.
[[nodiscard]] std::vector<regions::LoadedScenario> read_corpus(const std::string& directory,
                                                               const regions::CheckOptions& check,
                                                               std::vector<std::string>& errors);
// Errors: one sentence with the path and what the system says.
[[nodiscard]] Expected<void, std::string> add_to_corpus(const std::string& directory,
                                                        const v1::SweepSummary& summary);
// summary.json, coverage.json, failures/*.textproto; whole files, moved into place.
[[nodiscard]] Expected<void, std::string> write_out(const std::string& directory,
                                                    const v1::SweepSummary& summary);
[[nodiscard]] Expected<v1::SweepSummary, std::string> read_summary(const std::string& directory);
// Writes beside and renames, so that a full disk leaves no half file.
[[nodiscard]] Expected<void, std::string> write_file(const std::string& path,
                                                     const std::string& bytes);

}  // namespace faultline::tools
