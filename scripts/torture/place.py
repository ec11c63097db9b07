"""Where jobs run: synthetic recordings, small models of both families, and what a folder holds."""

import hashlib
import json
import math
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import wave
from pathlib import Path

VQ_WAV2VEC = """
encoder: {layers: [[8, 10, 5], [8, 8, 4]]}
quantizer: {groups: 2, variables: 8}
aggregator: {layers: [[8, 3, 1]], dropout: 0.1}
prediction: {steps: 2, negatives: 3}
"""
WAV2VEC2 = """
family: wav2vec2
extractor: {layers: [[8, 10, 5], [8, 8, 4]]}
quantizer: {groups: 2, variables: 8}
transformer: {layers: 2, width: 16, inner_width: 24, heads: 2, position_kernel: 6, position_groups: 2}
mask: {time: {length: 4}}
prediction: {width: 12, negatives: 5}
optimizer: {average_decay: 0.8}
"""
RUN = """
data: {max_sample_size: 1000, max_samples: 4000, max_utterances: 2, validation_fraction: 0.2}
training: {max_updates: %d, log_every: 1, validate_every: 3, save_every: 2, keep_checkpoints: %d, accumulate_batches: %d}
"""


def tone(samples, start=0):
    """A tone that rises and falls, as 16-bit numbers."""
    phase, values = 0.0, []
    for index in range(samples):
        phase += 0.1 + 0.3 * abs(math.sin((index + 500 * start) / 700))
        values.append(int(9000 * math.sin(phase)))
    return struct.pack(f"<{samples}h", *values)


def write_wave(path, data, rate=16000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)


def words(names):
    return " ".join(sorted(names)) or "none"


def status(pid):
    """What the system tells of a process, from its state (`T` where it is stopped, `Z` where it has ended) on."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()


def spent(pid):
    """Seconds of processor time that a process has had."""
    return sum(map(int, status(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


class Result:
    """How a command ended. `code` is minus the signal's number where one ended it, and None where it did not end."""

    def __init__(self, code, output, errors):
        self.code, self.output, self.errors = code, output, errors.decode(errors="replace")

    @property
    def error_lines(self):
        return [line for line in self.errors.splitlines() if line.startswith("error: ")]

    def problem(self):
        """What is wrong with the way in which a command failed; None for a clear line and a code for failures."""
        if self.code is None:
            return "does not end"
        if self.code < 0 or self.code > 2:
            return f"ends with {self.code}"
        if not self.error_lines:
            return "fails without a line"
        long = [line for line in self.error_lines if len(line) > 300]
        return f"a long line: {long[0]}" if long else None

    def evidence(self, unread=()):
        """In one line the code, the recordings taken as unread, and the end of standard error."""
        errors = " ".join(self.errors.split())
        return f"code {self.code}, unread {words(unread)}: {'…' if len(errors) > 400 else ''}{errors[-400:]}"


class Place:
    """A folder with recordings and models, in which every trial has a folder of its own."""

    def __init__(self, program, recordings=5):
        self.program = str(Path(program).resolve())
        # In memory where that can be: syncing a disk thousands of times takes hours.
        shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="vqw2v-torture-", dir=shared))
        self.fault = self.folder / "fault.so"
        source = Path(__file__).with_name("fault.c")
        subprocess.run(
            ["gcc", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", self.fault, source, "-ldl"], check=True)
        self.inputs = self.folder / "inputs"
        (self.inputs / "data").mkdir(parents=True)
        (self.inputs / "labels").mkdir()
        for number in range(recordings):
            samples = 1500 + 300 * number
            write_wave(self.inputs / f"data/{number}.wav", tone(samples, number))
            times = [0, samples // 3, 2 * samples // 3, samples]
            text = "".join(f"{a} {b} {'abc'[k]}\n" for k, (a, b) in enumerate(zip(times, times[1:])))
            (self.inputs / f"labels/{number}.phn").write_text(text)
        (self.inputs / "utt2spk").write_text("".join(f"{number} {'ab'[number % 2]}\n" for number in range(recordings)))
        (self.inputs / "texts").write_text("".join(f"text {number}\n" for number in range(recordings)))
        (self.inputs / "wav.scp").write_text("".join(f"{number} data/{number}.wav\n" for number in range(recordings)))
        self.prepare()

    def prepare(self):
        """Models and what is made of them, for the jobs that need these."""
        for name, family in [("vq", VQ_WAV2VEC), ("w2v2", WAV2VEC2)]:
            for updates, kept, batches, kind in [(6, 0, 1, ""), (6, 2, 1, "-kept"), (40, 0, 1, "-long"), (24, 0, 4, "-many")]:
                (self.inputs / f"{name}{kind}.yaml").write_text(family + RUN % (updates, kept, batches))
            self.must("train", "data", "--config", f"{name}.yaml", "-o", name, "--threads", "1")
            self.must("train", "data", "--config", f"{name}.yaml", "-o", f"{name}-begun", "--stop-after", "3")
        self.must("quantize", "data", "-c", "vq/last.safetensors", "-o", "ids.jsonl", "-f", "jsonl")
        self.must("quantize", "data", "-c", "vq/last.safetensors", "-o", "ids.tsv")
        self.must("quantize", "data", "-c", "vq-begun/last.safetensors", "-o", "ids-other.jsonl", "-f", "jsonl")
        self.must("extract", "data", "-c", "vq/last.safetensors", "--layer", "z", "-f", "npz", "-o", "z.npz")
        self.must("cluster", "data", "--layer", "mfcc", "--units", "4", "-o", "mfcc.safetensors")
        self.must("cluster", "data", "--layer", "mfcc", "--units", "5", "-o", "mfcc-other.safetensors")
        for name in ["vq", "w2v2", "vq-begun", "w2v2-begun"]:
            self.must("convert", f"{name}/last.safetensors", f"{name}.pt")
        self.must("convert", "w2v2/last.safetensors", "hf-model", "-f", "hf")
        self.must("convert", "mfcc.safetensors", "mfcc.npy")
        self.must("convert", "mfcc-other.safetensors", "mfcc-other.npy")

    def must(self, *arguments):
        """Runs what cannot fail among the inputs."""
        done = subprocess.run([self.program, *arguments], cwd=self.inputs, capture_output=True)
        if done.returncode != 0:
            raise SystemExit(f"cannot prepare: {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")

    def trial(self, outputs=None):
        """A new folder of the inputs, with outputs that are there already."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        for name in os.listdir(self.inputs):
            # What is only read is shared, but for the recordings, which have to be below the folder.
            os.symlink(self.inputs / name, folder / name)
        if outputs:
            shutil.copytree(outputs, folder / "o")
        else:
            (folder / "o").mkdir()
        return folder

    def environment(self, fault=None, counts=None):
        environment = dict(os.environ, SWIFT_BACKTRACE="enable=no", LC_ALL="C")
        if fault or counts:
            environment["LD_PRELOAD"] = str(self.fault)
        if fault:
            environment["VQW2V_FAULT"] = fault
        if counts:
            environment["VQW2V_FAULT_COUNTS"] = str(counts)
        return environment

    def start(self, folder, arguments, fault=None, counts=None, program=None, before=None, stdin=None):
        return subprocess.Popen(
            [*(program or [self.program]), *arguments], cwd=folder, stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(fault, counts), preexec_fn=before,
            start_new_session=True)

    def run(self, folder, arguments, limit=120, killed=None, **more):
        """Runs the program in a folder to its end, for `limit` seconds at most; `killed` ends it and all that it has
        started after so many seconds."""
        return self.finish(self.start(folder, arguments, **more), limit, killed)

    @staticmethod
    def finish(process, limit=120, killed=None):
        """Waits for a program that was started, likewise."""
        try:
            output, errors = process.communicate(timeout=limit if killed is None else killed)
            return Result(process.returncode, output, errors)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            return Result(None if killed is None else -signal.SIGKILL, output, errors)

    def open(self):
        """Lets everybody read the inputs."""
        self.folder.chmod(0o755)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def calls(counts):
    """The number of calls of each kind, as fault.c has counted them."""
    kinds = ["open", "read", "write", "stdout", "sync", "rename", "close", "mkdir", "truncate", "malloc", "mmap", "naming"]
    return dict(zip(kinds, struct.unpack(f"<{len(kinds)}q", Path(counts).read_bytes())))


def untimed(data):
    """Lines of a log without what depends on the time or on the number of starts; a line that was cut off is left out."""
    lines = []
    for line in data.split(b"\n")[:-1]:
        try:
            value = json.loads(line)
        except ValueError:
            lines.append("damaged")
            continue
        # What a run goes on with stands there once more where it is resumed.
        if value.get("type") not in ("warning", "environment"):
            lines.append(json.dumps([value["update"], value["type"], value.get("loss_bits")]))
    return lines


def without_unread(data, name):
    """A description without the number of recordings that the system did not let be read: which of them are missing is compared by
    what is there of the others."""
    if name.endswith(".json"):
        return re.sub(rb' *"unread_recordings" : \d+,?\n', b"", data)
    if name.endswith(".safetensors") and b'"unread_recordings"' in data:
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])
        del header["__metadata__"]["unread_recordings"]
        # As the program writes it: no spaces, padded to a multiple of eight.
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + data[8 + length:]
    return data


def tree(folder):
    """What the files below a folder hold, by name: a hash, or for logs what does not depend on the time. Event files of
    TensorBoard, whose names have the time, and the lock of a run are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or "tfevents" in name or name.endswith("run.lock"):
            continue
        # Lists of recordings have whole paths.
        data = path.read_bytes().replace(str(folder.parent)[1:].encode(), b"")
        data = without_unread(data, name)
        if name.endswith("log.jsonl"):
            found[name] = "\n".join(untimed(data))
        else:
            found[name] = hashlib.sha256(data).hexdigest()
    return found


def is_temporary(name):
    return ".vqw2v-" in name or "tmp" in name


def temporaries(folder):
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if is_temporary(path.name)]
