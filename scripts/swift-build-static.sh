#!/bin/sh
# swift-build-static.sh OPTIONS: a release build in .build-static with Swift's standard library within.
set -eu
cd "$(dirname "$0")/.."
# The package manager passes the first option on to programs alone, the second to libraries.
exec swift build -c release --scratch-path .build-static --static-swift-stdlib -Xswiftc -static-stdlib --disable-local-rpath "$@"
