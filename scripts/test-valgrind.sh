#!/usr/bin/env bash
# One training and one quantize under valgrind: no memory that nothing leads to any more, no access beside an array, nothing read before it is
# written. VQW2V names the program.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# valgrind 3.19 does not read Swift's debugging information.
cp "${VQW2V:-.build/release/vqw2v}" "$work/vqw2v"
strip -g "$work/vqw2v"

# The runtime of Swift compares what it has not written yet while it makes types.
cat > "$work/known" << END
{
    runtime
    Memcheck:Cond
    obj:*/libswiftCore.so*
}
{
    runtime-value
    Memcheck:Value8
    obj:*/libswiftCore.so*
}
END

# checked COMMAND...: with the program's own malloc as the one that is watched.
checked() {
    local code=0
    OPENBLAS_NUM_THREADS=1 SWIFT_BACKTRACE=enable=no valgrind --soname-synonyms=somalloc=NONE --leak-check=full \
        --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions="$work/known" --error-exitcode=9 "$work/vqw2v" "$@" \
        > /dev/null 2> "$work/log" || code=$?
    if [ "$code" != 0 ]; then
        grep '^==' "$work/log" | head -60 >&2
        exit "$code"
    fi
    echo "$1:$(grep -o 'definitely lost: [^ ]* bytes' "$work/log" | head -1), $(grep -o 'ERROR SUMMARY: [0-9]* errors' "$work/log")"
}
tiny=()
for pair in 'encoder.layers=[[16, 10, 5], [16, 8, 4]]' 'aggregator.layers=[[16, 3, 1]]' training.max_updates=3 training.validate_every=2 \
    data.max_samples=8000 data.max_sample_size=4000 data.validation_fraction=0.05; do
    tiny+=(--set "$pair")
done
checked train data/test/*.flac --output "$work/run" --threads 2 "${tiny[@]}"
checked quantize data/test/ru_0762.flac --checkpoint "$work/run/last.safetensors" --format npz --output "$work/ids.npz" --threads 2
