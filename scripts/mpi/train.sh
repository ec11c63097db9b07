#!/usr/bin/env bash
# 1, 2 and 4 processes write the same checkpoints.
. "$(dirname "$0")/common.sh"

# compare NAME "COUNTS" [KEY=VALUE...]
compare() {
    local name=$1 counts=$2 n
    shift 2
    settings "1-$name" "$@"
    quietly "${train[@]}"
    for n in $counts; do
        settings "$n-$name" "$@"
        quietly run "$n" "${train[@]}"
        same "1-$name" "$n-$name" last.safetensors
        same "1-$name" "$n-$name" best.safetensors
        [ "$(grep -c '^saved ' "$work/log")" = 1 ] || fail "not one line of $n processes says what was saved"
    done
    echo "$name: 1, ${counts/ / and } processes write the same bytes"
}
compare gumbel "2 4"
compare kmeans "2 4" quantizer.kind=kmeans codebook.restart_after_updates=2
# Three batches are no power of two, and two processes do not divide them.
compare three "2 3" training.accumulate_batches=3 training.max_updates=3

settings parts
quietly run 4 "${train[@]}" --stop-after 3
quietly "$VQW2V" train data/train --output "$work/parts" --resume
same 1-gumbel parts last.safetensors
echo "a run of 4 processes goes on with 1"

# wav2vec 2.0; what layer_drop skips has no gradient, in other batches other parameters.
settings 1-wav2vec2
w2=(--preset wav2vec2-small)
for pair in training.accumulate_batches=4 training.max_updates=3 training.validate_every=3 data.max_samples=48000 \
    data.max_sample_size=24000 data.validation_fraction=0.05 transformer.layer_drop=0.5; do w2+=(--set "$pair"); done
quietly "$VQW2V" train data/train --output "$work/1-wav2vec2" --threads 1 "${w2[@]}"
for n in 2 4; do
    quietly run "$n" "$VQW2V" train data/train --output "$work/$n-wav2vec2" --threads 1 "${w2[@]}"
    same 1-wav2vec2 "$n-wav2vec2" last.safetensors
done
echo "wav2vec 2.0: 1, 2 and 4 processes write the same bytes"
