#!/usr/bin/env bash
# quantize, extract, cluster and evaluate: processes divide the recordings and write what one would have written.
. "$(dirname "$0")/common.sh"

settings model training.max_updates=2
quietly "${train[@]}"
model=$work/model/last.safetensors
cp -r data/test "$work/data"

# divided NAME FILE... -- COMMAND...: FILE is written below $work/N-NAME, which stands for OUT in COMMAND.
divided() {
    local name=$1 files=() n file code
    shift
    while [ "$1" != -- ]; do files+=("$1"); shift; done
    shift
    for n in 1 2 4; do
        mkdir "$work/$n-$name"
        code=0
        if [ "$n" = 1 ]; then prefix=(); else prefix=(run "$n"); fi
        "${prefix[@]}" "$VQW2V" "${@//OUT/$work/$n-$name}" > "$work/$n-$name/stdout" 2> "$work/log" || code=$?
        echo "$code" > "$work/$n-$name/code"
        # What a clock tells, and paths of the output.
        grep -v -E 'real-time|^checkpoint|mpirun|prterun|Primary job|^-+$|exit|Process name|Exit code|^$|job to be terminated|^=|^YOUR APP|^This typ|^Please|s left$' \
            "$work/log" | sed "s:/$n-$name::" | sort > "$work/$n-$name/stderr" || true
        for file in stdout code stderr "${files[@]}"; do
            cmp "$work/1-$name/$file" "$work/$n-$name/$file" || { cat "$work/log"; fail "$name: $file of $n processes"; }
        done
    done
    echo "$name: 1, 2 and 4 processes write the same"
}
divided ids -- quantize -c "$model" "$work/data"
divided fairseq a.km dict.txt -- quantize -c "$model" -f fairseq -o OUT/a.km --deduplicate data/train
divided npz a.npz -- quantize -c "$model" -f npz -o OUT/a.npz "$work/data"
divided kaldi z.ark -- extract -c "$model" --layer z -f kaldi -o OUT/z "$work/data"
divided folder z/ru_0762.npy z/ru_0834.npy -- extract -c "$model" --layer c -f npy -o OUT/z "$work/data"
divided clusters k.safetensors -- cluster --layer mfcc --units 60 --iterations 6 -o OUT/k.safetensors data/train
divided features k.safetensors -- cluster -c "$model" --layer z --units 20 --iterations 4 -o OUT/k.safetensors \
    "$work/data"
divided by-clusters -- quantize --clusters "$work/1-clusters/k.safetensors" "$work/data"

# A recording that cannot be used, in the middle.
damaged 20000 "$work/data/ru_0790.wav"
divided bad ids.jsonl -- quantize -c "$model" -f jsonl -o OUT/ids.jsonl "$work/data"
divided evaluate utterances.csv -- evaluate -c "$model" --layer z --json --csv OUT/utterances.csv "$work/data"

refused "leave it out" run 2 "$VQW2V" quantize -c "$model" --shard 1/2 "$work/data"
on_rank 1 'exec "$@" data/train'
refused "process 1 of 2 has arguments other than process 0" run 2 "$work/wrapper" "$VQW2V" quantize -c "$model" data/test
refused "process 0 of 2: .*No space left" run 2 sh -c "exec \"$VQW2V\" quantize -c \"$model\" -o /dev/full data/test"
echo "what differs or cannot be written is refused"
