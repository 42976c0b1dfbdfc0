// The pages that are built from tools/web and embedded in the command. A build without Node.js has none.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace faultline::tools {

struct WebAsset {
  std::string_view name;                     // "report/main.js"
  std::span<const std::string_view> pieces;  // its bytes, one after the other
};

[[nodiscard]] std::span<const WebAsset> web_assets();
// Empty: this build has no such asset.
[[nodiscard]] std::string web_asset(std::string_view name);

}  // namespace faultline::tools
