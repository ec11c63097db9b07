"""Every call on files fails once, in every way: the command ends with a line, what was there stays, nothing is torn."""

import itertools
import shutil

# Kinds of calls, and what happens to them: numbers of errors (5: EIO, 28: ENOSPC, 24: EMFILE), a part of the bytes.
FAULTS = {
    "open": ["5", "28", "24"], "read": ["5", "short"], "write": ["28", "28+", "5", "short", "4"], "stdout": ["28", "5", "short", "4"],
    "sync": ["5", "28+"], "rename": ["5", "28"], "close": ["5"], "mkdir": ["28"], "truncate": ["5"],
}


def fault(kind, number, what):
    return f"{kind}:{number}{'+' if what.endswith('+') else ''}:{what.rstrip('+')}"


def faults(counts, most, kinds):
    """Of every kind of call all numbers, or `most` of them at equal distances."""
    for kind, count in counts.items():
        if kind not in kinds:
            continue
        step = max(1, -(-count // most))
        for number, what in itertools.product(range(1, count + 1, step), kinds[kind]):
            yield kind, number, what


class FaultTrial:
    """A job with one fault."""

    def __init__(self, expectations, job, kind, number, what):
        self.expectations, self.job = expectations, job
        self.kind, self.number, self.what = kind, number, what

    def __str__(self):
        return f"{self.job.name}, {fault(self.kind, self.number, self.what)}"

    def run(self):
        """What is wrong, a line each."""
        expectations, job = self.expectations, self.job
        older = expectations.older(job) if self.number % 2 else None
        folder = expectations.begin(job, older)
        result = expectations.place.run(folder, job.arguments, fault=fault(self.kind, self.number, self.what))
        problems = expectations.check(job, folder, result, older)
        # What had to be retried must not show.
        if self.what in ("short", "4") and result.code != 0:
            problems.append(f"does not go on ({result.evidence()})")
        if result.code != 0 and not (older and job.is_folder):
            problems += expectations.check_repetition(job, folder, older)
        shutil.rmtree(folder)
        return problems


def trials(expectations, jobs, most):
    for job in jobs:
        for kind, number, what in faults(expectations.whole(job).counts, most, FAULTS):
            yield FaultTrial(expectations, job, kind, number, what)
