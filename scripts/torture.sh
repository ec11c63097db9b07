#!/usr/bin/env bash
# Everything that can go wrong around the program, made to go wrong: see docs/reliability.md. Options and parts: --help.
# VQW2V names the program; with OpenMPI there, runs of several processes are killed too, with one that is built for that.
set -euo pipefail
cd "$(dirname "$0")/.."
options=()
if [ "${1:-}" != --help ] && command -v mpirun > /dev/null 2>&1 && pkg-config --exists "${VQW2V_MPI:-ompi-c}"; then
    swift build -c release --traits MPI --scratch-path .build-mpi --product vqw2v >&2
    options=(--mpi "$PWD/.build-mpi/release/vqw2v")
fi
exec python3 scripts/torture "${VQW2V:-.build/release/vqw2v}" "${options[@]}" "$@"
