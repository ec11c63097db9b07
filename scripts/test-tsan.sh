#!/usr/bin/env bash
# test-tsan.sh [OPTIONS OF swift test]: all tests under Thread sanitizer, in .build-tsan. Resolvers of the kernels' clones run before the
# sanitizer is ready, so kernels are compiled for the baseline.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build-tsan
# Only Swift's own clang knows its calling convention.
"$(dirname "$(readlink -f "$(command -v swift)")")/clang" -shared -fPIC -O2 -Wall -o .build-tsan/locks.so scripts/tsan-locks.c -ldl
options=(-c release --sanitize thread --scratch-path .build-tsan -Xcc -DVQ_BASELINE)
swift build --build-tests "${options[@]}"
VQW2V_SANITIZER=thread TSAN_OPTIONS="suppressions=$PWD/scripts/tsan-suppressions.txt" LD_PRELOAD="$PWD/.build-tsan/locks.so" \
    swift test --skip-build "${options[@]}" "$@"
