#!/usr/bin/env bash
# Three shards of thirty runs, side by side by GNU parallel, are the ninety runs of one sweep: as many, and the same.
#
#   shards_add_up.sh FAULTLINE PARALLEL_SH FILE      77: parallel is not installed
set -euo pipefail
export FAULTLINE=$1
command -v parallel >/dev/null || exit 77

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
runs_in() { grep -oE '"runs": *"?[0-9]+"?' "$1" | head -n 1 | grep -oE '[0-9]+'; }
digest_in() { grep -oE '"digest": *"[0-9a-f]{32}"' "$1" | grep -oE '[0-9a-f]{32}'; }

code=0
"$2" "$scratch/found" 3 "$3" --seeds 30 || code=$?
whole_code=0
"$FAULTLINE" sweep "$3" --seeds 90 --jobs 2 --progress none --json >"$scratch/whole.json" || whole_code=$?

merged="$scratch/found/merged/summary.json"
echo "merged  $(runs_in "$merged") runs  $(digest_in "$merged")  exit code $code"
echo "whole   $(runs_in "$scratch/whole.json") runs  $(digest_in "$scratch/whole.json")  exit code $whole_code"
[[ "$(runs_in "$merged")" == 90 ]]
[[ "$(digest_in "$merged")" == "$(digest_in "$scratch/whole.json")" ]]
((code == whole_code && code <= 2))
