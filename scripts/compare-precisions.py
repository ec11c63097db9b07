#!/usr/bin/env python3
"""Whether runs in bf16 end as those in float32 do: compare-precisions.py OUTPUT TRAIN-ARGUMENT...

Trains with each of three seeds in both precisions, in the folders OUTPUT/PRECISION-SEED, and prints the figures of the last
validation and the time of all updates. Runs that are there already are not made again. Arguments are those of `vqw2v train`:

    scripts/compare-precisions.py runs/precisions data/train --validation data/validation
"""
import json
import os
import subprocess
import sys

SEEDS, PRECISIONS = (1, 2, 3), ("float32", "bf16")
VQW2V = os.environ.get("VQW2V", ".build/release/vqw2v")


def train(folder, precision, seed, arguments):
    if not os.path.exists(f"{folder}/done"):
        settings = [f"training.precision={precision}", f"training.seed={seed}"]
        command = [VQW2V, "train", *arguments, "--output", folder]
        command += [word for setting in settings for word in ("--set", setting)]
        with open(os.devnull, "w") as nowhere:
            subprocess.run(command, check=True, stderr=nowhere)
        open(f"{folder}/done", "w").close()
    with open(f"{folder}/log.jsonl") as file:
        lines = [json.loads(line) for line in file]
    return ([line for line in lines if line["type"] == "validation"][-1],
            [line for line in lines if line["type"] == "train"][-1])


def spread(values):
    return f"{min(values):.4f} to {max(values):.4f}"


def main():
    output, arguments = sys.argv[1], sys.argv[2:]
    os.makedirs(output, exist_ok=True)
    losses = {precision: [] for precision in PRECISIONS}
    print("| seed | precision | validation loss, bits | accuracy, mean of steps | codewords in use | seconds |")
    print("|---:|---|---:|---:|---|---:|")
    for seed in SEEDS:
        for precision in PRECISIONS:
            judged, trained = train(f"{output}/{precision}-{seed}", precision, seed, arguments)
            losses[precision].append(judged["loss_bits"])
            used = "+".join(str(count) for count in judged.get("distinct_codes_per_group", []))
            steps = judged["accuracy_per_step"]
            print(f"| {seed} | {precision} | {judged['loss_bits']:.4f} | {100 * sum(steps) / len(steps):.1f} % | {used} "
                  f"| {trained['elapsed_seconds']:.0f} |", flush=True)
    print("\n" + "; ".join(f"{precision}: {spread(values)}" for precision, values in losses.items()))
    outside = [loss for loss in losses["bf16"] if not min(losses["float32"]) <= loss <= max(losses["float32"])]
    print(f"{len(outside)} of {len(SEEDS)} runs in bf16 end outside the range of those in float32")


main()
