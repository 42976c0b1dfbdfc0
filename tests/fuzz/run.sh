#!/usr/bin/env bash
# Fuzzes each target for so many seconds, with clang's libFuzzer, ASan and UBSan, in build/fuzz.
#
#   tests/fuzz/run.sh [SECONDS] [TARGET…]      default: 30 seconds, all targets
#
# What it finds worth keeping goes to build/fuzz/corpus/; an input that ends a target is left in build/fuzz/found/, and
# `build/fuzz/bin/fuzz_TARGET FILE` runs it again. Exit code 77: there is no clang with libFuzzer here.
set -euo pipefail

seconds=${1:-30}
shift || true
targets=("$@")
((${#targets[@]})) || targets=(http json policy scenario envelope)

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! command -v clang++ >/dev/null || ! compgen -G "$(clang++ -print-resource-dir)/lib/linux/libclang_rt.fuzzer-*.a" >/dev/null; then
  echo "fuzz: no clang++ with libFuzzer here; tools/setup.sh installs it" >&2
  exit 77
fi

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}"
failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target" build/fuzz/found
  echo "fuzz: $target for $seconds s"
  seeds=("tests/fuzz/corpus/$target")
  [[ "$target" != scenario ]] || seeds+=(scenarios)
  "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$target-" "build/fuzz/corpus/$target" "${seeds[@]}" || failed=1
done
exit "$failed"
