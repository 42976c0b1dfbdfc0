// What the command's exit codes mean; printed by `faultline --help`, tested end to end.
#pragma once

namespace faultline::tools {

enum ExitCode : int {
  kHolds = 0,     // everything that was expected held
  kViolated = 1,  // an expectation or an invariant did not hold
  kInconclusive =
      2,  // the run was ended before everything could be judged, or a `sometimes` never was
  kNondeterministic = 3,  // a replay differs from its trace
  kUsage = 64,            // the command line is wrong
  kBadInput = 65,         // a scenario or a trace is wrong, or cannot be read
  kInternal = 70,         // our own mistake, or the machine's
  kInterrupted = 130,     // by SIGINT; what was printed and written until then is valid
};

}  // namespace faultline::tools
