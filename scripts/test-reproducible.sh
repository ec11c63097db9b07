#!/usr/bin/env bash
# Builds the committed sources twice, from nothing, in a folder of one path, and compares all files of what is installed; says what
# differs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stages=("$work/first" "$work/second")
for stage in "${stages[@]}"; do
    git clone -q . "$work/sources"
    "$work/sources/scripts/build-static.sh" >&2
    mv "$work/sources/.build-static/stage" "$stage"
    rm -rf "$work/sources"
done
files=$(cd "${stages[0]}" && find . -type f | sort)
status=0
diff <(cd "${stages[1]}" && find . -type f | sort) <(echo "$files") || status=1
for file in $files; do
    cmp -s "${stages[0]}/$file" "${stages[1]}/$file" && continue
    status=1
    # cmp says with its exit code that files differ.
    echo "$file: $({ cmp -l "${stages[0]}/$file" "${stages[1]}/$file" 2>/dev/null || true; } | wc -l) bytes differ"
    for section in $(readelf -SW "${stages[0]}/$file" 2>/dev/null | sed -n 's/^ *\[ *[0-9]*\] \([._a-z][^ ]*\).*/\1/p'); do
        for stage in 0 1; do objcopy -O binary --only-section="$section" "${stages[stage]}/$file" "$work/$stage" 2>/dev/null; done
        cmp -s "$work/0" "$work/1" || echo "    in $section"
    done
done
(cd "${stages[0]}" && sha256sum bin/vqw2v lib/libvqw2v.so.*.*)
[ $status = 0 ] && echo "$(wc -l <<<"$files") files, one hash each"
exit $status
