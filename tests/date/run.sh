#!/usr/bin/env bash
# run.sh - the suite `date`: every case, then the properties. Prints TAP; the program is $TH_PROGRAM or the release build.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PYTHONDONTWRITEBYTECODE=1
status=0
python3 run.py || status=1
python3 properties.py || status=1
exit $status
