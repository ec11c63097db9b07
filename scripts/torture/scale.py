"""Much of everything: a recording of two hours, a hundred thousand short ones, thousands of updates. Time and memory stay flat."""

import json
import os
import shutil
import time
import wave

from place import spent, tone, write_wave


def resident(pid):
    """Bytes of memory that a process has now, and how many of them are pages of files: code, mostly, which other processes have
    too, and of which the system loads more or fewer at a time."""
    with open(f"/proc/{pid}/statm") as file:
        _, pages, mapped, *_ = map(int, file.read().split())
    size = os.sysconf("SC_PAGE_SIZE")
    return pages * size, mapped * size


class Watched:
    """A command whose memory and output are looked at while it runs."""

    def __init__(self, expectations, name, limits):
        self.expectations, self.name, self.limits = expectations, name, limits

    def __str__(self):
        return self.name

    def watch(self, folder, arguments, seconds=0.05):
        """Resident memory over time, as triples of seconds of processor time, bytes, and those of them that are pages of files; and
        the seconds that it took in all."""
        process = self.expectations.place.start(folder, arguments)
        samples = []
        while process.poll() is None:
            try:
                samples.append((spent(process.pid), *resident(process.pid)))
            except (OSError, IndexError):
                break
            time.sleep(seconds)
        _, errors = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{self.name} ends with {process.returncode}: {errors.decode(errors='replace')[-300:]}")
        return samples, samples[-1][0]


class LongRecording(Watched):
    """Memory for two hours is that for twenty minutes: what is longer than a block goes to files."""

    def run(self):
        place = self.expectations.place
        peaks = {}
        for minutes in [20, self.limits]:
            folder = place.trial()
            second = tone(16000)
            with wave.open(str(folder / "long.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(16000)
                for _ in range(60 * minutes):
                    file.writeframesraw(second)
            samples, seconds = self.watch(folder, ["quantize", "long.wav", "-c", "vq/last.safetensors", "-o", "o/ids.tsv"])
            peaks[minutes] = max(bytes for _, bytes, _ in samples)
            print(f"{minutes} minutes: {seconds:.1f} s of processor time, {peaks[minutes] / 1e6:.0f} MB at most", flush=True)
            shutil.rmtree(folder)
        # The waveform of up to 35 minutes is in memory, and layers up to a gigabyte; ids are 4 bytes each.
        most = 1.6e9
        return [f"two hours take {peaks[self.limits] / 1e6:.0f} MB"] if peaks[self.limits] > most else []


class ManyFiles(Watched):
    """Time per file and memory of the last files are those of the first."""

    # Of a file, by format and number of files.
    times = {}

    def run(self):
        folder = self.expectations.place.trial()
        (folder / "many").mkdir()
        for number in range(20):
            write_wave(folder / f"many/{number}.wav", tone(1600 + 10 * number, number))
        names = [f"many/{number % 20}.wav" for number in range(self.limits)]
        (folder / "list.scp").write_text("".join(f"{number} {name}\n" for number, name in enumerate(names)))
        # An archive has a directory, which is in memory until it ends.
        problems = self.quantize(folder, "tsv", 0) + self.quantize(folder, "npz", 200)
        shutil.rmtree(folder)
        return problems

    def quantize(self, folder, form, bytes_per_file):
        samples, seconds = self.watch(
            folder, ["quantize", "list.scp", "-c", "vq/last.safetensors", "-f", form, "-o", f"o/ids.{form}"], 0.02)
        # The end of a run has code of its own, which is no memory of files.
        begun = [bytes - mapped for moment, bytes, mapped in samples if moment > 0.3 * seconds]
        first, last = begun[0], max(begun[len(begun) // 2:])
        each = seconds / self.limits
        print(f"{self.limits} files, {form}: {1e6 * each:.0f} µs of processor time each, {first / 1e6:.1f} MB after a third, "
              f"{last / 1e6:.1f} MB at most in the last third ({100 * (last / first - 1):.1f} % more)", flush=True)
        problems = []
        if last > first * 1.01 + bytes_per_file * self.limits:
            problems.append(f"{form}: memory grows from {first} to {last} bytes")
        least = min([each] + [time for (other, _), time in self.times.items() if other == form])
        self.times[form, self.limits] = each
        if each > 1.5 * least + 5e-5:
            problems.append(f"{form}: {1e6 * each:.0f} µs each, where fewer took {1e6 * least:.0f} µs")
        return problems


class LongRun(Watched):
    """After a hundred updates memory does not grow."""

    family = "vq"

    def run(self):
        folder = self.expectations.place.trial()
        arguments = ["train", "data", "--config", f"{self.family}.yaml", "-o", "o/run", "--set", f"training.max_updates={self.limits}",
                     "--set", "training.log_every=100", "--set", "training.validate_every=50", "--set", "training.save_every=50"]
        process = self.expectations.place.start(folder, arguments)
        log, at = folder / "o/run/log.jsonl", {}
        while process.poll() is None:
            time.sleep(0.05)
            lines = log.read_bytes().split(b"\n")[:-1] if log.exists() else []
            if lines:
                at[json.loads(lines[-1])["update"]] = resident(process.pid)[0] if process.poll() is None else 0
        _, errors = process.communicate()
        shutil.rmtree(folder)
        if process.returncode != 0:
            return [f"ends with {process.returncode}: {errors.decode(errors='replace')[-300:]}"]
        sizes = [size for update, size in sorted(at.items()) if update >= 100 and size]
        first, last = sizes[0], max(sizes[1:] or sizes)
        print(f"{self.family}, {self.limits} updates: {first / 1e6:.1f} MB after 100, {last / 1e6:.1f} MB at most afterwards", flush=True)
        return [f"memory grows from {first} to {last} bytes"] if last > 1.01 * first else []


class LongRunOfWav2Vec2(LongRun):
    family = "w2v2"


def trials(expectations, scale):
    """`scale`: 1 for what the figures of docs/reliability.md are of; less to try it."""
    yield LongRun(expectations, "a long run", max(500, int(5000 * scale)))
    yield LongRunOfWav2Vec2(expectations, "a long run of wav2vec 2.0", max(500, int(5000 * scale)))
    yield ManyFiles(expectations, "thousands of files", int(10_000 * scale))
    yield ManyFiles(expectations, "ten times as many", int(100_000 * scale))
    yield LongRecording(expectations, "a long recording", max(30, int(120 * scale)))
