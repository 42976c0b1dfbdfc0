// SecretBytes: bytes that must not outlive their use, such as a data key or the value of a secret.
//
//   SecretBytes value = SecretBytes::copy_of("hunter2");
//   store(seal_value(key, arn, version, kValueString, iv, value.chars()));
//
// Ownership  one owner: it moves (the source is empty then) and is copied only by copy_of.
// Wiping     the bytes are overwritten before their memory is freed, by Crypto++'s cleaning
//            allocator, the one under SecByteBlock.
// Trap       std::string is not wiped: do not keep what chars() shows in one. Memory pages are not
//            locked.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace faultline::kms {

class SecretBytes {
 public:
  SecretBytes() noexcept = default;
  // `size` zero bytes, to be filled through bytes().
  explicit SecretBytes(std::size_t size);
  ~SecretBytes();

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  [[nodiscard]] static SecretBytes copy_of(std::string_view chars);
  [[nodiscard]] static SecretBytes copy_of(std::span<const std::byte> bytes);

  // Views of the bytes; they end with this object.
  [[nodiscard]] std::span<const std::byte> view() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<std::byte> bytes() noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view chars() const noexcept {
    return {reinterpret_cast<const char*>(data_), size_};
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  // The time it takes tells the lengths, not where the bytes differ.
  friend bool operator==(const SecretBytes& a, const SecretBytes& b);

 private:
  void wipe() noexcept;

  std::byte* data_ = nullptr;  // null exactly when size_ is 0
  std::size_t size_ = 0;
};

}  // namespace faultline::kms
