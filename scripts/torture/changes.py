"""The world changes while a command runs: files go, are replaced or cut, folders close, disks fill, pipes stall."""

import os
import shutil
import signal
import subprocess
import time

from place import Result, spent, status, tree


def stopped(process, seconds=30):
    """Waits until a process has stopped itself; false where it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if status(process.pid)[0] == "T":
            return True
        time.sleep(0.002)
    return False


class Change:
    """A job that is stopped at one of its calls, while an input is removed, replaced or cut short."""

    def __init__(self, expectations, job, number, victim, what):
        self.expectations, self.job, self.number = expectations, job, number
        self.victim, self.what = victim, what

    def __str__(self):
        return f"{self.job.name}, at read {self.number} {self.victim} is {self.what}"

    def run(self):
        expectations, job, place = self.expectations, self.job, self.expectations.place
        folder = expectations.begin(job)
        # Of its own: what is removed is shared by all trials.
        path = folder / self.victim
        top = folder / self.victim.split("/")[0]
        if top.is_symlink():
            source = top.resolve()
            top.unlink()
            shutil.copytree(source, top) if source.is_dir() else shutil.copy(source, top)
        process = place.start(folder, job.arguments, fault=f"read:{self.number}:stop")
        if stopped(process):
            if self.what == "removed":
                path.unlink()
            elif self.what == "cut":
                os.truncate(path, path.stat().st_size // 2)
            else:
                other = path.with_suffix(".other")
                other.write_bytes(path.read_bytes()[:100])
                other.rename(path)
            process.send_signal(signal.SIGCONT)
        output, errors = process.communicate(timeout=60)
        problems = expectations.check(job, folder, Result(process.returncode, output, errors))
        # What changes before it is looked for has always been so.
        if problems and process.returncode == 0 and tree(folder / "o") == self.afterwards(folder):
            problems = []
        shutil.rmtree(folder)
        return problems

    def afterwards(self, folder):
        """What the job leaves where the change is made before it begins."""
        shutil.rmtree(folder / "o")
        (folder / "o").mkdir()
        if self.job.begun:
            shutil.copytree(self.expectations.place.inputs / self.job.begun, folder / "o/run")
        self.expectations.place.run(folder, self.job.arguments)
        return tree(folder / "o")


# Of folders that are read, one that is.
FILES = {"labels": "labels/4.phn", "vq": "vq/log.jsonl", "hf-model": "hf-model/config.json"}


def changes(expectations, jobs, most):
    for job in jobs:
        victims = [argument for argument in job.arguments
                   if argument.endswith((".safetensors", ".pt", ".jsonl", ".npy", "ids.tsv")) and "o/" not in argument]
        victims += [file for folder, file in FILES.items() if folder in job.arguments and job.arguments[0] != "train"]
        victims += ["data/4.wav"] if "data" in job.arguments and job.arguments[0] != "report" else []
        reads = expectations.whole(job).counts["read"]
        for victim in victims:
            for number in range(1, reads + 1, max(1, reads // most)):
                for what in ["removed", "replaced", "cut"]:
                    yield Change(expectations, job, number, victim, what)


class ClosedFolder:
    """A folder that nobody may write to from the n-th call of a kind on. Its owner is no superuser, who may everything."""

    def __init__(self, expectations, job, kind, number):
        self.expectations, self.job, self.kind, self.number = expectations, job, kind, number

    def __str__(self):
        return f"{self.job.name}, read-only from {self.kind} {self.number} on"

    def run(self):
        expectations, job, place = self.expectations, self.job, self.expectations.place
        folder = expectations.begin(job)
        nobody, drop = 65534, None
        if os.getuid() == 0:
            for path in [folder, *folder.rglob("o*"), *(folder / "o").rglob("*")]:
                os.chown(path, nobody, nobody, follow_symlinks=False)
            def drop():
                os.setgid(nobody)
                os.setuid(nobody)
        process = place.start(folder, job.arguments, fault=f"{self.kind}:{self.number}:stop", before=drop)
        is_stopped = stopped(process)
        closed = [path for path in [folder / "o", *(folder / "o").rglob("*")] if path.is_dir()]
        if is_stopped:
            for path in closed:
                path.chmod(0o555)
            process.send_signal(signal.SIGCONT)
        output, errors = process.communicate(timeout=60)
        for path in closed:
            path.chmod(0o755)
        result = Result(process.returncode, output, errors)
        problems = expectations.check(job, folder, result, undone=False)
        if result.code != 0:
            problems += expectations.check_repetition(job, folder)
        shutil.rmtree(folder)
        return problems


def closed_folders(expectations, jobs, most):
    expectations.place.open()
    for job in jobs:
        counts = expectations.whole(job).counts
        for kind in ["open", "write", "rename"]:
            count = counts[kind] if expectations.whole(job).files else 0
            for number in range(1, count + 1, max(1, -(-count // most))):
                yield ClosedFolder(expectations, job, kind, number)


class FullDisk:
    """A disk of so many bytes, a tmpfs of its own."""

    def __init__(self, expectations, job, size):
        self.expectations, self.job, self.size = expectations, job, size

    def __str__(self):
        return f"{self.job.name}, a disk of {self.size} bytes"

    def run(self):
        expectations, job = self.expectations, self.job
        folder = expectations.begin(job)
        begun = list((folder / "o").iterdir())
        aside = folder / "aside"
        (folder / "o").rename(aside)
        (folder / "o").mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "none", str(folder / "o")]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            return ["cannot mount a tmpfs: it needs root"]
        try:
            for path in begun:
                subprocess.run(["cp", "-a", str(aside / path.name), str(folder / "o")], capture_output=True)
            if begun and subprocess.run(["diff", "-r", str(aside), str(folder / "o")], capture_output=True).returncode:
                return []  # Not even what is there already has room.
            result = expectations.place.run(folder, job.arguments)
            return expectations.check(job, folder, result)
        finally:
            subprocess.run(["umount", str(folder / "o")], check=True)
            shutil.rmtree(folder)


def full_disks(expectations, jobs, count):
    page = os.sysconf("SC_PAGE_SIZE")
    for job in jobs:
        whole = expectations.whole(job)
        sizes = [path.stat().st_size for path in whole.folder.rglob("*") if path.is_file()]
        pages = sum(-(-size // page) for size in sizes)
        for size in sorted({1 + pages * step // count for step in range(count)} if sizes else ()):
            yield FullDisk(expectations, job, size * page)


class Stall:
    """A pipe at whose other end nothing happens: the command waits, takes no time, and ends with SIGTERM."""

    def __init__(self, expectations, what):
        self.expectations, self.what = expectations, what

    def __str__(self):
        return f"quantize, {self.what} stalls"

    def run(self):
        place = self.expectations.place
        folder = place.trial()
        # More than a pipe holds.
        names = ["data/4.wav"] * 400
        model = ["-c", "vq/last.safetensors", "--threads", "1"]
        command = [place.program, "quantize", *model, *(["-"] if self.what == "standard input" else ["list.tsv"])]
        (folder / "list.tsv").write_text("data\n" + "".join("4.wav\t2700\n" for _ in names))
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(2)
        problems = [] if process.poll() is None else [f"does not wait, but ends with {process.returncode}"]
        if (seconds := spent(process.pid)) > 1.5:
            problems.append(f"waits busily: {seconds:.1f} s of processor time")
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            problems.append("does not end with SIGTERM")
        if process.returncode not in (143, -15):
            problems.append(f"ends with {process.returncode}, not with 143")
        process.stdin.close()
        process.stdout.close()
        shutil.rmtree(folder)
        return problems


def stalls(expectations):
    return [Stall(expectations, what) for what in ["standard input", "standard output"]]
