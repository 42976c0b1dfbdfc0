// The `faultline` command with the built-in replication protocols.
#include "tools/command.h"

int main(int argc, char** argv) { return faultline::tools::run_command(argc, argv); }
