#!/usr/bin/env bash
# Builds the committed sources twice, in folders of different names, and compares the programs; says what differs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
hashes=()
for folder in first second-one; do
    mkdir -p "$work/$folder"
    git archive HEAD | tar -x -C "$work/$folder"
    # Paths of sources stand in debugging information and in texts of preconditions.
    (cd "$work/$folder" && swift build -c release --product vqw2v --disable-sandbox \
        -Xswiftc -file-prefix-map -Xswiftc "$work/$folder=." -Xcc "-ffile-prefix-map=$work/$folder=." >&2)
    cp "$work/$folder/.build/release/vqw2v" "$work/$folder.program"
    strip "$work/$folder.program"
    hashes+=("$(sha256sum < "$work/$folder.program" | cut -d' ' -f1)")
    rm -rf "${work:?}/$folder"
done
echo "${hashes[0]} ${hashes[1]}"
if [ "${hashes[0]}" = "${hashes[1]}" ]; then
    echo "one hash"
else
    cmp -l "$work/first.program" "$work/second-one.program" | wc -l | sed 's/$/ bytes differ/'
    for program in first second-one; do strings -n 8 "$work/$program.program" | sort > "$work/$program.strings"; done
    diff "$work/first.strings" "$work/second-one.strings" | head -20
    exit 1
fi
