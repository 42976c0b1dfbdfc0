# Finds Crypto++, which ships no CMake package: Cryptopp_FOUND and the target Cryptopp::cryptopp.
# The library's name is `cryptopp` upstream and `crypto++` on some systems; Debian has both.
find_path(Cryptopp_INCLUDE_DIR NAMES cryptopp/cryptlib.h)
find_library(Cryptopp_LIBRARY NAMES cryptopp crypto++)
mark_as_advanced(Cryptopp_INCLUDE_DIR Cryptopp_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Cryptopp REQUIRED_VARS Cryptopp_LIBRARY Cryptopp_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian 12: apt-get install libcrypto++-dev, or run tools/setup.sh")

if(Cryptopp_FOUND AND NOT TARGET Cryptopp::cryptopp)
  add_library(Cryptopp::cryptopp UNKNOWN IMPORTED)
  set_target_properties(
    Cryptopp::cryptopp PROPERTIES IMPORTED_LOCATION "${Cryptopp_LIBRARY}"
                                  INTERFACE_INCLUDE_DIRECTORIES "${Cryptopp_INCLUDE_DIR}")
endif()
