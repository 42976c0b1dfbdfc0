// A new file that only its owner may read: for what holds secret values.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "proto/result.h"

namespace faultline::tools {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, FileCloser>;

// Opens it for writing, and for reading what was written. What is there is not written over: somebody
// may want it.
// Errors   a sentence that begins with the path.
[[nodiscard]] Expected<OpenFile, std::string> create_owners_file(const std::string& path);

}  // namespace faultline::tools
