#include "kms/secret_bytes.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <cryptopp/misc.h>
#include <cryptopp/secblock.h>

namespace faultline::kms {
namespace {

// The allocator of SecByteBlock: it overwrites what it frees. Used bare because SecByteBlock's move
// is not noexcept, so that a vector of them would copy secrets around when it grows.
using CleaningAllocator = CryptoPP::AllocatorWithCleanup<CryptoPP::byte>;

std::byte* allocate(std::size_t size) {
  if (size == 0) return nullptr;
  return reinterpret_cast<std::byte*>(CleaningAllocator().allocate(size, nullptr));
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : data_(allocate(size)), size_(size) {
  std::fill_n(data_, size_, std::byte{0});
}

SecretBytes::~SecretBytes() { wipe(); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes SecretBytes::copy_of(std::string_view chars) {
  return copy_of(std::as_bytes(std::span(chars)));
}

SecretBytes SecretBytes::copy_of(std::span<const std::byte> bytes) {
  SecretBytes copy;
  copy.data_ = allocate(bytes.size());
  copy.size_ = bytes.size();
  if (!bytes.empty()) std::memcpy(copy.data_, bytes.data(), bytes.size());
  return copy;
}

void SecretBytes::wipe() noexcept {
  if (data_ != nullptr) CleaningAllocator().deallocate(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

bool operator==(const SecretBytes& a, const SecretBytes& b) {
  if (a.size_ != b.size_) return false;
  if (a.size_ == 0) return true;
  return CryptoPP::VerifyBufsEqual(reinterpret_cast<const CryptoPP::byte*>(a.data_),
                                   reinterpret_cast<const CryptoPP::byte*>(b.data_), a.size_);
}

}  // namespace faultline::kms
