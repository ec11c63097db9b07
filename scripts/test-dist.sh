#!/usr/bin/env bash
# Tests what make dist has made, as root: lintian, manual pages beside --help, completions, the library with a C program,
# the archive and the packages in a bare Debian 12, which debootstrap makes in .build-static/debian (once).
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(scripts/version.sh)
stage=$PWD/.build-static/stage
program=$stage/bin/vqw2v
checkpoint=Tests/GoldenTests/Cases/p01_gumbel_paper/checkpoint_cfg.pt
recording=data/test/ru_0762.flac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

missing=""
for tool in lintian debootstrap man zsh fish; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing ${tool/#man/man-db}"
done
if [ -n "$missing" ]; then
    apt-get update -q >&2
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >&2
fi

(cd dist && sha256sum --quiet -c SHA256SUMS) || fail "checksums"
python3 -m json.tool "dist/vqw2v-$version.cdx.json" >/dev/null || fail "the SBOM is no JSON"
echo "checksums hold"

lintian --allow-root --fail-on error,warning dist/*.deb || fail "lintian"
echo "lintian is content"

# Each option of --help is in the page, and each of the page in --help.
for page in "$stage"/share/man/man1/*.1; do
    command=$(basename "$page" .1)
    command=${command#vqw2v}
    command=${command#-}
    options() { grep -oE -- '--[a-z0-9][a-z0-9-]+' | sort -u; }
    "$program" $command --help | sed '/^EXAMPLES:/,$d' | options >"$work/help"
    [ -s "$work/help" ] || fail "no options in --help of $command"
    man --warnings --encoding=ascii -P cat -l "$page" >"$work/page" 2>"$work/warnings"
    [ ! -s "$work/warnings" ] || { cat "$work/warnings"; fail "man warns of $page"; }
    # Lines are broken within words there.
    sed -e 's/\\-/-/g' "$page" | sed '/^\.Sh EXAMPLES/,$d' | sed -E 's/^\.(It )?(Fl) -?/--/; s/ Fl -?/ --/g' | options >"$work/options"
    for option in $(cat "$work/help"); do
        grep -q -- "${option#--}" "$page" || fail "$page has no $option"
    done
    for option in $(cat "$work/options"); do
        "$program" $command --help-hidden 2>/dev/null | grep -- "$option" >/dev/null || [ -z "$command" ] ||
            fail "--help of $command has no $option, which is in $page"
    done
    ! "$program" $command --help | grep '^EXAMPLES' >/dev/null || grep -q '^EXAMPLES' "$work/page" || fail "no examples in $page"
done
[ "$("$program" --help | sed -n '/^SUBCOMMANDS:/,/^$/p' | grep -cE '^  [a-z]')" = \
    "$(ls "$stage"/share/man/man1/vqw2v-*.1 | wc -l)" ] || fail "not a page for each command"
echo "manual pages tell what --help tells"

bash -n "$stage/share/bash-completion/completions/vqw2v"
zsh -n "$stage/share/zsh/site-functions/_vqw2v"
fish -n "$stage/share/fish/vendor_completions.d/vqw2v.fish"
# complete WORDS...: what bash offers for the last of these.
complete() {
    PATH="$stage/bin:$PATH" bash -c '
        source "$0"
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMPREPLY=()
        _vqw2v "$1" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}" 2>/dev/null
        printf "%s\n" "${COMPREPLY[@]}"' "$stage/share/bash-completion/completions/vqw2v" "$@"
}
complete vqw2v quan | grep '^quantize' >/dev/null || fail "commands are not completed"
complete vqw2v train --preset "" | grep '^paper' >/dev/null || fail "presets are not completed"
complete vqw2v quantize --format "" | grep '^fairseq' >/dev/null || fail "formats are not completed"
complete vqw2v extract --layer "" | grep '^quantized' >/dev/null || fail "layers are not completed"
complete vqw2v config --explain quantizer.k | grep '^quantizer.kind' >/dev/null || fail "keys are not completed"
echo "completions know commands, presets, formats, layers and keys"

# As its users build it.
PKG_CONFIG_PATH=$stage/lib/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # options
cc Examples/C/tokens.c $(pkg-config --cflags --libs vqw2v) -o "$work/tokens"
python3 -c 'import math, struct, sys
sys.stdout.buffer.write(b"".join(struct.pack("<f", math.sin(i * (0.1 + i / 1e5)) / 3) for i in range(9000)))' >"$work/samples"
LD_LIBRARY_PATH=$stage/lib "$work/tokens" "$checkpoint" <"$work/samples" | grep -E '^([0-9]+-[0-9]+ ){200,}$' >/dev/null || fail "the C program"
! nm -D --defined-only --extern-only "$stage/lib/libvqw2v.so.0" | grep -v ' A VQW2V_0$' | grep -v '@@VQW2V_0$' ||
    fail "the library shows more than its functions"
echo "the library works"

# A bare system: what debootstrap --variant=minbase makes.
root=.build-static/debian
if [ ! -e "$root/.complete" ]; then
    rm -rf "$root"
    # The system's own mirror, where it names one of Debian's.
    mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^ *#' |
        grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 || true)
    # shellcheck disable=SC2086  # none without a mirror
    debootstrap --variant=minbase bookworm "$root" $mirror >"$work/log" 2>&1 || { tail "$work/log"; fail "debootstrap"; }
    touch "$root/.complete"
fi
expected=$("$program" quantize -c "$checkpoint" "$recording" 2>/dev/null | cut -f2)
try=$root/root/try
rm -rf "$try"
mkdir -p "$try"
tar -C "$try" -xzf "dist/vqw2v-$version-linux-$(uname -m).tar.gz"
cp "$checkpoint" "$recording" "$try/"
# The linker finds libraries beside a program through /proc.
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$PWD/$root/proc"; rm -rf "$work"' EXIT
# inside COMMAND: the ids that a command there prints.
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c "cd /root/try && $1" 2>"$work/errors"; }
ids() { inside "$1 quantize -c checkpoint_cfg.pt ru_0762.flac" | cut -f2; }
[ "$(ids ./vqw2v-*/bin/vqw2v)" = "$expected" ] || { cat "$work/errors"; fail "the archive in a bare Debian"; }
[ "$(inside './vqw2v-*/bin/vqw2v --version')" = "vqw2v $version" ] || fail "the version"
echo "the archive runs in a bare Debian 12"

cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
cp dist/*.deb "$try/"
inside 'apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ./*.deb' >"$work/log" ||
    { tail "$work/log" "$work/errors"; fail "the packages cannot be installed"; }
[ "$(ids vqw2v)" = "$expected" ] || { cat "$work/errors"; fail "the packages in a bare Debian"; }
inside 'dpkg -r libvqw2v-dev libvqw2v0 vqw2v' >/dev/null || fail "the packages cannot be removed"
echo "the packages install, run and go in Debian 12"

DESTDIR=$work/place scripts/install.sh /usr 2>/dev/null
[ "$("$work/place/usr/bin/vqw2v" --version)" = "vqw2v $version" ] || fail "make install"
DESTDIR=$work/place scripts/install.sh --remove /usr 2>/dev/null
[ -z "$(find "$work/place/usr" -mindepth 1)" ] || fail "make uninstall leaves something"
echo "install and uninstall"
