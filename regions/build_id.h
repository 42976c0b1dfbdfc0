// Which sources this program was built from.
//
// A replay file names the build that recorded it, because the same seed means the same run only on
// the same code. The identity is the version and a hash over the sources of proto, engine, kms and
// regions; compiler, build type, machine and git do not enter, so that every build of the same
// sources gives the same answer.
#pragma once

#include <string_view>

namespace faultline::regions {

// For example "0.1.0+3f2a9c0d51e86b74": version, '+', 16 hex digits. Static storage.
[[nodiscard]] std::string_view build_id();

}  // namespace faultline::regions
