#!/usr/bin/env bash
# run.sh [REVISION | SCENARIO] - the official MCP conformance suite, whole. Prints TAP and the scores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/asan/tallyhost}
ln -sfn ../build/node/node_modules tests/node_modules
exec node tests/conformance/run.mjs "$@"
