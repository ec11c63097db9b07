#!/usr/bin/env bash
# Runs our program and PyTorch's versions of the same work side by side, and prints one table.
#
# The Python side goes to Benchmarks/.venv, unless VQW2V_PEER_VENV names a virtual environment that has it:
# building fairseq takes about six minutes. Options go to Benchmarks/Peers/compare.py (--help lists them).
set -eu
cd "$(dirname "$0")/.."

venv="${VQW2V_PEER_VENV:-Benchmarks/.venv}"

# Whether this Python has versions of all packages, can make a virtual environment and can build extensions.
suits() {
    "$1" -c '
import os, sys, sysconfig
import ensurepip, venv
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and os.path.exists(header)))' >/dev/null 2>&1
}

requirements=Benchmarks/Peers/requirements.txt

if [ -z "${VQW2V_PEER_VENV:-}" ] && [ ! -e "$venv/.complete" ]; then
    python=""
    for name in python3 python3.13 python3.12 python3.11; do
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
    echo "making $venv with PyTorch and fairseq: about ten minutes" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$requirements"
    "$venv/bin/pip" install --quiet --no-deps --no-build-isolation fairseq-fixed==0.12.3.1
    cp "$requirements" "$venv/.complete"
fi
# What an earlier version of this had not.
if [ -z "${VQW2V_PEER_VENV:-}" ] && ! cmp -s "$requirements" "$venv/.complete"; then
    "$venv/bin/pip" install --quiet --requirement "$requirements"
    cp "$requirements" "$venv/.complete"
fi
[ -x "$venv/bin/python" ] || {
    echo "$venv has no bin/python: let VQW2V_PEER_VENV name a virtual environment, or leave it out" >&2
    exit 1
}

swift build -c release --product vqw2v
swift build -c release --package-path Benchmarks --product PeerTimings
exec "$venv/bin/python" Benchmarks/Peers/compare.py \
    --timings Benchmarks/.build/release/PeerTimings --vqw2v .build/release/vqw2v \
    --folder Benchmarks/.peers --output Benchmarks/results/peers.json ${HOUR:+--hour} "$@"
