#!/usr/bin/env bash
# Runs the official JSON-Schema-Test-Suite (draft 2020-12, optional parts included) through
# `tallyhost schema --jsonl`. Prints TAP. The suite comes inside the source package of PyPI's
# `jsonschema`; it is kept in build/schema-suite. TH_SCHEMA_SUITE names another copy of the suite.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
package=jsonschema==4.26.0
program=${TH_PROGRAM:-$PWD/build/release/tallyhost}
suite=${TH_SCHEMA_SUITE:-$PWD/build/schema-suite/json}

if [ ! -d "$suite/tests/draft2020-12" ]; then
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "not ok 1 - the suite can be downloaded: pip is missing (Debian's python3-pip)"
    exit 1
  fi
  mkdir -p build/schema-suite
  download=$(mktemp -d)
  trap 'rm -rf "$download"' EXIT
  if ! python3 -m pip download --quiet --no-deps --no-binary :all: --disable-pip-version-check \
    --dest "$download" "$package" >"$download/log" 2>&1; then
    sed 's/^/# /' "$download/log"
    echo "not ok 1 - the suite can be downloaded: pip download $package"
    exit 1
  fi
  tar -xzf "$download"/jsonschema-*.tar.gz -C build/schema-suite --strip-components=1 --wildcards '*/json/*'
fi
exec python3 tests/conformance/schema/suite.py "$program" "$suite"
