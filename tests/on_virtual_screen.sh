#!/usr/bin/env bash
# Runs a command with a display: the one that is there, or a virtual one.
set -euo pipefail
if [ -n "${DISPLAY:-}" ] && [ -z "${CI:-}" ]; then
  exec "$@"
fi
exec xvfb-run --auto-servernum --server-args='-screen 0 2880x1800x24 -nolisten tcp' "$@"
