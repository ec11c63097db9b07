#!/usr/bin/env python3
"""Whether runs in bf16 end as those in float32 do: compare-precisions.py [--seeds N] [--no-control] OUTPUT TRAIN-ARGUMENT...

Trains with seeds 1 to N (3) in both precisions, and in float32 with the learning rate 0.01 % higher, which shows how far two
runs of one seed come apart whatever it is that differs; in the folders OUTPUT/WAY-SEED. Prints the figures of the last
validation and the time of all updates. Runs that are there already are not made again, but for other arguments. Arguments are
those of `vqw2v train`:

    scripts/compare-precisions.py runs/precisions data/train --validation data/validation
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

VQW2V = os.environ.get("VQW2V", ".build/release/vqw2v")


def learning_rate(arguments):
    """Of the configuration that the arguments give."""
    printed = subprocess.run([VQW2V, "train", *arguments, "--output", "unused", "--dry-run"], check=True,
                             capture_output=True, text=True)
    return float(re.search(r"^\s+learning_rate: (\S+)", printed.stdout + printed.stderr, re.MULTILINE).group(1))


def train(folder, settings, arguments):
    command = [VQW2V, "train", *arguments, "--output", folder]
    command += [word for setting in settings for word in ("--set", setting)]
    done = Path(folder, "done")
    if not done.exists() or done.read_text() != json.dumps(command):
        # A run that did not come to its end begins anew, so that its time is that of all of it.
        shutil.rmtree(folder, ignore_errors=True)
        result = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit(result.stderr)
        if "training.precision=bf16" in settings and "bf16: by " not in result.stderr:
            sys.exit("this processor has no instructions for bf16, so that all runs would be float32")
        done.write_text(json.dumps(command))
    with open(f"{folder}/log.jsonl") as file:
        lines = [json.loads(line) for line in file]
    return ([line for line in lines if line["type"] == "validation"][-1],
            [line for line in lines if line["type"] == "train"][-1])


def main():
    parser = argparse.ArgumentParser(usage="compare-precisions.py [--seeds N] [--no-control] OUTPUT TRAIN-ARGUMENT...")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-control", action="store_true")
    parser.add_argument("output")
    options, arguments = parser.parse_known_args()
    if options.seeds < 2:
        parser.error("a spread takes --seeds 2 or more")
    settings = {"float32": ["training.precision=float32"], "bf16": ["training.precision=bf16"]}
    if not options.no_control:
        settings["control"] = settings["float32"] + [f"schedule.learning_rate={1.0001 * learning_rate(arguments):.9g}"]
    os.makedirs(options.output, exist_ok=True)
    ways = [way for way in ("float32", "control", "bf16") if way in settings]
    losses = {way: [] for way in ways}
    print("| seed | way | validation loss, bits | accuracy | codewords in use | seconds |")
    print("|---:|---|---:|---:|---|---:|")
    for seed in range(1, options.seeds + 1):
        for way in ways:
            judged, trained = train(
                f"{options.output}/{way}-{seed}", settings[way] + [f"training.seed={seed}"], arguments)
            losses[way].append(judged["loss_bits"])
            used = "+".join(str(count) for count in judged.get("distinct_codes_per_group", []))
            accuracy = judged["accuracy"] if "accuracy" in judged else mean(judged["accuracy_per_step"])
            print(f"| {seed} | {way} | {judged['loss_bits']:.4f} | {100 * accuracy:.1f} % | {used or '–'} "
                  f"| {trained['elapsed_seconds']:.0f} |", flush=True)
    print()
    for way in ways:
        print(f"{way}: {min(losses[way]):.4f} to {max(losses[way]):.4f} bits, mean {mean(losses[way]):.4f}")
    for way in ways[1:]:
        differences = [other - own for other, own in zip(losses[way], losses["float32"])]
        error = stdev(differences) / len(differences) ** 0.5
        print(f"{way} minus float32 of the same seed: mean {mean(differences):+.4f} ± {error:.4f} (standard error), "
              f"{min(differences):+.4f} to {max(differences):+.4f}")


main()
