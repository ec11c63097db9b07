#!/usr/bin/env bash
# Several processes under mpirun: the same bits as one, on 2 and 4 ranks of one machine, and every failure ends in one
# line. VQW2V names a program that is built with --traits MPI; without it one is built.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${VQW2V:-}" ]; then
    swift build -c release --traits MPI --scratch-path .build-mpi --product vqw2v
    VQW2V=$PWD/.build-mpi/release/vqw2v
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# mpirun refuses root unless both are set; more ranks than cores are wanted here.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 VQW2V_DEADLINE=60

fail() { echo "FAILED: $*" >&2; exit 1; }
run() { timeout 120 mpirun --oversubscribe --bind-to none -n "$@"; }
# settings FOLDER: a small model, four batches in an update.
settings() {
    echo train data/train --output "$work/$1" --threads 1 --set training.accumulate_batches=4 \
        --set training.max_updates=6 --set training.validate_every=3 --set training.save_every=2 \
        --set training.log_every=1 --set data.max_samples=64000 --set data.max_sample_size=16000 \
        --set data.validation_fraction=0.1 --set quantizer.kind="${2:-gumbel}" \
        --set codebook.initialize_from_data=true
}
same() { cmp "$work/$1/$3" "$work/$2/$3" || fail "$3 of $1 and $2 differ"; }

for kind in gumbel kmeans; do
    # shellcheck disable=SC2046  # a list of words
    "$VQW2V" $(settings "1-$kind" "$kind") 2> "$work/log" || { cat "$work/log"; fail "one process"; }
    for n in 2 4; do
        # shellcheck disable=SC2046
        run "$n" "$VQW2V" $(settings "$n-$kind" "$kind") 2> "$work/log" || { cat "$work/log"; fail "$n processes"; }
        same "1-$kind" "$n-$kind" last.safetensors
        same "1-$kind" "$n-$kind" best.safetensors
        [ "$(grep -c '^saved ' "$work/log")" = 1 ] || fail "not one line of $n processes says what was saved"
    done
    echo "$kind: 1, 2 and 4 processes write the same bytes"
done

# shellcheck disable=SC2046
run 4 "$VQW2V" $(settings parts) --stop-after 3 2> /dev/null
"$VQW2V" train data/train --output "$work/parts" --resume 2> /dev/null
same 1-gumbel parts last.safetensors
echo "a run of 4 processes goes on with 1"

# refused TEXT COMMAND...: exits with 1 and with one line of the program, which has the text.
refused() {
    local text=$1 code=0
    shift
    "$@" > /dev/null 2> "$work/log" || code=$?
    [ "$code" != 0 ] || fail "no error: $text"
    [ "$(grep -c '^error: ' "$work/log")" = 1 ] || { cat "$work/log"; fail "not one line: $text"; }
    grep -q "^error: .*$text" "$work/log" || { cat "$work/log"; fail "another line than: $text"; }
}
cat > "$work/differs" <<'S'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 1 ] && exec "$@" --set schedule.learning_rate=0.5
exec "$@"
S
chmod +x "$work/differs"
# shellcheck disable=SC2046
refused "process 1 of 2 has a configuration other than process 0" run 2 "$work/differs" "$VQW2V" $(settings other)
# shellcheck disable=SC2046
refused "5 processes cannot share the 4 batches" run 5 "$VQW2V" $(settings many)
# shellcheck disable=SC2046
refused "processes were started and each would train alone" \
    env PMI_SIZE=3 "$VQW2V" $(settings alone)
[ ! -e "$work/other" ] && [ ! -e "$work/many" ] || fail "a refused run has left a folder"
echo "what differs is refused"

# A process that is killed ends the job, and the checkpoint is that of the last save.
cat > "$work/dies" <<'S'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 1 ] && { "$@" & sleep 6; kill -9 $!; wait $!; exit 9; }
exec "$@"
S
chmod +x "$work/dies"
code=0
# shellcheck disable=SC2046
run 2 "$work/dies" "$VQW2V" $(settings killed) \
    --set training.max_updates=100000 > /dev/null 2> "$work/log" || code=$?
[ "$code" != 0 ] && [ "$code" != 124 ] || { cat "$work/log"; fail "a killed process: exit code $code"; }
"$VQW2V" inspect "$work/killed/last.safetensors" > /dev/null || fail "no whole checkpoint after a kill"
echo "a process that dies ends the job"

# SIGTERM saves once. mpirun waits that long after any failure, so only here.
# shellcheck disable=SC2046
mpirun --oversubscribe --bind-to none --mca odls_base_sigkill_timeout 10 -n 2 "$VQW2V" $(settings stopped) --set training.max_updates=100000 > /dev/null 2> "$work/log" &
job=$!
for _ in $(seq 600); do
    ! grep -q '"type":"train"' "$work/stopped/log.jsonl" 2> /dev/null || break
    sleep 0.1
done
kill -TERM "$job"
code=0
wait "$job" || code=$?
[ "$code" != 0 ] || fail "a stopped job exits with 0"
[ "$(grep -c '^saved ' "$work/log")" = 1 ] || { cat "$work/log"; fail "SIGTERM does not save once"; }
"$VQW2V" inspect "$work/stopped/last.safetensors" > /dev/null
echo "SIGTERM saves once"
