#!/bin/sh
# Usage: make-voices.sh
#
# Speech with exact phone times, to judge units on: festival reads text with voices of speakers and in languages that
# make corpus-large does not have (its 66 English recordings of tuxpaint-stamps-default left aside), into
#     corpus/voices/en/{kal,ked}_NNN.{wav,lab}    two men, American English: sentences of the GPL, version 3
#     corpus/voices/it/{lp,pc}_NNN.{wav,lab}      a woman and a man, Italian: sayings of the package fortunes-it
# with speakers in utt2spk. 100 sentences each. A folder that is already there is left as it is. Installs festival.
# Where make corpus-large has been, also lists, to be given to vqw2v as they are:
#     corpus/train.scp    all of it but the English and the Greek of tuxpaint-stamps-default
#     corpus/fit.scp      500 of these, drawn at random: enough to fit clusters on
set -eu

scripts=$(cd "$(dirname "$0")" && pwd)
corpus=$(dirname "$scripts")/corpus
"$scripts/install-packages.sh" voices
mkdir -p "$corpus"
work=$(mktemp -d "$corpus/.voices.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# sentences FILE…: lines of 5 to 20 words, letters and commas alone, 100 of them, evenly spaced.
sentences() {
    cat "$@" | tr '\n\t' '  ' | sed 's/[.;:!?%()]/\n/g' | tr '`' "'" | sed "s/^[^A-Za-z]*//; s/  */ /g; s/ *$//" |
        grep -v "[^A-Za-z', -]" | awk 'NF >= 5 && NF <= 20 && !seen[$0]++' >"$work/all"
    awk -v count="$(wc -l <"$work/all")" 'int((NR - 1) * 100 / count) != int(NR * 100 / count)' "$work/all"
}

# speak FOLDER NAME VOICE: every sentence of $work/text.
speak() {
    awk -v path="$work/$1/$2" -v voice="$3" '
        BEGIN { printf "(%s)\n", voice }
        {
            name = sprintf("%s_%03d", path, NR)
            printf "(set! utt (SynthText \"%s\"))\n", $0
            printf "(utt.save.wave utt \"%s.wav\" (quote riff))\n(utt.save.segs utt \"%s.lab\")\n", name, name
        }' "$work/text" >"$work/commands.scm"
    festival -b "$work/commands.scm"
    for file in "$work/$1/$2"_*.wav; do echo "$(basename "$file" .wav) $2" >>"$work/$1/utt2spk"; done
}

# finish FOLDER
finish() {
    mkdir -p "$corpus/voices"
    mv "$work/$1" "$corpus/voices/$1"
    echo "$corpus/voices/$1: $(find "$corpus/voices/$1" -name '*.wav' | wc -l) recordings"
}

if [ ! -d "$corpus/voices/en" ]; then
    mkdir "$work/en"
    sentences /usr/share/common-licenses/GPL-3 >"$work/text"
    speak en kal voice_kal_diphone
    speak en ked voice_ked_diphone
    finish en
fi
if [ ! -d "$corpus/voices/it" ]; then
    mkdir "$work/it"
    sentences /usr/share/games/fortunes/it/italia >"$work/text"
    speak it lp voice_lp_diphone
    speak it pc voice_pc_diphone
    finish it
fi
if [ -d "$corpus/fillets-ng-data-nl" ]; then
    find "$corpus/festvox-ru/train" "$corpus/tuxpaint-stamps-default" "$corpus/fillets-ng-data-cs" \
        "$corpus/fillets-ng-data-nl" -type f \( -name '*.wav' -o -name '*.ogg' \) ! -name '*_desc.ogg' \
        ! -name '*_desc_el.ogg' | LC_ALL=C sort | awk '{ printf "r%05d %s\n", NR, $0 }' >"$corpus/train.scp"
    # Without shuf, whose order is its own: a multiplicative hash of the number of the line.
    awk '{ print NR * 7919 % 10007, $0 }' "$corpus/train.scp" | sort -n | head -n 500 | cut -d ' ' -f 2- |
        LC_ALL=C sort >"$corpus/fit.scp"
    echo "$corpus/train.scp: $(wc -l <"$corpus/train.scp") recordings"
fi
