"""Tortures the built program: python3 scripts/torture PROGRAM [PART…]. Prints figures; exits with 1 where anything is wrong."""

import argparse
import os
import collections
import concurrent.futures
import sys
import time

import changes
import faults
import jobs
import kills
import load
import memory
import scale
from expect import Expectations
from place import Place


class Findings:
    """What is wrong, shown as it is found: not more than a few of each part's."""

    most = 40

    def __init__(self):
        self.count = collections.Counter()

    def add(self, part, trial, problems):
        for problem in problems:
            self.count[part] += 1
            if self.count[part] <= self.most:
                print(f"FOUND {trial}: {problem}", flush=True)

    def text(self, part):
        count = self.count[part]
        return f"{count} findings" + (f" ({count - self.most} of them not shown)" if count > self.most else "")


def run_all(part, trials, findings, workers):
    """Runs trials side by side, and says how many of them there were."""
    start, count = time.monotonic(), 0

    def run(trial):
        return trial, trial.run()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for trial, problems in pool.map(run, trials):
            count += 1
            findings.add(part, trial, problems)
    print(f"{part}: {count} trials, {findings.text(part)}, {time.monotonic() - start:.0f} s", flush=True)


def short(chosen):
    return [job for job in chosen if not job.is_long]


PARTS = {
    "kills": lambda options, expectations, chosen: kills.timed(expectations, chosen, options.kills, options.seed),
    "kills-placed": lambda options, expectations, chosen: kills.placed(expectations, short(chosen), options.most),
    "kills-mpi": lambda options, expectations, chosen: kills.several(
        expectations, chosen, options.kills, options.seed, options.mpi) if options.mpi else [],
    "faults": lambda options, expectations, chosen: faults.trials(expectations, short(chosen), options.most),
    "disks": lambda options, expectations, chosen: changes.full_disks(expectations, short(chosen), min(options.most, 8)),
    "allocations": lambda options, expectations, chosen: memory.allocations(expectations, short(chosen), options.allocations),
    "memory": lambda options, expectations, chosen: memory.address_spaces(expectations, short(chosen), min(options.most, 12)),
    "descriptors": lambda options, expectations, chosen: memory.descriptors(expectations, short(chosen)),
    "changes": lambda options, expectations, chosen: changes.changes(expectations, short(chosen), min(options.most, 12)),
    "folders": lambda options, expectations, chosen: changes.closed_folders(expectations, short(chosen), min(options.most, 12)),
    "load": lambda options, expectations, chosen: load.trials(expectations, chosen, options.seed),
    "stalls": lambda options, expectations, chosen: changes.stalls(expectations),
    "scale": lambda options, expectations, chosen: scale.trials(expectations, options.scale),
}


def main():
    parser = argparse.ArgumentParser(prog="torture", description=__doc__)
    parser.add_argument("program")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--jobs", default="", help="only jobs whose names begin with one of these, by commas")
    parser.add_argument("--most", type=int, default=10**9, help="of each kind of call no more than so many fail")
    parser.add_argument("--kills", type=int, default=100, help="kills of training, of several processes, and of the rest")
    parser.add_argument("--allocations", type=int, default=60, help="that fail, of each job")
    parser.add_argument("--scale", type=float, default=1, help="share of the files, updates and minutes of the part scale")
    parser.add_argument("--seed", type=int, default=1, help="of the times of kills")
    parser.add_argument("--mpi", metavar="PROGRAM", help="one that is built with --traits MPI, for kills-mpi")
    parser.add_argument("--workers", type=int, default=2, help="trials at a time")
    options = parser.parse_intermixed_args()
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part {unknown[0]}: there are {', '.join(PARTS)}")
    # Faults are for processes of this name alone, not for those that start them.
    if os.path.basename(options.program) != "vqw2v":
        parser.error(f"{options.program}: the program has to be called vqw2v")
    place, findings = Place(options.program), Findings()
    try:
        expectations = Expectations(place)
        prefixes = tuple(options.jobs.split(","))
        chosen = [job for job in jobs.jobs() if job.name.startswith(prefixes)]
        for part in options.parts or PARTS:
            run_all(part, PARTS[part](options, expectations, chosen), findings, options.workers)
    finally:
        place.close()
    sys.exit(1 if findings.count else 0)


main()
