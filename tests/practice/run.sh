#!/usr/bin/env bash
# run.sh - a client that nobody here wrote (the tallyfy package for Python, the version in requirements.txt) works
# with the practice organisation over HTTP. Prints TAP. ./dev test has put the package into build/python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export TH_PROGRAM=${TH_PROGRAM:-$PWD/build/${TH_KIND:-asan}/tallyhost}
export PYTHONDONTWRITEBYTECODE=1
exec build/python/bin/python tests/practice/client.py
