#!/usr/bin/env bash
# Builds the program and the library with Swift's standard library within, so that neither needs a toolchain, and lays
# them out in .build-static/stage as they are installed below a prefix.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(scripts/version.sh)
build=.build-static
stage=$build/stage
scripts/swift-build-static.sh --product vqw2v
# The functions of vqw2v.h are all that the library shows: what else it holds can meet nothing of its host's.
scripts/swift-build-static.sh --product CInterface -Xlinker "--version-script=$PWD/Sources/CInterface/vqw2v.map" \
    -Xlinker -soname=libvqw2v.so.0

rm -rf "$stage"
install -D -m 755 "$build/release/vqw2v" "$stage/bin/vqw2v"
install -D -m 644 "$build/release/libCInterface.so" "$stage/lib/libvqw2v.so.$version"
strip "$stage/bin/vqw2v"
strip --strip-unneeded "$stage/lib/libvqw2v.so.$version"
ln -s "libvqw2v.so.$version" "$stage/lib/libvqw2v.so.0"
ln -s libvqw2v.so.0 "$stage/lib/libvqw2v.so"
install -D -m 644 Sources/CVqw2v/vqw2v.h "$stage/include/vqw2v.h"
mkdir -p "$stage/lib/pkgconfig"
# Found from where the file lies, so that the folder can be moved.
cat > "$stage/lib/pkgconfig/vqw2v.pc" <<END
prefix=\${pcfiledir}/../..
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: vqw2v
Description: Discrete units of speech: token ids and features of audio
Version: $version
Libs: -L\${libdir} -lvqw2v
Cflags: -I\${includedir}
END
scripts/make-manuals.sh "$stage/bin/vqw2v" "$stage"
install -D -m 644 LICENSE "$stage/share/doc/vqw2v/LICENSE"
install -m 644 README.md "$stage/share/doc/vqw2v/"
install -D -m 644 -t "$stage/share/doc/vqw2v/docs" docs/*.md
install -D -m 644 -t "$stage/share/doc/vqw2v/docs/images" docs/images/*
echo "vqw2v $version is in $stage" >&2
