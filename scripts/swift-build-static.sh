#!/bin/sh
# swift-build-static.sh OPTIONS: a release build in .build-static with Swift's standard library within. The same sources in a folder
# of the same path give the same bytes: without debugging information, and with the compiler at a fixed address, because it
# orders blocks of code by where they lie in memory.
set -eu
cd "$(dirname "$0")/.."
fixed=""
if setarch -R true 2>/dev/null; then fixed="setarch -R"; else echo "note: addresses cannot be fixed here: two builds may differ" >&2; fi
# The package manager passes the first option of the standard library on to programs alone, the second to libraries.
exec $fixed swift build -c release --scratch-path .build-static --static-swift-stdlib -Xswiftc -static-stdlib --disable-local-rpath \
    -debug-info-format none "$@"
