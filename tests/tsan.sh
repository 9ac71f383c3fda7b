#!/usr/bin/env bash
# tsan.sh - what crosses threads, under the thread sanitizer. Prints TAP.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TH_PROGRAM=$PWD/build/tsan/tallyhost CMOCKA_MESSAGE_OUTPUT=TAP
export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1} suppressions=$PWD/tests/tsan.supp"
for name in test_worker test_json_document test_catalogue test_reload test_practice test_handover; do
  [ -x "build/tsan/tests/$name" ] || continue
  echo "# $name"
  timeout 300 "build/tsan/tests/$name" 2>&1 || echo "not ok - $name under the thread sanitizer"
done
TH_KIND=tsan timeout 300 tests/talk/run.sh workers
TH_KIND=tsan timeout 300 tests/talk/run.sh chat_webhook
TH_KIND=tsan TH_PEOPLE=40 timeout 300 tests/talk/run.sh chat_load
