#!/usr/bin/env bash
# overhead.sh - what of a tools/call's CPU time is JSON-RPC and the revision's work (core/mcp). Called by ./dev bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/release/tallyhost}
command -v valgrind >/dev/null || { echo "overhead: not measured, valgrind is not installed"; exit 0; }
exec python3 tests/bench/overhead.py "$@"
