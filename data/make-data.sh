#!/bin/sh
# Usage: make-data.sh
#
# Makes data/{train,validation,test} from the whole of festvox-ru, which it fetches first: evenly spaced
# utterances, as FLAC, with their phone labels. The choice is fixed, and the samples are those of the
# package bit for bit.
set -eu

data=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$data")
source=$root/corpus/festvox-ru

if ! command -v flac >/dev/null; then
    echo "$0: flac not found: install the package 'flac'" >&2
    exit 1
fi
"$root/scripts/fetch-corpus.sh"

# encode FOLDER PART STEP FIRST: every STEP-th utterance of FOLDER, beginning with the FIRST-th.
encode() {
    rm -rf "${data:?}/$2"
    mkdir -p "$data/$2"
    (cd "$source/$1" && LC_ALL=C ls ru_*.wav) | awk -v step="$3" -v first="$4" 'NR % step == first' |
        while read -r wav; do
            name=${wav%.wav}
            flac --silent --best --exhaustive-model-search --no-padding --no-seektable \
                --output-name="$data/$2/$name.flac" "$source/$1/$wav"
            cp "$source/$1/$name.lab" "$data/$2/$name.lab"
        done
    echo "data/$2: $(find "$data/$2" -name '*.flac' | wc -l) recordings"
}
encode train train 14 1
encode train validation 140 8
encode test test 12 6

cp "$source/LICENSE" "$data/LICENSE-festvox-ru"
chmod 644 "$data"/LICENSE-festvox-ru "$data"/*/*
