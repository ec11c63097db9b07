"""Parts of a job, each killed and repeated: put together they are what one job writes, in every format."""

import collections
import json
import random
import re
import shutil
import signal
import struct
import zipfile

from expect import judged, unread
from place import is_temporary, temporaries, tree

# What says how an output was made: that of each part is that of the whole, but for the part.
DESCRIPTION = "description"


def described(entries):
    entries.pop("shard", None)
    return [(DESCRIPTION, json.dumps(entries, sort_keys=True).encode())]


def description(path):
    # The files that it names lie in the part's folder.
    return described(json.loads(path.read_bytes().replace(f"o/{path.parent.name}/".encode(), b"o/")))


def lines(path):
    return [("", line) for line in path.read_bytes().splitlines(keepends=True)]


def array(path):
    return [("", path.read_bytes())]


def zipped(path):
    with zipfile.ZipFile(path) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def tensors(path):
    """Name, type, shape and bytes of each."""
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    found = described(header.pop("__metadata__"))
    for name, tensor in header.items():
        first, end = tensor["data_offsets"]
        found.append((f"{name} {tensor['dtype']} {tensor['shape']}", data[start + first:start + end]))
    return found


def archived(path):
    """What Kaldi's index finds in its archive, which has nothing else."""
    archive = path.with_suffix(".ark")
    data = archive.read_bytes()
    rows = [line.split(b" ", 1) for line in path.read_bytes().splitlines()]
    starts = [int(place.rsplit(b":", 1)[1]) for _, place in rows]
    ends = [start - len(key) - 1 for (key, _), start in zip(rows[1:], starts[1:])] + [len(data)]
    found = [(key.decode(), data[start:end]) for (key, _), start, end in zip(rows, starts, ends)]
    if b"".join(key.encode() + b" " + value for key, value in found) != data:
        raise ValueError("the archive is not what its index names")
    if any(not str(archive).encode().endswith(b"/" + place.rsplit(b":", 1)[0]) for _, place in rows):
        raise ValueError("the index names another archive")
    return found


def counts(path):
    return [(token, int(count)) for token, count in (line.rsplit(" ", 1) for line in path.read_text().splitlines())]


def vocabulary(path):
    return [(token, 0) for token in json.loads(path.read_text())["model"]["vocab"]]


# By the end of a file's name; an archive is read by its index.
READERS = {
    "dict.txt": counts, "tokenizer.json": vocabulary, ".json": description, ".npz": zipped, ".safetensors": tensors,
    ".scp": archived, ".npy": array, ".tsv": lines, ".src": lines, ".gslm": lines, ".jsonl": lines, ".dur": lines, ".lbl": lines,
}


def entries(folder):
    """By file, what it holds: pairs of a name and a value, in order."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".ark"):
            reader = next((reader for end, reader in READERS.items() if path.name.endswith(end)), array)
            found[str(path.relative_to(folder))] = reader(path)
    return found


def merged(parts):
    """What the files of all parts hold, in order: descriptions, which are equal, once, and numbers added up."""
    found = collections.defaultdict(list)
    for part in parts:
        for name, pairs in part.items():
            found[name] += [pair for pair in pairs if pair[0] != DESCRIPTION or pair not in found[name]]
    for name, pairs in found.items():
        if any(isinstance(value, int) for _, value in pairs):
            sums = collections.Counter()
            for token, count in pairs:
                sums[token] += count
            found[name] = sorted(sums.items())
    return found


class Shards:
    """A job in three parts, or in more than there are recordings, each killed and repeated."""

    def __init__(self, expectations, job, seed):
        self.expectations, self.job, self.seed = expectations, job, seed
        self.count = 7 if seed % 4 == 0 else 3

    def __str__(self):
        return f"{self.job.name} in {self.count} shards, killed at times of seed {self.seed}"

    def run(self):
        numbers, job = random.Random(self.seed), self.job
        folder, problems = self.expectations.begin(job), []
        for shard in range(1, self.count + 1):
            problems += [f"shard {shard} {problem}" for problem in self.run_shard(folder, shard, numbers)]
        if not problems:
            problems = self.compare(folder)
        if found := temporaries(folder / "o"):
            problems.append(f"leaves {found}")
        shutil.rmtree(folder)
        return problems

    def run_shard(self, folder, shard, numbers):
        expectations, job = self.expectations, self.job
        # Parts share a folder of arrays.
        target = "o/" if job.is_folder else f"o/{shard}/"
        arguments = [re.sub("^o/", target, argument) for argument in job.arguments]
        arguments += ["--shard", f"{shard}/{self.count}", *job.again]
        first = expectations.place.run(folder, arguments, killed=numbers.uniform(0, expectations.duration(job)))
        left = {name: value for name, value in tree(folder / "o").items() if not is_temporary(name)}
        inodes = {path: path.stat().st_ino for path in (folder / "o").rglob("*.npy")}
        second = expectations.place.run(folder, arguments)
        problems = [] if first.code in (0, -signal.SIGKILL) else judged(["is not killed"], first, unread(job, first))
        if second.code != 0:
            problems += judged(["cannot be repeated"], second, unread(job, second))
        now = tree(folder / "o")
        if torn := [name for name, value in left.items() if now.get(name) != value]:
            problems += judged([f"left {torn}, which are others where it is repeated"], first)
        if new := [str(path) for path, inode in inodes.items() if path.stat().st_ino != inode]:
            problems += judged([f"makes {new} again"], second)
        return problems + expectations.check_done(job, folder, arguments)

    def compare(self, folder):
        shards = range(1, self.count + 1)
        parts = [folder / "o"] if self.job.is_folder else [folder / f"o/{shard}" for shard in shards]
        whole = merged([entries(self.expectations.whole(self.job).folder)])
        try:
            now = merged(entries(part) for part in parts)
        except (OSError, ValueError, LookupError, struct.error, zipfile.BadZipFile) as error:
            return [f"the shards cannot be read: {error}"]
        differing = sorted(name for name in {*whole, *now} if whole.get(name) != now.get(name))
        return [f"the merged shards differ in {differing}"] if differing else []
