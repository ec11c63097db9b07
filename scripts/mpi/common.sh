# shellcheck shell=bash
# What the parts of test-mpi.sh share.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# MPIRUN names the one of the MPI that the program is built with. OpenMPI's refuses root unless both are set; more ranks
# than cores are wanted here, which it has to be told.
launch=("${MPIRUN:-mpirun}")
! "${launch[0]}" --version | grep -q "Open MPI" || launch+=(--oversubscribe --bind-to none)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 VQW2V_DEADLINE=120

fail() { echo "FAILED: $*" >&2; exit 1; }

# run N COMMAND...: N processes.
run() { timeout 300 "${launch[@]}" -n "$@"; }

# quietly COMMAND...: shows what it has said only where it fails.
quietly() { "$@" > /dev/null 2> "$work/log" || { cat "$work/log" >&2; fail "$*"; }; }

# settings FOLDER [KEY=VALUE...]: a small model, four batches in an update, put into the array `train`.
settings() {
    train=("$VQW2V" train data/train --output "$work/$1" --threads 1)
    shift
    local pair
    for pair in training.accumulate_batches=4 training.max_updates=6 training.validate_every=3 \
        training.save_every=2 training.log_every=1 data.max_samples=48000 data.max_sample_size=16000 \
        data.validation_fraction=0.05 quantizer.kind=gumbel codebook.initialize_from_data=true "$@"; do
        train+=(--set "$pair")
    done
}

# same A B FILE: of two runs.
same() { cmp "$work/$1/$3" "$work/$2/$3" || fail "$3 of $1 and $2 differ"; }

# on_rank RANK COMMAND: makes the script $work/wrapper, which runs COMMAND on one rank with the program's command line as
# its arguments, and the command line alone on the others.
on_rank() {
    cat > "$work/wrapper" << S
#!/bin/sh
[ "\${OMPI_COMM_WORLD_RANK:-\${PMI_RANK:-\$SLURM_PROCID}}" != $1 ] || { $2; }
exec "\$@"
S
    chmod +x "$work/wrapper"
}

# refused TEXT COMMAND...: fails within five minutes, with one line of the program, which has the text.
refused() {
    local text=$1 code=0
    shift
    "$@" > /dev/null 2> "$work/log" || code=$?
    [ "$code" != 0 ] || fail "no error: $text"
    [ "$code" != 124 ] || { cat "$work/log" >&2; fail "it hangs: $text"; }
    [ "$(grep -c '^error: ' "$work/log")" = 1 ] || { cat "$work/log" >&2; fail "not one line: $text"; }
    grep -q "^error: .*$text" "$work/log" || { cat "$work/log" >&2; fail "another line than: $text"; }
    [ "$(grep '^error: ' "$work/log" | wc -m)" -le 300 ] || fail "a long line: $text"
}

# damaged SAMPLES FILE: a WAV file whose header is in order and whose samples are not numbers.
damaged() {
    le() { printf "\\$(printf %o $(($1 & 255)))\\$(printf %o $(($1 >> 8 & 255)))\\$(printf %o $(($1 >> 16 & 255)))\\0"; }
    {
        printf RIFF; le $((36 + 4 * $1)); printf 'WAVEfmt '; le 16
        printf '\3\0\1\0'; le 16000; le 64000; printf '\4\0\40\0'
        printf data; le $((4 * $1)); head -c $((4 * $1)) /dev/zero | tr '\0' '\377'
    } > "$2"
}
