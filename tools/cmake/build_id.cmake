# cmake -DROOT=… -DVERSION=… -DOUTPUT=… -P build_id.cmake
# Writes OUTPUT, the definition of faultline::regions::build_id(): VERSION + "+" + 16 hex digits of a SHA-256 over
# "path hash" lines of every source in proto, engine, kms, regions, sorted by path.
file(
  GLOB_RECURSE files
  RELATIVE "${ROOT}"
  "${ROOT}/proto/*" "${ROOT}/engine/*" "${ROOT}/kms/*" "${ROOT}/regions/*")
list(FILTER files INCLUDE REGEX "\\.(h|cpp|proto)$")
list(SORT files COMPARE STRING)

set(lines)
foreach(file IN LISTS files)
  file(SHA256 "${ROOT}/${file}" hash)
  string(APPEND lines "${file} ${hash}\n")
endforeach()
string(SHA256 hash "${lines}")
string(SUBSTRING "${hash}" 0 16 hash)

file(
  CONFIGURE
  OUTPUT "${OUTPUT}"
  CONTENT
    [[// Written by tools/cmake/build_id.cmake.
#include "regions/build_id.h"

namespace faultline::regions {

std::string_view build_id() { return "@VERSION@+@hash@"; }

}  // namespace faultline::regions
]]
  @ONLY)
# An unchanged file keeps its time with file(CONFIGURE); the build tool must see that the step ran.
file(TOUCH "${OUTPUT}")
