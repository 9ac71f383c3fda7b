#!/usr/bin/env bash
# date.sh - microseconds per phrase beside chrono-node, one run. Called by bench/run.sh, which has built the release kind
# and installed what is needed. TH_BUILD names another build's folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
build=${TH_BUILD:-$PWD/build/release}
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
mkdir -p "$build/bench"
cc -O2 -std=gnu11 -D_GNU_SOURCE -Icore tests/bench/date/date_bench.c "$build/libth_date.a" "$build/libth_base.a" -lsodium \
  -o "$build/bench/date_bench"
TH_DATE_BENCH="$build/bench/date_bench" exec node tests/bench/date/date.mjs
