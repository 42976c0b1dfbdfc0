#include "tools/serve/real_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace faultline::tools {
namespace {

tl::unexpected<int> last_error() { return tl::unexpected(errno); }

Posix<void> done(int result) {
  if (result != 0) return last_error();
  return {};
}

}  // namespace

std::string errno_text(int number) { return std::generic_category().message(number); }

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() { close(); }

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Posix<Descriptor> open_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return last_error();
  return Descriptor(fd);
}

Posix<std::string> read_file(const std::string& path) {
  FL_TRY(const Descriptor file, open_file(path, O_RDONLY));
  std::string bytes;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    if (count == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Posix<void> write_at(int fd, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Posix<void> sync_data(int fd) { return done(::fdatasync(fd)); }

Posix<void> cut_file(int fd, std::uint64_t size) {
  struct stat now {};
  FL_TRY_VOID(done(::fstat(fd, &now)));
  if (static_cast<std::uint64_t>(now.st_size) <= size) return {};
  return done(::ftruncate(fd, static_cast<off_t>(size)));
}

bool path_exists(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

Posix<void> make_directory(const std::string& path) { return done(::mkdir(path.c_str(), 0700)); }

Posix<std::vector<std::string>> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (directory == nullptr) return last_error();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(directory.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) return last_error();
  std::ranges::sort(names);
  return names;
}

Posix<void> sync_directory(const std::string& path) {
  FL_TRY(const Descriptor directory, open_file(path, O_RDONLY | O_DIRECTORY));
  return done(::fsync(directory.get()));
}

Posix<void> rename_path(const std::string& from, const std::string& to) {
  return done(::rename(from.c_str(), to.c_str()));
}

Posix<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return last_error();
}

Posix<void> remove_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return tl::unexpected(error.value());
  return {};
}

Posix<void> replace_file(const std::string& directory, const std::string& name,
                         std::string_view bytes) {
  const std::string beside = directory + "/" + name + ".new";
  FL_TRY(Descriptor file, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC));
  FL_TRY_VOID(write_at(file.get(), bytes, 0));
  FL_TRY_VOID(sync_data(file.get()));
  file.close();
  FL_TRY_VOID(rename_path(beside, directory + "/" + name));
  return sync_directory(directory);
}

}  // namespace faultline::tools
