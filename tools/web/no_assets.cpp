// For builds without Node.js: there are no pages.
#include "tools/web/assets.h"

namespace faultline::tools {

std::span<const WebAsset> web_assets() { return {}; }

}  // namespace faultline::tools
