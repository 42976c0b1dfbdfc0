// The same sum, compiled twice (CMakeLists.txt): with -ffp-contract=fast, which lets the compiler
// round t - t*x once, and with -ffp-contract=off, which makes it round twice.
#include "tests/determinism/planted_sources.h"

namespace faultline::determinism {

// The logistic map at 3.9 doubles what was rounded away with almost every step.
double FAULTLINE_RETRY_FACTOR(double start) {
  double x = start;
  for (int i = 0; i < 400; ++i) {
    const double t = 3.9 * x;
    x = t - t * x;
  }
  return x;
}

}  // namespace faultline::determinism
