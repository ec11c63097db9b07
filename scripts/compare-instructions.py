#!/usr/bin/env python3
"""compare-instructions.py CHECKPOINT RECORDINGS...: ids with the kernels for AVX-512, AVX2 and the baseline of x86-64, how many differ,
and by how little the logits of those differed, or the squared distances of a k-means quantizer.

Needs .build/release/vqw2v: it is linked anew with kernels that are compiled for one set of instructions alone, and OpenBLAS is told to
take its own for that. CHECKPOINT is of this program's format."""

import json
import operator
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KERNELS = ROOT / "Sources/CKernels"
OBJECTS = ROOT / ".build/release/vqw2v.product/Objects.LinkFileList"
LIBRARIES = ["openblas", "sndfile", "libmpg123", "soxr", "zlib", "nettle"]
# Flags for all kernels, for the choice of products, and OpenBLAS's name of the processor.
SETS = {
    "AVX-512": ([], [], ""),
    "AVX2": (["-DVQ_BASELINE", "-march=x86-64-v3"], ['-D__builtin_cpu_supports(x)=!__builtin_strcmp(x, "x86-64-v3")'], "Haswell"),
    "baseline": (["-DVQ_BASELINE"], ["-DVQ_BASELINE"], "Nehalem"),
}


def build(name, folder):
    """The program with the kernels of one set."""
    kernels, products, _ = SETS[name]
    if not kernels:
        return ROOT / ".build/release/vqw2v"
    objects = [line for line in OBJECTS.read_text().split("\n") if line and "/CKernels.build/" not in line]
    for source in sorted(KERNELS.glob("*.c")):
        target = folder / f"{name}-{source.stem}.o"
        flags = products if source.stem == "product" else kernels
        subprocess.run(["clang", "-O2", "-fPIC", "-I", KERNELS / "include", *flags, "-c", source, "-o", target], check=True)
        objects.append(str(target))
    listed = folder / f"{name}.list"
    listed.write_text("\n".join(objects))
    program = folder / f"vqw2v-{name}"
    libraries = subprocess.run(["pkg-config", "--libs", *LIBRARIES], check=True, capture_output=True, text=True).stdout.split()
    # Like SwiftPM, which gives the program's main function a name of its own.
    subprocess.run(
        ["swiftc", "-emit-executable", "-o", program, f"@{listed}", "-Xlinker", "--defsym", "-Xlinker", "main=vqw2v_main", *libraries],
        check=True)
    return program


def run(program, core, *arguments):
    environment = dict(os.environ, **({"OPENBLAS_CORETYPE": core} if core else {}))
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments[:2]))}: {done.stderr}")


def arrays(path, names=None):
    """By name, the rows of each array of an npz, or of those that are named: 32-bit floats or integers."""
    result = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            if names is not None and entry.removesuffix(".npy") not in names:
                continue
            data = archive.read(entry)
            length = struct.unpack("<H", data[8:10])[0]
            header = data[10:10 + length].decode()
            rows, columns = map(int, re.search(r"'shape': \((\d+), (\d+)\)", header).groups())
            values = struct.unpack(f"<{rows * columns}{'f' if 'f4' in header else 'i'}", data[10 + length:])
            result[entry.removesuffix(".npy")] = [values[row * columns:(row + 1) * columns] for row in range(rows)]
    return result


class Logits:
    """What a Gumbel quantizer chooses by."""

    layer = "logits"

    def margin(self, frames, frame, group, groups, one, other):
        width = len(frames[frame]) // groups
        return frames[frame][group * width + one] - frames[frame][group * width + other]


class Distances:
    """What a k-means quantizer chooses by: squared distances of projected frames to its codewords."""

    layer = "z"

    def __init__(self, tensors):
        self.weight, self.gain, self.bias = (
            tensors[f"vector_quantizer.projection.{name}"] for name in ["0.weight", "1.weight", "1.bias"])
        self.codewords = tensors["vector_quantizer.embedding"]

    def project(self, frames, group, groups):
        """A group's channels, with the moments of all frames."""
        (outputs, inputs, _), weight = self.weight
        width = outputs // groups
        rows = [weight[row * inputs:(row + 1) * inputs] for row in range(group * width, (group + 1) * width)]
        parts = [frame[group * inputs:(group + 1) * inputs] for frame in frames]
        values = [[sum(map(operator.mul, row, part)) for row in rows] for part in parts]
        mean = sum(map(sum, values)) / (len(values) * width)
        variance = sum((value - mean) ** 2 for row in values for value in row) / (len(values) * width)
        scale = (variance + 1e-5) ** -0.5
        channels = slice(group * width, (group + 1) * width)
        gains, biases = self.gain[1][channels], self.bias[1][channels]
        return [[(value - mean) * scale * gain + bias for value, gain, bias in zip(row, gains, biases)] for row in values]

    def margin(self, frames, frame, group, groups, one, other):
        (_, books, width), codewords = self.codewords
        z = self.project(frames, group, groups)[frame]

        def distance(variable):
            first = (variable * books + group % books) * width
            return sum((a - b) ** 2 for a, b in zip(z, codewords[first:first + width]))
        return distance(other) - distance(one)


def tensors(path, prefix):
    """By name, shape and 32-bit floats of those of a safetensors file that begin so."""
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name.startswith(prefix):
            first, last = (8 + length + offset for offset in entry["data_offsets"])
            found[name] = (entry["shape"], struct.unpack(f"<{(last - first) // 4}f", data[first:last]))
    return found


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    checkpoint, recordings = sys.argv[1], sys.argv[2:]
    quantizer = tensors(checkpoint, "vector_quantizer.")
    measure = Distances(quantizer) if "vector_quantizer.embedding" in quantizer else Logits()
    with tempfile.TemporaryDirectory() as temporary:
        folder, found = Path(temporary), {}
        for name, (_, _, core) in SETS.items():
            program = build(name, folder)
            run(program, core, "quantize", "-c", checkpoint, "--names", "path", "-f", "npz", "-o", folder / f"{name}.npz", *recordings)
            found[name] = arrays(folder / f"{name}.npz")
        run(ROOT / ".build/release/vqw2v", "", "extract", "-c", checkpoint, "--layer", measure.layer, "--names", "path", "-f", "npz",
            "-o", folder / "frames.npz", *recordings)
        report(found, folder / "frames.npz", measure)


def report(found, frames, measure):
    reference = found["AVX-512"]
    total = sum(len(rows) * len(rows[0]) for rows in reference.values())
    print(f"{len(reference)} recordings, {total} ids")
    for name in list(found)[1:]:
        margins = []
        for key, rows in reference.items():
            flips = [
                (frame, group, one, other) for frame, (first, second) in enumerate(zip(rows, found[name][key]))
                for group, (one, other) in enumerate(zip(first, second)) if one != other]
            values = arrays(frames, {key})[key] if flips else []
            margins += [measure.margin(values, frame, group, len(rows[0]), one, other) for frame, group, one, other in flips]
        line = f"{name}: {len(margins)} ids differ from AVX-512, {len(margins) / total:.2g} of all"
        shown = "logits" if measure.layer == "logits" else "squared distances"
        print(line + (f"; their {shown} differ by {max(margins):.2g} at most" if margins else ""))


main()
