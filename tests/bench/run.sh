#!/usr/bin/env bash
# run.sh [ROUNDS] - the host beside nginx and the official SDK's servers, in one interleaved run. Called by ./dev bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/release/tallyhost}
ln -sfn ../build/node/node_modules tests/node_modules
python3 tests/bench/bench.py "$@"
tests/bench/date/date.sh
tests/bench/chat.sh
