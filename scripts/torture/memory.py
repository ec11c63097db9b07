"""Memory runs out: at an allocation, and at a limit of the address space. A line and a code for failures, never a trap."""

import random
import resource
import shutil

from faults import FaultTrial


def allocations(expectations, jobs, count):
    """Allocations that fail, `count` of each job's: the first ones, and others at random; those from the first name on, up to
    twice as many, at equal distances; and every mapping of memory."""
    numbers = random.Random(1)
    for job in jobs:
        calls = expectations.whole(job).counts
        chosen = {*range(1, count // 4), *(numbers.randint(1, calls["malloc"]) for _ in range(count - count // 4))}
        for number in sorted(chosen):
            yield FaultTrial(expectations, job, "malloc", number, "12")
        step = max(1, -(-calls["naming"] // (2 * count)))
        for number in range(1, calls["naming"] + 1, step):
            yield FaultTrial(expectations, job, "naming", number, "12")
        for number in range(1, calls["mmap"] + 1):
            yield FaultTrial(expectations, job, "mmap", number, "12")


class LimitTrial:
    """A job that may take no more than so much of something."""

    def __init__(self, expectations, job, kind, limit):
        self.expectations, self.job, self.kind, self.limit = expectations, job, kind, limit

    def __str__(self):
        return f"{self.job.name}, {'address space' if self.kind == resource.RLIMIT_AS else 'open files'} of {self.limit}"

    def run(self):
        job, expectations = self.job, self.expectations
        folder = expectations.begin(job)
        result = expectations.place.run(
            folder, job.arguments, before=lambda: resource.setrlimit(self.kind, (self.limit, self.limit)))
        # Less than the libraries need is an error of what loads them.
        if result.code == 127 and not result.error_lines:
            shutil.rmtree(folder)
            return []
        problems = expectations.check(job, folder, result)
        if result.code != 0:
            problems += expectations.check_repetition(job, folder)
        shutil.rmtree(folder)
        return problems


def needed(expectations, job):
    """The least address space with which a job succeeds, in bytes, to within 2 MB."""
    low, high = 0, 16 << 30
    while high - low > 2 << 20:
        middle = (low + high) // 2
        folder = expectations.begin(job)
        result = expectations.place.run(
            folder, job.arguments, before=lambda: resource.setrlimit(resource.RLIMIT_AS, (middle, middle)))
        shutil.rmtree(folder)
        low, high = (low, middle) if result.code == 0 else (middle, high)
    return high


def address_spaces(expectations, jobs, count):
    """Limits at equal distances below what a job needs."""
    for job in jobs:
        most = needed(expectations, job)
        for step in range(count):
            yield LimitTrial(expectations, job, resource.RLIMIT_AS, most * (step + 1) // (count + 1))


def descriptors(expectations, jobs):
    """From too few open files for anything to enough."""
    for job in jobs:
        every = job.name.startswith(("train-vq", "quantize-tsv", "report"))
        for limit in [*range(3, 16), *range(16, 40, 1 if every else 4)]:
            yield LimitTrial(expectations, job, resource.RLIMIT_NOFILE, limit)
