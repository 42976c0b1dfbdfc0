#!/usr/bin/env bash
# From a fresh clone to a first run: installs what is missing, builds the command, runs the first scenario.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/setup.sh "$@"
mkdir -p build
echo "quickstart: building the command (some minutes the first time)"
cmake --preset release >build/quickstart-configure.log 2>&1 || { cat build/quickstart-configure.log >&2; exit 1; }
cmake --build --preset release --target faultline

set -x
build/release/bin/faultline run scenarios/01_hello_replica.textproto
