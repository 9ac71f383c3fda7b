#!/usr/bin/env bash
# run.sh [NAME] - talks with the real program (build/$TH_KIND, default asan) through official clients. Prints TAP.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export TH_SOURCE=$PWD TH_PROGRAM=${TH_PROGRAM:-$PWD/build/${TH_KIND:-asan}/tallyhost}
# Modules are found beside the tests: a link, since Node looks for node_modules upwards from the file.
ln -sfn ../build/node/node_modules tests/node_modules
if [ $# -gt 0 ]; then files=(tests/talk/"$1".test.mjs); else files=(tests/talk/*.test.mjs tests/talk/jobs/*.test.mjs); fi
exec node --test --test-reporter=tap --test-concurrency=2 --test-timeout=120000 "${files[@]}"
