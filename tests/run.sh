#!/usr/bin/env bash
# run.sh [SUITE] - every test, one line per suite, and one line at the end: N passed, N failed, N skipped.
# Called by ./dev test, which has installed what is needed. A suite prints TAP ("ok", "not ok", "# SKIP"); its
# whole output is kept in build/test/<suite>.log.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TH_SOURCE=$PWD
export PATH=$PWD/build/node/node_modules/node/bin:$PATH
export ASAN_OPTIONS=abort_on_error=0:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
mkdir -p build/test
passed=0 failed=0 skipped=0

# suite NAME COMMAND...: runs it, counts its TAP lines; a command that dies without a failed line counts as one failure.
suite() {
  local name=$1 log=build/test/$1.log status=0 ok not skip
  shift
  local started=$SECONDS
  "$@" >"$log" 2>&1 || status=$?
  skip=$(grep -ciE '^ *(ok|not ok) .*# *skip' "$log")
  ok=$(($(grep -cE '^ *ok ' "$log") - $(grep -ciE '^ *ok .*# *skip' "$log")))
  not=$(($(grep -cE '^ *not ok ' "$log") - $(grep -ciE '^ *not ok .*# *skip' "$log")))
  if [ "$status" -ne 0 ] && [ "$not" -eq 0 ]; then
    not=1
    tail -n 40 "$log"
    echo "$name: the command ended with status $status"
  fi
  passed=$((passed + ok)) failed=$((failed + not)) skipped=$((skipped + skip))
  printf '%-12s %5d passed  %d failed  %d skipped  (%d s)\n' "$name" "$ok" "$not" "$skip" $((SECONDS - started))
  grep -iE '^ *(ok|not ok) .*# *skip' "$log" | sed 's/^ */  skipped: /'
  sed -n 's/^# score /  /p' "$log"
  if [ "$not" -gt 0 ]; then
    grep -nE '^ *not ok |ERROR|error:|Sanitizer' "$log" | grep -viE '# *skip' | head -n 40
  fi
}

# Every cmocka program of a build, two at a time, each with a bound.
unit_tests() {
  local kind=$1 pattern=${2:-test_*}
  TH_PROGRAM=$PWD/build/$kind/tallyhost
  export TH_PROGRAM CMOCKA_MESSAGE_OUTPUT=TAP
  find "build/$kind/tests" -maxdepth 1 -type f -executable -name "$pattern" | sort |
    xargs -P 2 -I{} sh -c 'out=$(timeout 300 {} 2>&1); status=$?; printf "# %s\n%s\n" {} "$out"
      if [ $status -ne 0 ] && ! printf "%s" "$out" | grep -q "^not ok"; then echo "not ok - {} ended with status $status"; fi'
}

build() { ./dev build "$1"; }

want() { [ -z "${only:-}" ] || [ "$only" = "$1" ]; }
only=${1:-}

for kind in asan release tsan; do
  case $kind in
    tsan) want unit || want tsan || continue ;;
  esac
  build $kind || { echo "0 passed, 1 failed"; exit 1; }
done
want lint && suite lint tests/lint.sh --quick
want unit && suite unit unit_tests asan
want tsan && suite tsan tests/tsan.sh
want spec && suite spec tests/spec/run.sh
want schema && suite schema tests/conformance/schema/run.sh
want date && TH_PROGRAM=$PWD/build/asan/tallyhost suite date tests/date/run.sh
want talk && suite talk tests/talk/run.sh
want browser && suite browser tests/browser/run.sh
want practice && suite practice tests/practice/run.sh
want conformance && suite conformance tests/conformance/run.sh
if [ $((passed + failed)) -eq 0 ]; then
  echo "there is no suite called ${only}: lint unit tsan spec schema date talk browser practice conformance"
  exit 2
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
