#!/usr/bin/env bash
# Makes a virtual environment with the packages of a requirements file and with fairseq, or completes one that is there:
#   scripts/python-environment.sh FOLDER REQUIREMENTS
# fairseq is installed without its own requirements, which no current Python has. Building it takes about six minutes.
set -eu
folder="$1" requirements="$2"

# Whether this Python has versions of all packages, can make a virtual environment and can build extensions.
suits() {
    "$1" -c '
import os, sys, sysconfig
import ensurepip, venv
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and os.path.exists(header)))' >/dev/null 2>&1
}

if [ ! -x "$folder/bin/pip" ]; then
    python=""
    # fastabx needs 3.12.
    for name in python3.13 python3.12 python3 python3.11; do
        if suits "$name"; then
            python="$name"
            break
        fi
    done
    [ -n "$python" ] || {
        echo "Python 3.11, 3.12 or 3.13 is needed, with venv and its headers (Debian 12 and 13, Ubuntu 24.04:" \
            "apt-get install python3 python3-venv python3-dev; elsewhere: uv python install 3.13)" >&2
        exit 1
    }
    command -v c++ >/dev/null 2>&1 || {
        echo "c++ is needed to build fairseq and not found (Debian, Ubuntu: apt-get install g++)" >&2
        exit 1
    }
    echo "making $folder with PyTorch and fairseq: about ten minutes" >&2
    "$python" -m venv "$folder"
fi
"$folder/bin/pip" install --quiet --requirement "$requirements"
"$folder/bin/pip" install --quiet --no-deps --no-build-isolation fairseq-fixed==0.12.3.1
