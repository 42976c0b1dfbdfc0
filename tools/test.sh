#!/usr/bin/env bash
# The whole check, as CI runs it: set-up, a Debug build, every test but those labelled `long`, then equal hashes from four builds.
#
#   tools/test.sh           everything a change must pass
#   tools/test.sh --long    also the tests labelled `long`, fresh seeds among them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

selection=(-LE '^long$')
if [[ "${1:-}" == --long ]]; then
  selection=()
elif (($# > 0)); then
  echo "usage: tools/test.sh [--long]" >&2
  exit 64
fi
jobs=$(nproc)
log=build/dev/ctest.log

echo "== packages"
tools/setup.sh
echo "== build, preset dev, $jobs jobs"
cmake --preset dev
cmake --build --preset dev --parallel "$jobs"

echo "== tests"
status=0
ctest --test-dir build/dev --output-on-failure --no-tests=error --parallel "$jobs" "${selection[@]}" \
  --output-log "$log" || status=$?

echo "== same hashes from every build"
hashes=0
if ((status == 0)); then
  tools/same_hashes.sh || hashes=$?
else
  echo "left out: the tests failed"
fi

echo "== result"
sed -n '/% tests passed/,$p' "$log"
if ((status == 0)); then
  echo "same hashes: $( ((hashes == 0)) && echo yes || echo NO)"
fi
exit $((status != 0 ? status : hashes))
