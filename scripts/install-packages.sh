#!/usr/bin/env bash
# Installs the system packages that the build needs and that are missing (Debian, Ubuntu);
# with the argument mpi those of test-mpi.sh too, with voices festival and its voices, with torture and valgrind theirs.
set -eu

missing=""
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
has() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1"; }
has openblas || missing="$missing libopenblas-dev"
has sndfile || missing="$missing libsndfile1-dev"
has libmpg123 || missing="$missing libmpg123-dev"
has soxr || missing="$missing libsoxr-dev"
has zlib || missing="$missing zlib1g-dev"
has nettle || missing="$missing nettle-dev"
if [ "${1:-}" = mpi ]; then
    has ompi-c || missing="$missing libopenmpi-dev"
    command -v mpirun >/dev/null 2>&1 || missing="$missing openmpi-bin"
    command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
    command -v slurmctld >/dev/null 2>&1 || missing="$missing slurm-wlm"
    command -v munged >/dev/null 2>&1 || missing="$missing munge"
fi
if [ "${1:-}" = torture ]; then
    command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
    command -v python3 >/dev/null 2>&1 || missing="$missing python3"
fi
if [ "${1:-}" = valgrind ]; then
    command -v valgrind >/dev/null 2>&1 || missing="$missing valgrind"
fi
if [ "${1:-}" = voices ]; then
    for package in festival festlex-cmu festlex-poslex festlex-ifd festvox-kallpc16k festvox-kdlpc16k \
        festvox-italp16k festvox-itapc16k fortunes-it; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
fi

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Please install:$missing (names of Debian's packages)" >&2
        exit 1
    fi
    run=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || {
            echo "Please run as root: apt-get install$missing" >&2
            exit 1
        }
        run="sudo"
    fi
    echo "installing$missing" >&2
    $run apt-get update -q
    # shellcheck disable=SC2086  # a list of names
    $run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

if ! command -v swift >/dev/null 2>&1; then
    echo "Swift 6.1 or newer is needed and not found: see https://www.swift.org/install" >&2
    exit 1
fi
