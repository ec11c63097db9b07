#!/usr/bin/env bash
# prepare.sh ROOT PROGRAM: what the command lines of the documentation name, made small, in this folder.
set -euo pipefail
root=$1 program=$2 here=$(cd "$(dirname "$0")" && pwd)
quietly() { "$@" > /dev/null 2> prepare.log || { cat prepare.log >&2; exit 1; }; }

mkdir -p data/train
find "$root/data/train/" -name '*.flac' | sort | sed -n 1,5p | while read -r file; do ln -s "$file" "${file%.flac}.lab" data/train; done
ln -s "$root/data/test" "$root/data/validation" data
ln -s "$root/scripts" scripts
cp data/test/ru_0762.flac talk.mkv
mkdir -p recordings train test alignments TIMIT corpus/s1 corpus/voices runs
cp data/test/ru_0762.flac recordings/a.flac
cp data/test/ru_0784.flac recordings/b.flac
cp recordings/a.flac corpus/s1/a.flac
cp data/train/*.flac train/
cp data/test/ru_0762.flac data/test/ru_0784.flac test/
cp data/test/ru_0762.lab data/test/ru_0784.lab alignments/
cp -r alignments TIMIT/TEST
mkdir phones
cp data/test/ru_0762.lab phones/a.lab
cp data/test/ru_0784.lab phones/b.lab
printf '%s speaker\n' ru_0762 ru_0784 > utt2spk
cp -r alignments corpus/voices/en
cp utt2spk corpus/voices/en/

cat > tiny.yaml << 'S'
encoder: {layers: [[8, 10, 5], [8, 8, 4], [8, 4, 2], [8, 4, 2], [8, 4, 2]]}
quantizer: {groups: 2, variables: 8}
aggregator: {layers: [[8, 3, 1]]}
prediction: {steps: 2, negatives: 3}
S
cp tiny.yaml same-model.yaml
few="--set training.max_updates=2 --set data.validation_fraction=0.4 --set data.max_sample_size=16000"
# shellcheck disable=SC2086  # a list of options
quietly "$program" train recordings --config tiny.yaml $few -o runs/first
# shellcheck disable=SC2086
quietly "$program" train recordings --config tiny.yaml --set quantizer.kind=kmeans $few -o runs/kmeans-made
cp -r runs/first runs/paper
cp runs/first/best.safetensors best.safetensors
quietly "$program" convert best.safetensors vq-wav2vec.pt
quietly "$program" convert runs/kmeans-made/best.safetensors vq-wav2vec_kmeans.pt
rm -r runs/kmeans-made

cp "$root/Tests/Wav2Vec2Tests/Cases/p01_base/checkpoint_cfg.pt" wav2vec_small.pt
cp -r "$root/Tests/Wav2Vec2Tests/Cases/p01_base/hf" wav2vec2-base
cp "$root/Tests/CheckpointsTests/Cases/hubert_base.pt" hubert_base_ls960.pt

# Lists: of fairseq, of Kaldi.
export VQW2V=$program MODEL=$PWD/best.safetensors
manifest() {
    (cd "$1" && pwd && for file in *.flac; do printf '%s\t%s\n' "$file" "$("$here/soxi" -s "$file")"; done)
}
manifest train > train.tsv
manifest test > valid.tsv
table() { for file in "$1"/*.flac; do echo "$(basename "$file" .flac) $PWD/$file"; done; }
table recordings > wav.scp
table train > corpus/train.scp
table data/train > data/train/wav.scp
sed 1d train.tsv | sed 's/.*/A B/' > train.ltr

# Units: ours, and as HuBERT's recipe writes them, a line for each recording of a list.
quietly "$program" quantize -c best.safetensors test -f jsonl -o mine.jsonl
cp mine.jsonl ids.jsonl
cp mine.jsonl yours.jsonl
cp valid.tsv test.tsv
# As many as HuBERT's frames, of 400 samples and 320 apart.
awk -F '\t' 'NR > 1 { for (frame = 0; frame <= ($2 - 400) / 320; frame++) printf "%d ", frame % 7; print "" }' test.tsv > theirs.km
