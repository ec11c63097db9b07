#!/bin/sh
# Usage: fetch-corpus-large.sh
#
# Fetches festvox-ru (fetch-corpus.sh) and beside it recordings of many speakers, Ogg Vorbis at several rates
# (train on them with --resample):
#     corpus/tuxpaint-stamps-default/    7418 recordings, 178 min, 13 languages
#     corpus/fillets-ng-data-cs/         1882 recordings, 106 min, Czech
#     corpus/fillets-ng-data-nl/         1614 recordings,  96 min, Dutch
# each with its LICENSE. A corpus that is already there is left as it is.
set -eu

scripts=$(cd "$(dirname "$0")" && pwd)
corpus=$(dirname "$scripts")/corpus

"$scripts/fetch-corpus.sh"

work=$(mktemp -d "$corpus/.large.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# fetch PACKAGE FOLDER PATTERN COUNT: the recordings below FOLDER of the package that match PATTERN.
fetch() {
    target=$corpus/$1
    if [ -d "$target" ]; then
        echo "$target is already there (remove it to fetch it again)"
        return
    fi
    "$scripts/unpack-package.sh" "$1" "$work/$1.package"
    mkdir "$work/$1"
    (
        cd "$work/$1.package/$2"
        find . -type f ! -name "$3" -delete
        find . -type d -empty -delete
        # These two of the Dutch recordings hold no sound.
        rm -f elevator1/nl/zd1-m-cesta.ogg gems/nl/zav-v-sto.ogg
        mv ./* "$work/$1/"
    )
    count=$(find "$work/$1" -type f | wc -l)
    if [ "$count" -ne "$4" ]; then
        echo "$0: $1 has $count recordings, expected $4: another version of the package?" >&2
        exit 1
    fi
    cp "$work/$1.package/usr/share/doc/$1/copyright" "$work/$1/LICENSE"
    mv "$work/$1" "$target"
    rm -rf "$work/$1.package"
    echo "$target: $count recordings"
}
fetch tuxpaint-stamps-default usr/share/tuxpaint/stamps '*_desc*.ogg' 7418
fetch fillets-ng-data-cs usr/share/games/fillets-ng/sound '*.ogg' 1882
fetch fillets-ng-data-nl usr/share/games/fillets-ng/sound '*.ogg' 1614
