#include "tools/serve/owners_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace faultline::tools {

Expected<OpenFile, std::string> create_owners_file(const std::string& path) {
  constexpr mode_t kOwnerOnly = 0600;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) {
    const std::string why = errno == EEXIST ? "it is there already" : std::strerror(errno);
    return tl::make_unexpected(fmt::format("{}: cannot be written: {}", path, why));
  }
  return OpenFile(fdopen(fd, "w+"));
}

}  // namespace faultline::tools
