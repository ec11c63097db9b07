#!/usr/bin/env bash
# Runs our program and PyTorch's versions of the same work side by side, and prints one table.
#
# The Python side goes to Benchmarks/.venv, unless VQW2V_PEER_VENV names a virtual environment that has it:
# building fairseq takes about six minutes. Options go to Benchmarks/Peers/compare.py (--help lists them).
set -eu
cd "$(dirname "$0")/.."

venv="${VQW2V_PEER_VENV:-Benchmarks/.venv}"

requirements=Benchmarks/Peers/requirements.txt
# Made whole, or completed with what an earlier version of this had not.
if [ -z "${VQW2V_PEER_VENV:-}" ] && ! cmp -s "$requirements" "$venv/.complete"; then
    scripts/python-environment.sh "$venv" "$requirements"
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
