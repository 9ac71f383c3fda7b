#!/usr/bin/env bash
# run.sh [NAME] - the page in real Chromium. Prints TAP; pictures are kept in build/test/screenshots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v chromium >/dev/null || { echo "ok 1 - the page # SKIP there is no chromium here"; exit 0; }
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/${TH_KIND:-asan}/tallyhost}
ln -sfn ../build/node/node_modules tests/node_modules
if [ $# -gt 0 ]; then files=(tests/browser/"$1".test.mjs); else files=(tests/browser/*.test.mjs); fi
exec node --test --test-reporter=tap --test-concurrency=1 --test-timeout=120000 "${files[@]}"
