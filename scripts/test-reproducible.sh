#!/usr/bin/env bash
# Builds the committed sources twice, from nothing, in a folder of one name, and compares the programs; says what differs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hashes=()
git archive --output "$work/sources.tar" HEAD
for program in first second; do
    mkdir "$work/sources"
    tar -x -f "$work/sources.tar" -C "$work/sources"
    (cd "$work/sources" && swift build -c release --product vqw2v --disable-sandbox >&2)
    cp "$work/sources/.build/release/vqw2v" "$work/$program.symbols"
    strip -o "$work/$program.program" "$work/$program.symbols"
    hashes+=("$(sha256sum < "$work/$program.program" | cut -d' ' -f1)")
    rm -rf "$work/sources"
done
echo "${hashes[0]} ${hashes[1]}"
if [ "${hashes[0]}" = "${hashes[1]}" ]; then
    echo "one hash"
    exit
fi
cd "$work"
# cmp says with its exit code that files differ.
differing() { { cmp -l "$1" "$2" 2> /dev/null || true; } | wc -l; }
echo "$(differing first.program second.program) bytes differ"
echo "sections that differ:"
for section in $(readelf -SW first.program | sed -n 's/^ *\[ *[0-9]*\] \([._a-z][^ ]*\).*/\1/p'); do
    for program in first second; do objcopy -O binary --only-section="$section" $program.program $program.section 2> /dev/null; done
    cmp -s first.section second.section || echo "$section: $(differing first.section second.section) bytes"
done
echo "functions that differ:"
text=$(readelf -SW first.program | awk '$2 == ".text" || $3 == ".text" { for (i = 1; i <= NF; i++) if ($i == "PROGBITS") print $(i + 1) }')
for program in first second; do objcopy -O binary --only-section=.text $program.program $program.section; done
{ cmp -l first.section second.section || true; } | while read -r place _; do printf '0x%x\n' $((0x$text + place - 1)); done |
    addr2line -f -e first.symbols | grep -v '^?' | sort | uniq -c
echo "symbols and texts that differ:"
for program in first second; do
    nm -n --defined-only $program.symbols > $program.names
    strings -n 8 $program.program > $program.strings
done
diff first.names second.names | head -40 || true
diff first.strings second.strings | head -20 || true
exit 1
