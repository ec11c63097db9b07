"""Inputs for the works on units: items of ABX with their units and features, and frames to cluster.

Two speakers read the same sentences, in all 28 minutes of 14,730 phones. Called as: prepare_units.py FOLDER
"""
import json
import os
import sys

import numpy

RATE = 100
PHONES, WORDS, ITEMS, DIMENSIONS = 40, 1000, 14_730, 512


def sentences(rng):
    """Phones of sentences of words, common ones more often, until both speakers together have all items."""
    often = 1 / numpy.arange(2, PHONES + 2)
    words = [rng.choice(PHONES, rng.integers(2, 7), p=often / often.sum()) for _ in range(WORDS)]
    chances = 1 / numpy.arange(10, WORDS + 10)
    left = ITEMS // 2
    while left:
        spoken = numpy.concatenate([words[i] for i in rng.choice(WORDS, 8, p=chances / chances.sum())])[:left]
        left -= len(spoken)
        yield spoken


def write_items(folder):
    rng = numpy.random.default_rng(1)
    centres = rng.standard_normal((PHONES, DIMENSIONS)).astype(numpy.float32)
    voices = rng.standard_normal((2, DIMENSIONS)).astype(numpy.float32)
    os.makedirs(f"{folder}/features", exist_ok=True)
    items, units = [], []
    texts = list(sentences(rng))
    for speaker, voice in enumerate(voices):
        for number, phones in enumerate(texts):
            name = f"s{speaker}-{number:04}"
            # Phones of 4 to 18 frames, between silences.
            lengths = rng.integers(4, 19, len(phones))
            ends = 20 + numpy.cumsum(lengths)
            labels = numpy.concatenate([numpy.full(20, -1), numpy.repeat(phones, lengths), numpy.full(20, -1)])
            noise = rng.standard_normal((len(labels), DIMENSIONS), dtype=numpy.float32)
            frames = 0.5 * voice + 2 * noise + numpy.where(labels[:, None] < 0, 0, 0.2 * centres[labels])
            numpy.save(f"{folder}/features/{name}.npy", frames.astype(numpy.float32))
            chosen = numpy.where(rng.random(len(labels)) < 0.4, rng.integers(320, size=len(labels)), labels * 8 + 8)
            units.append(json.dumps({"audio": name, "units": chosen.tolist()}))
            around = ["sil", *(f"p{phone}" for phone in phones), "sil"]
            for place, (end, length) in enumerate(zip(ends, lengths)):
                times = f"{(end - length) / RATE:.4f} {end / RATE:.4f}"
                items.append(f"{name} {times} {around[place + 1]} {around[place]} {around[place + 2]} {speaker}")
    with open(f"{folder}/units.jsonl", "w") as file:
        file.write("\n".join(units) + "\n")
    with open(f"{folder}/items.item", "w") as file:
        file.write("\n".join(["#file onset offset #phone prev-phone next-phone speaker", *items]) + "\n")


def write_frames(path):
    """28 minutes of 39 values that stay near one of 500 points for a while, as MFCCs do."""
    rng = numpy.random.default_rng(2)
    points = rng.standard_normal((500, 39))
    stays = rng.integers(3, 15, 20_000)
    labels = numpy.repeat(rng.integers(500, size=len(stays)), stays)[: 28 * 60 * RATE]
    frames = points[labels] + 0.6 * rng.standard_normal((len(labels), 39))
    frames.astype(numpy.float32).tofile(path)


def main():
    folder = sys.argv[1]
    # Whole or not at all.
    if not os.path.exists(f"{folder}/items.item"):
        os.makedirs(folder, exist_ok=True)
        write_items(folder)
    if not os.path.exists(f"{folder}/frames.f32"):
        write_frames(f"{folder}/frames.f32")


main()
