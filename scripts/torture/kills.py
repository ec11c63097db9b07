"""SIGKILL at any moment: nothing torn, and what goes on ends with the bytes of an undisturbed run."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time

from events import Events
from faults import faults
from place import Result, status
from shards import Shards

# Calls that change files: killed just before each of them.
KILLS = {kind: ["kill"] for kind in ["write", "sync", "rename", "mkdir", "truncate"]}


class PlacedKill:
    """A job that is killed at one of its calls."""

    def __init__(self, expectations, job, kind, number):
        self.expectations, self.job, self.fault = expectations, job, f"{kind}:{number}:kill"
        self.older = expectations.older(job) if number % 2 else None

    def __str__(self):
        return f"{self.job.name}, {self.fault}"

    def run(self):
        folder = self.expectations.begin(self.job, self.older)
        events = Events(folder / "o/run")
        result = self.expectations.place.run(folder, self.job.arguments, fault=self.fault)
        events.note(result.code == -signal.SIGKILL)
        problems = self.expectations.check(self.job, folder, result, self.older, kills=True)
        if not (self.older and self.job.is_folder):
            problems += self.expectations.check_repetition(self.job, folder, self.older)
        if self.job.is_training:
            problems += events.check(self.expectations.whole(self.job).files["run/log.jsonl"])
        shutil.rmtree(folder)
        return problems


class TimedKill:
    """A job that is killed at random times, up to three times one after the other."""

    def __init__(self, expectations, job, seed, launcher=None):
        self.expectations, self.job, self.seed, self.launcher = expectations, job, seed, launcher

    def __str__(self):
        return f"{self.job.name}, killed at times of seed {self.seed}"

    def run(self):
        numbers, place = random.Random(self.seed), self.expectations.place
        folder, problems = self.expectations.begin(self.job), []
        events = Events(folder / "o/run")
        for _ in range(numbers.choice([1, 1, 2, 3])):
            arguments = self.job.repetition((folder / "o/run/last.safetensors").exists())
            duration = self.expectations.duration(self.job, self.launcher)
            if self.launcher:
                result = self.launcher.killed(place, folder, arguments, numbers, duration)
            else:
                result = place.run(folder, arguments, killed=numbers.uniform(0, duration))
            events.note(result.code == -signal.SIGKILL)
            problems += self.expectations.check(self.job, folder, result, kills=True)
        problems += self.expectations.check_repetition(self.job, folder)
        if self.job.is_training:
            problems += events.check(self.expectations.whole(self.job).files["run/log.jsonl"])
        if self.job.skips:
            problems += self.expectations.check_done(self.job, folder, self.job.repetition(False))
        shutil.rmtree(folder)
        return problems


class Launcher:
    """mpirun with a program that is built for it; one of its processes is killed, or all."""

    def __init__(self, program, processes=2):
        self.command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", str(processes), program]

    def killed(self, place, folder, arguments, numbers, duration):
        process = place.start(folder, arguments, program=self.command)
        time.sleep(numbers.uniform(0, duration))
        ranks = self.ranks(process.pid)
        if ranks and numbers.random() < 0.5:
            self.kill(numbers.choice(ranks))
        else:
            os.killpg(process.pid, signal.SIGKILL)
            for rank in ranks:
                self.kill(rank)
        living = []
        try:
            process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            # mpirun of Open MPI 4.1 can wait for a lock of its own (PMIx_server_finalize) when all its processes have ended.
            living = [rank for rank in self.ranks(process.pid) if self.is_living(rank)]
            for rank in living:
                self.kill(rank)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        return Result(None if living else -signal.SIGKILL, b"", b"")

    @staticmethod
    def ranks(parent):
        children = []
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as file:
                children = [int(child) for child in file.read().split()]
        except OSError:
            pass
        return children

    @staticmethod
    def is_living(rank):
        try:
            return status(rank)[0] != "Z"
        except OSError:
            return False

    @staticmethod
    def kill(rank):
        # It may have ended by itself meanwhile.
        with contextlib.suppress(ProcessLookupError):
            os.kill(rank, signal.SIGKILL)


def placed(expectations, jobs, most):
    for job in jobs:
        for kind, number, _ in faults(expectations.whole(job).counts, most, KILLS):
            yield PlacedKill(expectations, job, kind, number)


def timed(expectations, jobs, count, seed):
    """So many of training of either family, and so many of all else; a tenth of that of each format in shards."""
    training = [job for job in jobs if job.name.startswith("long-")]
    others = [job for job in jobs if not job.is_training and expectations.whole(job).files]
    for group in [training, others]:
        for number in range(count if group else 0):
            yield TimedKill(expectations, group[number % len(group)], seed + number)
    for number in range(count // 10):
        for job in jobs:
            if job.is_divided:
                yield Shards(expectations, job, seed + number)


def several(expectations, jobs, count, seed, program):
    """Of a run of two processes."""
    launcher = Launcher(program)
    many = [job for job in jobs if job.name.startswith("many-")]
    for number in range(count if many else 0):
        yield TimedKill(expectations, many[number % len(many)], seed + number, launcher)
