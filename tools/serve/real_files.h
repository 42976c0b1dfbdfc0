// What is done to real files: the few calls of POSIX that a data directory is made of, each with its
// errno as a value. Files are made with mode 0600, directories with 0700.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/result.h"

namespace faultline::tools {

// The error is an errno.
template <class T>
using Posix = Expected<T, int>;

// "No such file or directory"
[[nodiscard]] std::string errno_text(int number);

// Owns a file descriptor. -1: none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

// `flags` as of open(2); the descriptor is not inherited.
[[nodiscard]] Posix<Descriptor> open_file(const std::string& path, int flags);
[[nodiscard]] Posix<std::string> read_file(const std::string& path);
[[nodiscard]] Posix<void> write_at(int fd, std::string_view bytes, std::uint64_t offset);
// Its bytes, and that it has so many, are on the disk.
[[nodiscard]] Posix<void> sync_data(int fd);
[[nodiscard]] Posix<void> cut_file(int fd, std::uint64_t size);

[[nodiscard]] bool path_exists(const std::string& path);
[[nodiscard]] Posix<void> make_directory(const std::string& path);
// Sorted, without "." and "..".
[[nodiscard]] Posix<std::vector<std::string>> list_directory(const std::string& path);
// The names in it are on the disk.
[[nodiscard]] Posix<void> sync_directory(const std::string& path);
// Replaces what was called `to`.
[[nodiscard]] Posix<void> rename_path(const std::string& from, const std::string& to);
// What is not there is no error.
[[nodiscard]] Posix<void> remove_file(const std::string& path);
// With all that is in it. What is not there is no error.
[[nodiscard]] Posix<void> remove_directory(const std::string& path);

// The file has these bytes, durably, or what it had before: written beside it, and renamed.
[[nodiscard]] Posix<void> replace_file(const std::string& directory, const std::string& name,
                                       std::string_view bytes);

}  // namespace faultline::tools
