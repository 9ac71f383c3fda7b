#!/usr/bin/env bash
# run.sh [SECONDS] - every fuzz target for so long, from its seed corpus; findings stay in build/fuzz/findings. Called by ./dev fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
mkdir -p build/fuzz/findings
for target in build/fuzz/tests/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  mkdir -p "build/fuzz/corpus/$name"
  seeds=tests/fuzz/corpus/$name
  [ -d "$seeds" ] || seeds=
  echo "$name, $seconds s"
  "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" $seeds 2>&1 | tail -n 6
done
