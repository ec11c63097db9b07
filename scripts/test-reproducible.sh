#!/usr/bin/env bash
# Builds the committed sources twice, in folders of different names, and compares the programs; says what differs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hashes=()
git archive --output "$work/sources.tar" HEAD
for folder in first second-one; do
    mkdir -p "$work/$folder"
    tar -x -f "$work/sources.tar" -C "$work/$folder"
    # Paths of sources stand in debugging information, of which Swift writes a hash into the program, and in texts of assertions.
    (cd "$work/$folder" && swift build -c release --product vqw2v --disable-sandbox \
        -Xswiftc -gnone -Xcc "-ffile-prefix-map=$work/$folder=." >&2)
    cp "$work/$folder/.build/release/vqw2v" "$work/$folder.symbols"
    strip -o "$work/$folder.program" "$work/$folder.symbols"
    hashes+=("$(sha256sum < "$work/$folder.program" | cut -d' ' -f1)")
    rm -rf "${work:?}/$folder"
done
echo "${hashes[0]} ${hashes[1]}"
if [ "${hashes[0]}" = "${hashes[1]}" ]; then
    echo "one hash"
    exit
fi
cd "$work"
# cmp says with its exit code that files differ.
differing() { { cmp -l "$1" "$2" 2> /dev/null || true; } | wc -l; }
echo "$(differing first.program second-one.program) bytes differ"
echo "sections that differ:"
for section in $(readelf -SW first.program | sed -n 's/^ *\[ *[0-9]*\] \([._a-z][^ ]*\).*/\1/p'); do
    for program in first second-one; do objcopy -O binary --only-section="$section" $program.program $program.section 2> /dev/null; done
    cmp -s first.section second-one.section || echo "$section: $(differing first.section second-one.section) bytes"
done
echo "symbols and texts that differ:"
for program in first second-one; do
    nm -n --defined-only $program.symbols > $program.names
    strings -n 8 $program.program > $program.strings
done
diff first.names second-one.names | head -40 || true
diff first.strings second-one.strings | head -20 || true
exit 1
