#!/usr/bin/env bash
# chat.sh [ROUNDS] - the chat beside a Node `ws` server: memory of idle connections, and how fast the first word comes.
# Called by ./dev bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/release/tallyhost}
ln -sfn ../build/node/node_modules tests/node_modules
most=$(ulimit -Hn)
ulimit -n "$most"
# A connection needs a descriptor on either side, and both sides some for themselves.
if [ "$most" != unlimited ] && [ "$most" -lt 10500 ]; then
  echo "chat: 10,000 connections need more open files than the $most allowed here; measuring fewer"
  export BENCH_CONNECTIONS=${BENCH_CONNECTIONS:-1000,$((most - 500))}
fi
exec node --max-old-space-size=4096 tests/bench/chat.mjs "$@"
