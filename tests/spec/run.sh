#!/usr/bin/env bash
# Runs the busted specs and prints TAP. Each spec finds its files from the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LUA_PATH="lua/?.lua;;"
exec lua5.4 "$(command -v busted)" --output=TAP --pattern=_spec tests/spec
