// The `faultline` command with one more protocol.
#include <hasty_protocol.h>
#include "tools/command.h"

int main(int argc, char** argv) {
  return faultline::tools::run_command(argc, argv, with_hasty_protocol());
}
