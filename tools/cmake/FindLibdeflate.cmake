# Finds libdeflate, which ships no CMake package on Debian: Libdeflate_FOUND and the target
# Libdeflate::libdeflate.
find_path(Libdeflate_INCLUDE_DIR NAMES libdeflate.h)
find_library(Libdeflate_LIBRARY NAMES deflate)
mark_as_advanced(Libdeflate_INCLUDE_DIR Libdeflate_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Libdeflate REQUIRED_VARS Libdeflate_LIBRARY Libdeflate_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "on Debian 12: apt-get install libdeflate-dev, or run tools/setup.sh")

if(Libdeflate_FOUND AND NOT TARGET Libdeflate::libdeflate)
  add_library(Libdeflate::libdeflate UNKNOWN IMPORTED)
  set_target_properties(
    Libdeflate::libdeflate PROPERTIES IMPORTED_LOCATION "${Libdeflate_LIBRARY}"
                                      INTERFACE_INCLUDE_DIRECTORIES "${Libdeflate_INCLUDE_DIR}")
endif()
