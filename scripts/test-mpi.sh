#!/usr/bin/env bash
# Several processes under mpirun and srun: the same bytes as one, and every failure ends in one line. Without arguments
# all parts; else some of: train commands failures hosts slurm. VQW2V names a program that is built with --traits MPI;
# without it one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${VQW2V:-}" ]; then
    swift build -c release --traits MPI --scratch-path .build-mpi --product vqw2v
    VQW2V=$PWD/.build-mpi/release/vqw2v
fi
export VQW2V
[ $# -gt 0 ] || set -- train commands failures hosts slurm
for part; do
    echo "== $part"
    "scripts/mpi/$part.sh"
done
