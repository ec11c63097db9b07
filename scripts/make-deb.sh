#!/usr/bin/env bash
# make-deb.sh STAGE VERSION: Debian packages of what scripts/build-static.sh has laid out, into dist/: the program (vqw2v), the
# library (libvqw2v0), and what C programs are built with (libvqw2v-dev). Dependencies are those of the system it runs on.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=$1 version=$2
architecture=$(dpkg --print-architecture)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
maintainer=$(git log -1 --format='%an <%ae>')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=usr/lib/$triplet

# package NAME SECTION DEPENDS SHORT LONG: packs $work/NAME.
package() {
    local name=$1 root=$work/$1
    local documents=$root/usr/share/doc/$name
    mkdir -p "$documents" "$root/DEBIAN"
    cat >"$documents/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: vqw2v

Files: *
Copyright: 2026 The authors of vqw2v
License: Apache-2.0
 On Debian systems the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
Comment:
 Linked within: the Swift standard library, Foundation and Dispatch, swift-system,
 swift-argument-parser and swift-protobuf (Apache-2.0), Yams with libyaml (MIT).
END
    printf 'vqw2v (%s) unstable; urgency=medium\n\n  * Version %s: see docs/changelog.md.\n\n -- %s  %s\n' "$version" "$version" \
        "$maintainer" "$(git log -1 --format=%cD)" | gzip -n -9 >"$documents/changelog.gz"
    cat >"$root/DEBIAN/control" <<END
Package: $name
Source: vqw2v
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $3
Section: $2
Priority: optional
Description: $4
$5
END
    # Yams has libyaml among its sources.
    case $name in *-dev) ;; *)
        mkdir -p "$root/usr/share/lintian/overrides"
        echo "$name: embedded-library libyaml *" >"$root/usr/share/lintian/overrides/$name" ;;
    esac
    find "$root" -type d -exec chmod 755 {} +
    (cd "$root" && find usr -type f -printf '%P\0' | (cd usr && xargs -0 md5sum) | sed 's|  |  usr/|' >DEBIAN/md5sums)
    chmod 644 "$root"/DEBIAN/*
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) dpkg-deb --root-owner-group -Zxz --build "$root" \
        "dist/${name}_${version}_$architecture.deb" >/dev/null
}

# What a file needs, in the terms of Debian's packages.
depends() {
    mkdir -p "$work/debian"
    printf 'Source: vqw2v\nPackage: vqw2v\nArchitecture: any\n' >"$work/debian/control"
    (cd "$work" && dpkg-shlibdeps --ignore-missing-info -O -e"$1" 2>/dev/null) | sed 's/^shlibs:Depends=//'
}

root=$work/vqw2v
install -D -m 755 "$stage/bin/vqw2v" "$root/usr/bin/vqw2v"
install -D -m 644 "$stage/share/bash-completion/completions/vqw2v" "$root/usr/share/bash-completion/completions/vqw2v"
install -D -m 644 "$stage/share/zsh/site-functions/_vqw2v" "$root/usr/share/zsh/vendor-completions/_vqw2v"
install -D -m 644 "$stage/share/fish/vendor_completions.d/vqw2v.fish" "$root/usr/share/fish/vendor_completions.d/vqw2v.fish"
for page in "$stage"/share/man/man1/*.1; do
    mkdir -p "$root/usr/share/man/man1"
    gzip -n -9 -c "$page" >"$root/usr/share/man/man1/$(basename "$page").gz"
done
package vqw2v sound "$(depends "$root/usr/bin/vqw2v")" "learn discrete units of speech and turn audio into their ids" \
" Trains vq-wav2vec and wav2vec 2.0 on raw audio, reads the checkpoints of
 fairseq and Hugging Face, turns recordings into token ids and features, and
 judges units. It needs neither Python nor a GPU."

root=$work/libvqw2v0
install -D -m 644 "$stage/lib/libvqw2v.so.$version" "$root/$library/libvqw2v.so.$version"
ln -s "libvqw2v.so.$version" "$root/$library/libvqw2v.so.0"
mkdir -p "$root/DEBIAN"
echo "activate-noawait ldconfig" >"$root/DEBIAN/triggers"
echo "libvqw2v 0 libvqw2v0 (>= $version)" >"$root/DEBIAN/shlibs"
package libvqw2v0 libs "$(depends "$root/$library/libvqw2v.so.$version")" "token ids and features of speech (shared library)" \
" Turns audio into the token ids and features of vq-wav2vec, wav2vec and
 wav2vec 2.0, for programs in C and whatever can call it."

root=$work/libvqw2v-dev
install -D -m 644 "$stage/include/vqw2v.h" "$root/usr/include/vqw2v.h"
mkdir -p "$root/$library/pkgconfig"
ln -s libvqw2v.so.0 "$root/$library/libvqw2v.so"
sed -e "s|^prefix=.*|prefix=/usr|" -e "s|^libdir=.*|libdir=/$library|" "$stage/lib/pkgconfig/vqw2v.pc" \
    >"$root/$library/pkgconfig/vqw2v.pc"
package libvqw2v-dev libdevel "libvqw2v0 (= $version)" "token ids and features of speech (development files)" \
" Turns audio into the token ids and features of vq-wav2vec, wav2vec and
 wav2vec 2.0. This package has the header and the file for pkg-config."
