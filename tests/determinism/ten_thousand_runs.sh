#!/usr/bin/env bash
# Ten thousand runs twice: two workers on one sweep, then two shards with a worker each. One digest over all their hashes.
#
#   ten_thousand_runs.sh FAULTLINE FILE
set -euo pipefail
faultline=$1
file=$2
runs=10000
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Fails only if it did not get through (3: a run was not the same twice). What it finds else is for other tests.
sweep() {
  local code=0
  "$faultline" sweep "$@" >"$scratch/last.txt" || code=$?
  if ((code > 2)); then
    cat "$scratch/last.txt" >&2
    return "$code"
  fi
}
digest() { sed -n 's/^digest *//p' "$scratch/last.txt"; }

sweep "$file" --seeds "$runs" --jobs 2 --progress none
whole=$(digest)
for shard in 1 2; do
  sweep "$file" --seeds $((runs / 2)) --jobs 1 --progress none --shard "$shard/2" --out "$scratch/$shard"
done
sweep --merge "$scratch/1" "$scratch/2"
merged=$(digest)

echo "$runs runs, digest $whole"
if [[ -z "$whole" || "$whole" != "$merged" ]]; then
  echo "in two shards: digest $merged" >&2
  exit 1
fi
