#!/usr/bin/env python3
"""compare-instructions.py CHECKPOINT RECORDINGS...: ids with the kernels for AVX-512, AVX2 and the baseline of x86-64, how many differ,
and by how little the logits of those differed.

Needs .build/release/vqw2v: it is linked anew with kernels that are compiled for one set of instructions alone, and OpenBLAS is told to
take its own for that. The checkpoint's quantizer has to have logits (Gumbel)."""

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


def arrays(path):
    """By name, the rows of each array of an npz: 32-bit floats or integers."""
    result = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            data = archive.read(entry)
            length = struct.unpack("<H", data[8:10])[0]
            header = data[10:10 + length].decode()
            rows, columns = map(int, re.search(r"'shape': \((\d+), (\d+)\)", header).groups())
            values = struct.unpack(f"<{rows * columns}{'f' if 'f4' in header else 'i'}", data[10 + length:])
            result[entry.removesuffix(".npy")] = [values[row * columns:(row + 1) * columns] for row in range(rows)]
    return result


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    checkpoint, recordings = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as temporary:
        folder, found = Path(temporary), {}
        for name, (_, _, core) in SETS.items():
            program = build(name, folder)
            run(program, core, "quantize", "-c", checkpoint, "--names", "path", "-f", "npz", "-o", folder / f"{name}.npz", *recordings)
            found[name] = arrays(folder / f"{name}.npz")
        run(ROOT / ".build/release/vqw2v", "", "extract", "-c", checkpoint, "--layer", "logits", "--names", "path", "-f", "npz",
            "-o", folder / "logits.npz", *recordings)
        report(found, arrays(folder / "logits.npz"))


def report(found, logits):
    reference = found["AVX-512"]
    total = sum(len(rows) * len(rows[0]) for rows in reference.values())
    print(f"{len(reference)} recordings, {total} ids")
    for name in list(found)[1:]:
        margins = []
        for key, rows in reference.items():
            for frame, (first, second) in enumerate(zip(rows, found[name][key])):
                for group, (one, other) in enumerate(zip(first, second)):
                    if one != other:
                        values = logits[key][frame]
                        width = len(values) // len(first)
                        margins.append(values[group * width + one] - values[group * width + other])
        line = f"{name}: {len(margins)} ids differ from AVX-512, {len(margins) / total:.2g} of all"
        print(line + (f"; their logits differ by {max(margins):.2g} at most" if margins else ""))


main()
