#include "tools/library.h"

#include <system_error>

namespace faultline::tools {

namespace fs = std::filesystem;

fs::path library_directory() {
  std::error_code error;
  const fs::path here = "scenarios";
  if (fs::is_directory(here, error)) return here;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed =
      program.parent_path().parent_path() / "share" / "faultline" / "scenarios";
  if (fs::is_directory(installed, error)) return installed;
  for (fs::path above = program.parent_path(); above != above.root_path();
       above = above.parent_path()) {
    const bool is_ours = fs::exists(above / "proto" / "scenario.proto", error);
    if (is_ours && fs::is_directory(above / here, error)) return above / here;
  }
  return here;
}

}  // namespace faultline::tools
