#!/bin/sh
# Usage: fetch-corpus.sh
#
# Fetches festvox-ru, 620 studio recordings of one Russian speaker with phone labels, into
#     corpus/festvox-ru/train/ru_NNNN.{wav,lab}    558 utterances, up to ru_0754, 89.0 min
#     corpus/festvox-ru/test/ru_NNNN.{wav,lab}      62 utterances, from ru_0755,  10.5 min
#     corpus/festvox-ru/LICENSE
# A corpus that is already there is left as it is.
set -eu

scripts=$(cd "$(dirname "$0")" && pwd)
corpus=$(dirname "$scripts")/corpus
target=$corpus/festvox-ru

if [ -d "$target" ]; then
    echo "$target is already there (remove it to fetch it again)"
    exit 0
fi

mkdir -p "$corpus"
work=$(mktemp -d "$corpus/.festvox-ru.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$scripts/unpack-package.sh" festvox-ru "$work/package"
voice=$work/package/usr/share/festival/voices/russian/msu_ru_nsh_clunits
mkdir -p "$work/festvox-ru/train" "$work/festvox-ru/test"
chmod 755 "$work/festvox-ru"
for wav in "$voice"/wav/ru_*.wav; do
    name=$(basename "$wav" .wav)
    number=${name#ru_}
    # Without the leading zeros, which would make an octal number.
    if [ "$(expr "$number" + 0)" -le 754 ]; then part=train; else part=test; fi
    mv "$wav" "$voice/lab/$name.lab" "$work/festvox-ru/$part/"
done
cp "$work/package/usr/share/doc/festvox-ru/copyright" "$work/festvox-ru/LICENSE"

train=$(find "$work/festvox-ru/train" -name '*.wav' | wc -l)
test=$(find "$work/festvox-ru/test" -name '*.wav' | wc -l)
if [ "$train" -ne 558 ] || [ "$test" -ne 62 ]; then
    echo "$0: festvox-ru has $train + $test recordings, expected 558 + 62: another version of the package?" >&2
    exit 1
fi
mv "$work/festvox-ru" "$target"
echo "$target: 558 recordings (89.0 min) in train, 62 (10.5 min) in test"
