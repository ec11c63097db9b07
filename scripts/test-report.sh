#!/usr/bin/env bash
# Makes reports and opens them in Chromium without a window: every figure drawn, nothing logged as an error. Screenshots
# go to the folder that VQW2V_SCREENSHOTS names, if any; VQW2V names a program that is built already.
set -eu
cd "$(dirname "$0")/.."
program=${VQW2V:-.build/release/vqw2v}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
command -v python3 >/dev/null 2>&1 || { echo "Please install Python 3" >&2; exit 1; }
if [ -z "$browser" ]; then
    command -v apt-get >/dev/null 2>&1 || { echo "Please install Chromium" >&2; exit 1; }
    run=""
    [ "$(id -u)" -eq 0 ] || run="sudo"
    $run apt-get update -q >&2
    $run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium >&2
    browser=$(command -v chromium)
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Two short runs, units of one, and labels of 90 ms each that stand for phones.
small="--set training.max_updates=12 --set training.log_every=1 --set training.validate_every=4"
for quantizer in gumbel kmeans; do
    # shellcheck disable=SC2086  # a list of options
    "$program" train data/validation -o "$folder/$quantizer" --set quantizer.kind=$quantizer $small 2>"$folder/log" ||
        { cat "$folder/log" >&2; exit 1; }
done
"$program" quantize -c "$folder/gumbel/last.safetensors" data/test -f jsonl -o "$folder/ids.jsonl" 2>"$folder/log"
sed -E 's/.*"name": ?"([^"]*)".*"samples": ?([0-9]+).*/\1 \2/' "$folder/ids.jsonl" | awk '
    BEGIN { print "utterance,start,end,label"; split("a e s t n m k o", phones, " ") }
    { for (i = 0; (i + 1) * 0.09 < $2 / 16000; i++) print $1 "," i * 0.09 "," (i + 1) * 0.09 "," phones[i * 7 % 8 + 1] }
    ' >"$folder/phones.csv"
"$program" evaluate --json -c "$folder/gumbel/last.safetensors" data/test -a "$folder/phones.csv" --abx any \
    --bootstrap 50 --baseline-data data/validation >"$folder/evaluation.json" 2>"$folder/log" ||
    { cat "$folder/log" >&2; exit 1; }
"$program" report "$folder/gumbel" "$folder/kmeans" "$folder/ids.jsonl" -a "$folder/phones.csv" --audio data/test \
    --evaluation "$folder/evaluation.json" --bootstrap 50 -o "$folder/all.html" 2>"$folder/log" || { cat "$folder/log" >&2; exit 1; }
"$program" report "$folder/kmeans" -o "$folder/run.html" 2>"$folder/log"

[ -z "${VQW2V_SCREENSHOTS:-}" ] || mkdir -p "$VQW2V_SCREENSHOTS"
python3 Tests/Reports/check.py "$browser" "${VQW2V_SCREENSHOTS:-}" "$folder/all.html" "$folder/run.html"
