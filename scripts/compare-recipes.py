#!/usr/bin/env python3
"""What recipes reach, with several seeds: compare-recipes.py [--seeds N] --train INPUT --test FOLDER OUTPUT RECIPE...

A recipe is a name and settings of `vqw2v train --set`, or `preset=NAME`, in one word of the shell. Each is trained with seeds 1 to N (3), in the
folders OUTPUT/NAME-SEED, and its last checkpoint is judged on FOLDER, which has alignments beside its recordings; as many clusters
of MFCCs as there are units in use, fitted on INPUT, are judged beside it. Prints a table of means, each with its lowest and
highest. Runs that are there already are not made again; where only figures are missing, these are.

    scripts/compare-recipes.py --train corpus/festvox-ru/train --test corpus/festvox-ru/test runs/quantizers \\
        "gumbel" "k-means quantizer.kind=kmeans"
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean

VQW2V = os.environ.get("VQW2V", ".build/release/vqw2v")


def run(*arguments):
    """What a command prints, and the processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run([VQW2V, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def judged(folder, settings, options):
    """The figures of a run, which is made first where it is not there. What is known of it is kept in FOLDER.json."""
    kept = folder.with_name(folder.name + ".json")
    question = [settings, options.train, options.test]
    known = json.loads(kept.read_text()) if kept.exists() else {}
    if known.get("question") != question:
        # A run that did not come to its end begins anew, so that its time is that of all of it.
        shutil.rmtree(folder, ignore_errors=True)
        words = (("--preset", one[7:]) if one.startswith("preset=") else ("--set", one) for one in settings)
        _, seconds = run("train", options.train, "-o", folder, *(word for pair in words for word in pair))
        known = {"question": question, "seconds": seconds}
        kept.write_text(json.dumps(known, indent=2) + "\n")
    if "figures" not in known:
        told = json.loads(run("evaluate", "--json", "-c", folder / "last.safetensors", options.test, "-a", options.test,
                              "--abx", "any", "--baseline-data", options.train)[0])
        known["figures"] = figures(*told["systems"]) | {"seconds": known["seconds"]}
        kept.write_text(json.dumps(known, indent=2) + "\n")
    return known["figures"]


def figures(units, clusters):
    prediction = units["prediction"]
    accuracy = prediction["accuracy"] if "accuracy" in prediction else mean(prediction["accuracy_per_step"])
    return {
        "loss": prediction["loss_bits"], "chance": prediction["chance_bits"], "accuracy": 100 * accuracy,
        "units": units["sequence"]["joint"]["used"], "bitrate": units["sequence"]["bitrate"],
        "PNMI": units["phones"]["all"]["PNMI"], "purity": units["phones"]["all"]["phone_purity"],
        "ABX": 100 * units["abx"][0]["error"], "clusters' PNMI": clusters["phones"]["all"]["PNMI"],
        "clusters' ABX": 100 * clusters["abx"][0]["error"],
    }


# A column's heading, what it shows, and with how many decimals.
COLUMNS = [("s of one core", "seconds", 0), ("loss, bits", "loss", 2), ("of chance", "chance", 2), ("accuracy, %", "accuracy", 1),
           ("units", "units", 0), ("bits/s", "bitrate", 0), ("PNMI", "PNMI", 3), ("phone purity", "purity", 3),
           ("ABX within, %", "ABX", 1), ("PNMI of MFCCs", "clusters' PNMI", 3), ("ABX of MFCCs, %", "clusters' ABX", 1)]


def cell(values, decimals):
    text = f"{mean(values):.{decimals}f}"
    low, high = (f"{bound(values):.{decimals}f}" for bound in (min, max))
    return text if low == high else f"{text} ({low}–{high})"


def main():
    parser = argparse.ArgumentParser(usage="compare-recipes.py [--seeds N] --train INPUT --test FOLDER OUTPUT RECIPE...")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("output", type=Path)
    parser.add_argument("recipes", nargs="+")
    options = parser.parse_args()
    names = [recipe.split()[0] for recipe in options.recipes]
    if len(set(names)) < len(names):
        parser.error("two recipes have one name")
    options.output.mkdir(parents=True, exist_ok=True)
    print("| recipe |", " | ".join(heading for heading, _, _ in COLUMNS), "|")
    print("|---|" + "---:|" * len(COLUMNS))
    for recipe in options.recipes:
        name, *settings = recipe.split()
        runs = [judged(options.output / f"{name}-{seed}", settings + [f"training.seed={seed}"], options)
                for seed in range(1, options.seeds + 1)]
        print(f"| {name} |", " | ".join(cell([run[key] for run in runs], decimals) for _, key, decimals in COLUMNS), "|", flush=True)


main()
