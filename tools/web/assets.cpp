#include "tools/web/assets.h"

namespace faultline::tools {

std::string web_asset(std::string_view name) {
  std::string bytes;
  for (const WebAsset& asset : web_assets()) {
    if (asset.name != name) continue;
    for (const std::string_view piece : asset.pieces) bytes += piece;
  }
  return bytes;
}

}  // namespace faultline::tools
