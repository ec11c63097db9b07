#!/usr/bin/env bash
# What goes wrong in one process ends all, with one line and a whole checkpoint.
. "$(dirname "$0")/common.sh"

settings other
on_rank 1 'exec "$@" --set schedule.learning_rate=0.5'
refused "process 1 of 2 has a configuration other than process 0" run 2 "$work/wrapper" "${train[@]}"
on_rank 1 'shift 3; exec "$VQW2V" train data/test "$@"'
refused "process 1 of 2 has data other than process 0" run 2 "$work/wrapper" "${train[@]}"
cp "$VQW2V" "$work/program"
echo >> "$work/program"
on_rank 1 'shift; exec "$(dirname "$0")/program" "$@"'
refused "process 1 of 2 has a program other than process 0" run 2 "$work/wrapper" "${train[@]}"
on_rank 1 'export VQW2V_BF16=none; exec "$@"'
VQW2V_BF16=emulated refused "process 1 of 2 has instructions for bf16 other than process 0" \
    run 2 "$work/wrapper" "${train[@]}" --set training.precision=bf16
refused "5 processes cannot share the 4 batches" run 5 "${train[@]}"
refused "processes were started and each would work alone" env PMI_SIZE=3 "${train[@]}"
[ ! -e "$work/other" ] || fail "a refused run has left a folder"
echo "what differs is refused"

mkdir "$work/data"
cp data/train/*.flac "$work/data"
damaged 20000 "$work/data/zz.wav"
settings bad training.save_every=1 training.max_updates=1000 data.validation_fraction=0
train[2]=$work/data
refused 'process [01] of 2: .*zz.wav' run 2 "${train[@]}"
quietly "$VQW2V" inspect "$work/bad/last.safetensors"
quietly run 2 "${train[@]/#"$work/bad"/"$work/skip"}" --skip-unusable --stop-after 2
echo "a bad file of one process ends all"

on_rank 1 'export VQW2V_BF16=none; exec "$@"'
VQW2V_BF16=emulated refused "process 1 of 2 has instructions for bf16 other than process 0" run 2 "$work/wrapper" \
    "$VQW2V" quantize -c "$work/bad/last.safetensors" --precision bf16 -o "$work/ids.tsv" data/test
[ ! -e "$work/ids.tsv" ] || fail "a refused command has left a file"
echo "other instructions for bf16 are refused"

settings full
# 8 MB: a checkpoint has more.
on_rank 0 'ulimit -f 16000'
refused "process 0 of 2: .*File too large" run 2 "$work/wrapper" "${train[@]}"
echo "a file that cannot be written ends all"

settings infinite schedule.learning_rate=1e30 schedule.warmup_updates=1 schedule.warmup_initial_learning_rate=1e30
refused "not finite" run 2 "${train[@]}"
echo "a number that is not finite ends all"

# A process that is killed ends the job, and the checkpoint is that of the last save.
settings killed training.max_updates=100000
on_rank 1 '"$@" & sleep 8; kill -9 $!; wait $!; exit 9'
code=0
run 2 "$work/wrapper" "${train[@]}" > /dev/null 2> "$work/log" || code=$?
[ "$code" != 0 ] && [ "$code" != 124 ] || { cat "$work/log"; fail "a killed process: exit code $code"; }
quietly "$VQW2V" inspect "$work/killed/last.safetensors"
echo "a process that dies ends the job"

# One that hangs is waited for until the deadline.
settings hangs training.max_updates=100000
on_rank 1 '"$@" & sleep 8; kill -STOP $!; wait $!'
VQW2V_DEADLINE=5 refused "process 0 of 2: waited 5 s" run 2 "$work/wrapper" "${train[@]}"
quietly "$VQW2V" inspect "$work/hangs/last.safetensors"
echo "a process that hangs ends the job"

# SIGTERM to the job, and SIGUSR1 to one process, save once. OpenMPI's mpirun waits that long after any failure, so only
# here; MPICH's waits for the processes.
[ "${#launch[@]}" = 1 ] || launch+=(--mca odls_base_sigkill_timeout 20)
# Nothing but a stop saves here; OpenMPI may lose the line that tells of it.
settings stopped training.max_updates=100000 training.save_every=0 training.validate_every=0
for signal in TERM USR1; do
    "${launch[@]}" -n 2 "${train[@]}" > /dev/null 2> "$work/log" &
    job=$!
    for _ in $(seq 1200); do
        ! grep -q '"type":"train"' "$work/stopped/log.jsonl" 2> /dev/null || break
        sleep 0.1
    done
    kill -"$signal" "$job"
    code=0
    wait "$job" || code=$?
    [ "$code" != 0 ] || fail "a stopped job exits with 0"
    [ "$(grep -c '^saved ' "$work/log")" -le 1 ] || { cat "$work/log"; fail "SIG$signal does not save once"; }
    quietly "$VQW2V" inspect "$work/stopped/last.safetensors"
    rm -r "$work/stopped"
done
echo "SIGTERM and SIGUSR1 save once"
