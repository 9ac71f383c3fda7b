#!/usr/bin/env bash
# lint.sh [--quick] - formatting, luacheck, the direction of includes, and (not --quick) clang-tidy. Prints TAP.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=0 status=0
check() {
  local name=$1 output
  shift
  count=$((count + 1))
  if output=$("$@" 2>&1); then
    echo "ok $count - $name"
  else
    echo "not ok $count - $name"
    # What is wrong, each once, before the long story of the first.
    { grep -E ' (error|warning): ' <<<"$output" | sort -u; printf '%s\n' "$output"; } | head -n 100
    status=1
  fi
}
files() { git ls-files --cached --others --exclude-standard "$@" | while read -r file; do [ -f "$file" ] && echo "$file"; done; }

# design.md 2: a folder includes only folders below it.
arrows() {
  declare -A below=(
    [base]="base" [date]="base json date" [config]="base config" [json]="base json" [loop]="base config json date loop"
    [tallyfy]="base config json loop tallyfy" [script]="base config json date loop tallyfy script"
    [auth]="base config json loop auth" [session]="base config json loop auth tallyfy script session"
    [mcp]="base config json loop auth tallyfy script session mcp"
    [chat]="base config json date loop auth tallyfy script session chat"
    [net]="base config json loop net" [practice]="base config json loop net script practice"
    [cli]="base config json date loop auth tallyfy script session mcp chat net practice cli")
  local bad=0 file folder target
  while IFS=: read -r file target; do
    folder=${file#core/} folder=${folder%%/*}
    if [[ " ${below[$folder]:-} " != *" $target "* ]]; then echo "$file includes $target/: not below $folder"; bad=1; fi
  done < <(grep -HoE '^#include "[a-z]+/' $(files 'core/*.c' 'core/*.h' 'core/*.cpp') | sed -E 's/:#include "([a-z]+)\//:\1/')
  return $bad
}

no_marks() { # nothing calls itself unfinished
  ! git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- core lua tools.lua.d config CMakeLists.txt dev
}

readmes() {
  local folder missing=0
  for folder in core/*/; do [ -f "$folder/README.md" ] || { echo "$folder has no README.md"; missing=1; }; done
  return $missing
}

check "clang-format" clang-format-14 --dry-run --Werror $(files '*.c' '*.h' '*.cpp')
check "luacheck" luacheck --quiet --no-color $(files '*.lua')
check "includes go down" arrows
check "nothing is marked unfinished" no_marks
check "every folder of core/ has a README" readmes
if [ "${1:-}" != --quick ]; then
  tidy() { files 'core/*.c' | xargs -P 2 -n 4 clang-tidy-14 --quiet -p build/debug 2>/dev/null; }
  check "clang-tidy" tidy
fi
exit $status
