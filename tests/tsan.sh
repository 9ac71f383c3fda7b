#!/usr/bin/env bash
# tsan.sh - what crosses threads, under the thread sanitizer. Prints TAP.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TH_PROGRAM=$PWD/build/tsan/tallyhost CMOCKA_MESSAGE_OUTPUT=TAP
for name in test_worker test_json_document test_catalogue test_reload test_practice test_handover; do
  [ -x "build/tsan/tests/$name" ] || continue
  echo "# $name"
  timeout 300 "build/tsan/tests/$name" 2>&1 || echo "not ok - $name under the thread sanitizer"
done
TH_KIND=tsan timeout 300 tests/talk/run.sh workers
