#!/usr/bin/env bash
# One seed is one run, whatever built the program. Builds the command as g++ Debug, g++ Release, clang++ Release and g++ with
# sanitizers, runs every scenario with each, and compares the hashes of the traces.
#
#   tools/same_hashes.sh [FILE…]      default: scenarios/*.textproto
#
# Exit code: 0 all the same · 3 a hash differs (nondeterminism) · 70 a run gave no hash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

presets=(dev release clang asan)
files=("$@")
if ((${#files[@]} == 0)); then
  files=(scenarios/*.textproto)
fi

for preset in "${presets[@]}"; do
  log="build/same_hashes-$preset.log"
  mkdir -p build
  echo "same_hashes: building the command, preset $preset" >&2
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" --target faultline --parallel "$(nproc)"; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 70
  fi
done

# Prints the hash of one run, or fails. A scenario may be meant to break (1) or to stay open (2): the hash counts all the same.
hash_of() {
  local program=$1 file=$2 status=0 report
  report=$("$program" run --json "$file" 2>/dev/null) || status=$?
  ((status <= 2)) || return 1
  grep -oE '"hash": *"[0-9a-f]{32}"' <<<"$report" | head -n 1 | grep -oE '[0-9a-f]{32}'
}

printf '%-40s' scenario
printf '  %-12s' "${presets[@]}" verdict
printf '\n'
result=0
for file in "${files[@]}"; do
  hashes=()
  for preset in "${presets[@]}"; do
    hashes+=("$(hash_of "build/$preset/bin/faultline" "$file" || echo none)")
  done
  verdict=same
  for hash in "${hashes[@]}"; do
    if [[ "$hash" == none ]]; then
      verdict="NO HASH"
      result=70
      break
    elif [[ "$hash" != "${hashes[0]}" ]]; then
      verdict=DIFFERENT
      ((result == 70)) || result=3
    fi
  done
  printf '%-40s' "${file#scenarios/}"
  printf '  %-12.12s' "${hashes[@]}"
  printf '  %s\n' "$verdict"
done
exit "$result"
