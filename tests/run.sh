#!/usr/bin/env bash
# Every check there is: format, lint, types, layers, then the tests on a virtual screen without any network.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
export TLSTUDIO_SHARED="${TLSTUDIO_SHARED:-../shared}"

$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports

# An empty network namespace: not even loopback. Where the system forbids making one, the tests still run.
alone=()
if unshare --net true 2>/dev/null; then
  alone=(unshare --net)
elif unshare --user --map-root-user --net true 2>/dev/null; then
  alone=(unshare --user --map-root-user --net)
else
  echo "No network namespace can be made here; the tests run with the network as it is."
fi
exec "${alone[@]}" bash tests/on_virtual_screen.sh $bin/python -m pytest "$@"
