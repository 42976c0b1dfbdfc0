#!/usr/bin/env bash
# One seed is one run, whatever built the program. Builds the command as g++ Debug, g++ Release, clang++ Release and g++ with
# sanitizers, runs every scenario with each, and compares the hashes of the traces; then makes the same random runs with each, and
# compares the digest over all their hashes.
#
#   tools/same_hashes.sh [FILE…]      default: scenarios/*.textproto
#
# Environment: FAULTLINE_SAME_HASHES_RUNS, how many random runs (default 300; 0: none)
#
# Exit code: 0 all the same · 3 a hash differs (nondeterminism) · 70 a run gave no hash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

presets=(dev release clang asan)
sweep=scenarios/chaos/three_regions.textproto
runs=${FAULTLINE_SAME_HASHES_RUNS:-300}
if [[ ! "$runs" =~ ^[0-9]+$ ]]; then
  echo "same_hashes: FAULTLINE_SAME_HASHES_RUNS is no number: $runs" >&2
  exit 64
fi
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

# Prints the digest of a sweep, or fails. It may find something (1) or not enough (2).
digest_of() {
  local program=$1 status=0 summary
  summary=$("$program" sweep "$sweep" --seeds "$runs" --progress none --json 2>/dev/null) || status=$?
  ((status <= 2)) || return 1
  grep -oE '"digest": *"[0-9a-f]{32}"' <<<"$summary" | head -n 1 | grep -oE '[0-9a-f]{32}'
}

result=0
# compare NAME HASH…: one line of the table.
compare() {
  local name=$1 verdict=same hash
  shift
  for hash in "$@"; do
    if [[ "$hash" == none ]]; then
      verdict="NO HASH"
      result=70
      break
    elif [[ "$hash" != "$1" ]]; then
      verdict=DIFFERENT
      ((result == 70)) || result=3
    fi
  done
  printf '%-40s' "$name"
  printf '  %-12.12s' "$@"
  printf '  %s\n' "$verdict"
}

printf '%-40s' scenario
printf '  %-12s' "${presets[@]}" verdict
printf '\n'
for file in "${files[@]}"; do
  hashes=()
  for preset in "${presets[@]}"; do
    hashes+=("$(hash_of "build/$preset/bin/faultline" "$file" || echo none)")
  done
  compare "${file#scenarios/}" "${hashes[@]}"
done
if ((runs > 0)); then
  digests=()
  for preset in "${presets[@]}"; do
    digests+=("$(digest_of "build/$preset/bin/faultline" || echo none)")
  done
  compare "$runs runs of ${sweep#scenarios/}" "${digests[@]}"
fi
exit "$result"
