#!/usr/bin/env bash
# How training scales over processes: the exchange alone, updates of one process and of two with the same threads in
# all, and the same between two hosts whose network is limited (network namespaces; needs root). Prints to stdout. ONLY
# chooses one of exchange, updates, hosts. It wants a quiet machine.
set -euo pipefail
cd "$(dirname "$0")/.."
for product in vqw2v exchange-benchmark; do
    swift build -c release --traits MPI --scratch-path .build-mpi --product $product >&2
done
VQW2V=$PWD/.build-mpi/release/vqw2v
exchange=$PWD/.build-mpi/release/exchange-benchmark
export VQW2V OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() { mpirun --oversubscribe --bind-to none -n "$@"; }
batches=${BATCHES:-8} updates=${UPDATES:-6} presets=${PRESETS:-paper wav2vec2-small}

# update PRESET NAME COMMAND...: the median over updates, the first one left out.
update() {
    local preset=$1 name=$2
    shift 2
    rm -rf "$work/run"
    "$@" "$VQW2V" train data/train -o "$work/run" --preset "$preset" --set training.accumulate_batches="$batches" \
        --set training.max_updates="$updates" --set training.log_every=1 --set training.save_every=0 \
        --set training.validate_every=0 --set data.max_samples=150000 "${threads[@]}" 2> "$work/log" ||
        { cat "$work/log" >&2; exit 1; }
    awk -F'[,:}]' '/"type":"train"/ {
        for (i = 1; i < NF; i++) {
            if ($i ~ /"elapsed_seconds"/) now = $(i + 1)
            if ($i ~ /"exchange_seconds"/) exchange = $(i + 1)
            if ($i ~ /"exchange_waited_seconds"/) waited = $(i + 1)
        }
        if (n++) print now - before, exchange + 0, waited + 0
        before = now
    }' "$work/run/log.jsonl" | sort -n | awk -v name="$preset, $name" '
        { time[NR] = $1; exchange += $2; waited += $3 }
        END {
            printf "%s: %.3f s an update (%.3f to %.3f)", name, time[int((NR + 1) / 2)], time[1], time[NR]
            if (exchange) printf ", exchange %.3f s, not hidden %.3f s", exchange / NR, waited / NR
            print ""
        }'
}

if [ -z "${ONLY:-}" ] || [ "$ONLY" = exchange ]; then
    for n in 2 4; do run "$n" "$exchange" 1 8 34 95; done
fi
if [ -z "${ONLY:-}" ] || [ "$ONLY" = updates ]; then
    for preset in $presets; do
        # In turn, so that what else the machine does meets both.
        for _ in 1 2 3; do
            threads=(--threads 2) && update "$preset" "1 process, 2 threads"
            threads=(--threads 1) && update "$preset" "2 processes, 1 thread each" run 2
        done | tee "$work/pairs"
        awk -v preset="$preset" -F': ' '
            { time[NR % 2, ++n[NR % 2]] = $2 + 0 }
            END {
                for (i = 1; i <= n[0]; i++) ratio[i] = time[0, i] / time[1, i]
                printf "%s: 2 processes take", preset
                for (i = 1; i <= n[0]; i++) printf "%s %.3f", (i > 1 ? "," : ""), ratio[i]
                print " times what 1 takes"
            }' "$work/pairs"
        threads=(--threads 1) && update "$preset" "4 processes, 1 thread each" run 4
    done
fi
if [ -z "${ONLY:-}" ] || [ "$ONLY" = hosts ]; then
    for rate in ${RATES:-1gbit 200mbit}; do
        RATE=$rate scripts/mpi/hosts.sh run 2 "$exchange" 8 34 | sed "s/^/$rate: /"
        threads=(--threads 1) && RATE=$rate update paper "2 processes, 1 thread each, at $rate" scripts/mpi/hosts.sh run 2
    done
fi
