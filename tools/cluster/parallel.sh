#!/usr/bin/env bash
# A sweep in shards, by GNU parallel: on this machine, or on several by SSH. Then one summary of them all.
#
#   tools/cluster/parallel.sh OUT SHARDS FILE… [OPTION…]
#
#   OUT       a directory, which every machine sees under this path: OUT/shard-1 …, then OUT/merged
#   SHARDS    how many
#   FILE…     scenarios; OPTION… as of `faultline sweep`. --seeds and --budget are for each shard.
#
# Environment
#   FAULTLINE  the command (default build/release/bin/faultline)
#   SLOTS      shards at a time (default: one a core, as each has one worker)
#   PARALLEL   more options for parallel, such as --sshloginfile hosts --workdir .
#
# Exit code: that of the merged sweep: 0 holds · 1 violated · 2 inconclusive · 3 nondeterministic · 65 a shard left no summary
set -euo pipefail

if (($# < 3)) || [[ ! "$2" =~ ^[1-9][0-9]*$ ]]; then
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 64
fi
if ! command -v parallel >/dev/null; then
  echo "parallel.sh: GNU parallel is missing; tools/setup.sh installs it" >&2
  exit 70
fi
faultline=${FAULTLINE:-build/release/bin/faultline}
out=$1
shards=$2
shift 2

mkdir -p "$out"
directories=()
for ((shard = 1; shard <= shards; ++shard)); do
  directories+=("$out/shard-$shard")
  # Of an earlier sweep: if this shard dies, nothing must stand in for it.
  rm -f "$out/shard-$shard/summary.json"
done

# A shard that finds something says so by its exit code; what counts is its summary, which the merge wants to see.
seq "$shards" | parallel --will-cite --quote --jobs "${SLOTS:-100%}" --results "$out/shard-{}.log" \
  "$faultline" sweep "$@" --jobs 1 --progress none --shard "{}/$shards" --out "$out/shard-{}" >/dev/null || true

exec "$faultline" sweep --merge "${directories[@]}" --out "$out/merged"
