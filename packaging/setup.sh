#!/usr/bin/env bash
# Prepares a checkout: system libraries for Qt and a virtual screen (Debian, as root), then the virtual environment.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  python3-venv
  # what PySide6's wheels expect of the system
  libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
  # a virtual screen for the tests, and the typeface the design was drawn with
  xvfb xauth fonts-inter fonts-dejavu-core
)

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
fi
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${missing[@]}"
  else
    echo "These system packages may be missing; without them the window cannot open: ${missing[*]}"
    echo "An administrator can add them with: apt-get install ${missing[*]}"
  fi
fi

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "TL Studio needs Python 3.11 or newer; $PYTHON is $("$PYTHON" --version)." >&2
  exit 1
fi

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
echo "Installing Python packages (torch alone is several GB; once)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --constraint packaging/constraints.txt --editable '.[dev]'
