#!/usr/bin/env bash
# fuzz.sh [--seconds N] [--jobs N] [READER...]: every reader, or those named, for N seconds each (default 600), one at a time or several,
# with inputs that libFuzzer makes of Fuzzing/Corpus and of what it has found before, in .build-fuzz/corpus. An input that stops a
# reader, or takes it 10 s or an allocation of more than 100 MB, is in .build-fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=600 jobs=1
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        -*) echo "fuzz.sh takes --seconds N, --jobs N and names of readers, not $1" >&2; exit 64 ;;
        *) break ;;
    esac
done

# SwiftPM keeps the list of a dependency's files, which are the project's own here: a file that was added since is none of them.
rm -f .build-fuzz/*.yaml .build-fuzz/*/release/description.json
# Of several options of one kind Swift takes the last. Resolvers of the kernels' clones run before a sanitizer is ready, so kernels are compiled for the baseline.
swift build --package-path Fuzzing -c release --scratch-path .build-fuzz --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address \
    -Xcc -DVQ_BASELINE
# A report of a trap takes seconds, and hangs libFuzzer.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1

# fuzz READER SECONDS: prints what was tried and, where something was found, what.
fuzz() {
    local reader=$1 seconds=$2 code=0 log=.build-fuzz/$1.log folder inputs coverage
    folder=$(mktemp -d)
    mkdir -p ".build-fuzz/corpus/$reader" .build-fuzz/findings "Fuzzing/Corpus/$reader"
    # What a reader needs beside its file.
    [ ! -d "Fuzzing/Beside/$reader" ] || cp -rL "Fuzzing/Beside/$reader/." "$folder"
    FUZZ_READER=$reader FUZZ_FOLDER=$folder .build-fuzz/release/fuzz ".build-fuzz/corpus/$reader" "Fuzzing/Corpus/$reader" \
        -max_total_time="$seconds" -timeout=10 -max_len=65536 -rss_limit_mb=2048 -malloc_limit_mb=100 -use_value_profile=1 \
        -print_final_stats=1 -artifact_prefix=".build-fuzz/findings/$reader-" > "$log" 2>&1 || code=$?
    rm -rf "$folder"
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -ao 'cov: [0-9]*' "$log" | tail -1)
    echo "$reader: ${inputs:-?} inputs, ${coverage:-no coverage}, exit code $code"
    [ "$code" = 0 ] || { grep -am3 -E 'ERROR|SUMMARY|Fatal error|Test unit written' "$log" || true; return 1; }
}
export -f fuzz

[ $# -gt 0 ] || set -- $(.build-fuzz/release/fuzz)
printf '%s\n' "$@" | xargs -P "$jobs" -I READER bash -c "fuzz READER $seconds"
