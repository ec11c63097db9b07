#!/usr/bin/env bash
# Cross-builds the program and all tests for aarch64 and runs them under qemu's user emulation, as root on Debian for x86-64; ids and
# losses are compared with those of .build/release/vqw2v. Arguments: names of test targets, in place of all of them.
# Everything is below .build-aarch64/ (9 GB): a root of Debian sid, which has Swift for both processors, with the libraries of
# arm64 beside those of amd64.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/.build-aarch64
root=$work/root
seconds=${VQW2V_AARCH64_SECONDS:-3600}  # for each target of tests
fail() { echo "FAILED: $*" >&2; exit 1; }

missing=""
command -v debootstrap >/dev/null 2>&1 || missing="debootstrap"
command -v unshare >/dev/null 2>&1 || missing="$missing util-linux"
if [ -n "$missing" ]; then
    apt-get update -q >&2
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
fi
mkdir -p "$work"

# inside COMMAND: a line of a shell there, in this folder. What is mounted for it goes when it ends. Git finds packages as it does
# here, so that folders in which its settings look are there too.
places=$(git config --get-regexp '^url\..*\.insteadof$' | sed -nE 's/^url\.(file:\/\/)?(\/.*)\.insteadof .*/\2/p' | sort -u)
inside() {
    # shellcheck disable=SC2016,SC2086  # for that shell; a list of folders
    unshare --mount --propagation private bash -c '
        set -e
        root=$1 line=$2; shift 2
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        for place in "$@"; do mkdir -p "$root$place"; mount --bind "$place" "$root$place"; done
        exec chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root bash -c "cd \"$1\" && $line"
    ' inside "$root" "$1" "$PWD" $places
}

if [ ! -e "$work/.complete" ]; then
    rm -rf "$root"
    # Sid has the only Swift of Debian that is new enough. A mirror may stand still for longer than its lists say they hold.
    debootstrap --variant=minbase sid "$root" >"$work/log" 2>&1 || { tail "$work/log"; fail "debootstrap"; }
    echo 'Acquire::Check-Valid-Until "false"; APT::Install-Recommends "false";' >"$root/etc/apt/apt.conf.d/60vqw2v"
    cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
    inside "dpkg --add-architecture arm64 && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        swiftlang libc6-dev libstdc++-15-dev git ca-certificates make pkg-config python3 lld qemu-user \
        libc6-dev:arm64 libstdc++-15-dev:arm64 libcurl4t64:arm64 libxml2-16:arm64 libopenblas-dev:arm64 libsndfile1-dev:arm64 \
        libmpg123-dev:arm64 libsoxr-dev:arm64 zlib1g-dev:arm64 nettle-dev:arm64" >"$work/log" 2>&1 ||
        { tail "$work/log"; fail "the packages"; }
    # Swift itself cannot be installed twice: of that for arm64 the libraries are wanted, in a folder of their own.
    inside 'mkdir -p /opt/arm/debs && cd /opt/arm/debs && apt-get download swiftlang:arm64 libswiftlang:arm64 &&
        for package in *.deb; do dpkg-deb -x "$package" /opt/arm; done && rm -r /opt/arm/debs' >"$work/log" 2>&1 ||
        { tail "$work/log"; fail "Swift for arm64"; }
    # What the compiler takes for the system: the same files, but with Swift's libraries for arm64.
    sysroot=$root/opt/arm/sysroot
    mkdir -p "$sysroot/usr/lib"
    ln -s /usr/include "$sysroot/usr/"
    ln -s /usr/lib/aarch64-linux-gnu /usr/lib/gcc /usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1 \
        /opt/arm/usr/libexec/swift/lib/swift "$sysroot/usr/lib/"
    ln -s usr/lib "$sysroot/lib"
    # Debian leaves out this library, which has nothing that the tests call, and names it to the linker.
    inside 'ar rc /usr/lib/aarch64-linux-gnu/lib_Testing_Foundation.a'
    # Tests compile programs of C and C++, which are to be for the same processor.
    mkdir -p "$root/opt/arm/bin"
    for compiler in clang clang++; do
        printf '#!/bin/sh\nexec %s/bin/%s --target=aarch64-linux-gnu -resource-dir %s -fuse-ld=lld -Qunused-arguments "$@"\n' \
            /usr/libexec/swift "$compiler" /opt/arm/usr/libexec/swift/lib/clang/17 >"$root/opt/arm/bin/$compiler"
        chmod +x "$root/opt/arm/bin/$compiler"
    done
    ln -sf /opt/arm/bin/clang "$root/usr/bin/cc"
    touch "$work/.complete"
fi
cp /etc/gitconfig "$root/etc/" 2>/dev/null || true
cp ~/.gitconfig "$root/root/" 2>/dev/null || true

bundle=$work/sdks/aarch64.artifactbundle
mkdir -p "$bundle"
cat >"$bundle/info.json" <<'EOF'
{"schemaVersion": "1.0", "artifacts": {"aarch64": {"type": "swiftSDK", "version": "1", "variants": [{"path": "."}]}}}
EOF
cat >"$bundle/swift-sdk.json" <<'EOF'
{"schemaVersion": "4.0", "targetTriples": {"aarch64-unknown-linux-gnu": {"sdkRootPath": "/opt/arm/sysroot",
  "swiftResourcesPath": "/opt/arm/usr/libexec/swift/lib/swift", "toolsetPaths": ["toolset.json"]}}}
EOF
cat >"$bundle/toolset.json" <<'EOF'
{"schemaVersion": "1.0", "cCompiler": {"extraCLIOptions": ["-fPIC"]},
  "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld"]}}
EOF
# The tests by their product: --build-tests would also build what no test needs, such as a compiler of protocol buffers.
for product in vqw2v CInterface vqw2vPackageTests; do
    inside "PKG_CONFIG_PATH=/usr/lib/aarch64-linux-gnu/pkgconfig swift build -c release --scratch-path .build-aarch64/build \
        --swift-sdks-path $bundle/.. --swift-sdk aarch64 --product $product" >"$work/log" 2>&1 ||
        { grep -A 5 'error:' "$work/log" || tail "$work/log"; fail "the build of $product"; }
    echo "$product is built"
done

# Programs for arm64 start like others, since tests start the command. That is set for the machine, and goes at the end.
formats=/proc/sys/fs/binfmt_misc
mountpoint -q "$formats" || mount -t binfmt_misc binfmt_misc "$formats"
if [ ! -e "$formats/qemu-aarch64" ]; then
    # As in Debian's qemu-user-binfmt; F: the file is opened now, so that its path need not be there inside.
    printf '%s' ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:' \
        '\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:' "$root/usr/bin/qemu-aarch64:F" >"$work/format"
    cat "$work/format" >"$formats/register"
    trap 'echo -1 >"$formats/qemu-aarch64"' EXIT
fi
# By default qemu has the widest vectors, with whose products OpenBLAS does not end there, in C programs too.
export QEMU_CPU=${QEMU_CPU:-neoverse-n1}
built=$work/build/aarch64-unknown-linux-gnu/release
inside "$built/vqw2v --version"

# Limits of memory and of the size of files hold for qemu itself, aLongRecording takes longer than a test waits for a command, and
# Debian's Address sanitizer for arm64, with which exampleRuns builds, does not link.
skipped='aLimitOf|aDiskThatIsFull|aLongRecording\(|exampleRuns'
failed=""
# shellcheck disable=SC2046  # names
[ $# -gt 0 ] || set -- $(find Tests -mindepth 1 -maxdepth 1 -name '*Tests' -printf '%f\n' | sort)
for target; do
    status=0
    # One after another, so that those that the time allows have ended.
    inside "PATH=/opt/arm/bin:\$PATH exec timeout $seconds $built/vqw2vPackageTests.xctest --testing-library swift-testing \
        --no-parallel --filter '^$target\\.' --skip '$skipped'" >"$work/$target.log" 2>&1 || status=$?
    echo "$target: $(grep -E 'Test run with' "$work/$target.log" | tail -n 1 | grep . || echo "status $status, no result in $seconds s")"
    [ $status = 0 ] || failed="$failed $target"
done

# The same run and the same ids as of the program for x86-64.
train() { echo "train data/train --validation data/validation --preset $1 --set training.max_updates=5 --set training.log_every=1 -o $2"; }
for preset in small wav2vec2-small; do
    rm -rf "$work/runs/$preset"
    mkdir -p "$work/runs/$preset"
    here=$work/runs/$preset/x86
    there=$work/runs/$preset/arm
    # shellcheck disable=SC2046  # arguments
    .build/release/vqw2v $(train "$preset" "$here") >"$work/log" 2>&1 || { tail "$work/log"; fail "$preset on x86-64"; }
    inside "$built/vqw2v $(train "$preset" "$there")" >"$work/log" 2>&1 || { tail "$work/log"; fail "$preset on aarch64"; }
    .build/release/vqw2v quantize -c "$here/best.safetensors" data/test >"$here/ids" 2>"$work/log"
    inside "$built/vqw2v quantize -c $here/best.safetensors data/test" >"$there/ids" 2>"$work/log" ||
        { tail "$work/log"; fail "ids of $preset"; }
    python3 - "$here" "$there" <<'EOF'
import json, sys
runs = [[json.loads(line) for line in open(f"{run}/log.jsonl")] for run in sys.argv[1:]]
x86, arm = ([line["loss_bits"] for line in run if line["type"] == "train"] for run in runs)
ids, others = ([i for line in open(f"{run}/ids") for i in line.split()[1:]] for run in sys.argv[1:])
different = sum(a != b for a, b in zip(ids, others, strict=True))
apart = max(abs(a - b) / a for a, b in zip(x86, arm, strict=True))
print(f"{len(x86)} updates: losses differ by a share of {apart:.1e} at most; the ids of {different} of {len(ids)} frames differ")
sys.exit(apart > 1e-4 or different > len(ids) / 1000)
EOF
done || failed="$failed comparison"
[ -z "$failed" ] || fail "$failed"
