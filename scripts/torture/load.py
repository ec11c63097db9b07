"""A loaded machine: other numbers of threads than of the undisturbed job, processors that others use, stops in between. The output has
the same bytes."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import threading
import time

from expect import judged


@contextlib.contextmanager
def busy(processes):
    """So many processes that do nothing but compute."""
    started = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


class LoadTrial:
    """A job beside busy processes, stopped and continued at random times."""

    def __init__(self, expectations, job, threads, seed):
        self.expectations, self.job, self.threads, self.seed = expectations, job, threads, seed

    def __str__(self):
        return f"{self.job.name} with {self.threads} threads, stops of seed {self.seed}"

    def run(self):
        numbers, place = random.Random(self.seed), self.expectations.place
        folder = self.expectations.begin(self.job)
        with busy(2 * (os.cpu_count() or 1)):
            process = place.start(folder, self.arguments())
            stopping = threading.Thread(target=self.stop, args=(process, numbers))
            stopping.start()
            result = place.finish(process, limit=300)
            stopping.join()
        problems = self.expectations.check(self.job, folder, result)
        if result.code != 0:
            problems += judged(["fails"], result)
        shutil.rmtree(folder)
        return problems

    def arguments(self):
        arguments = list(self.job.arguments)
        if "--threads" in arguments:
            arguments[arguments.index("--threads") + 1] = str(self.threads)
        return arguments

    @staticmethod
    def stop(process, numbers):
        while process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(numbers.choice([signal.SIGSTOP, signal.SIGCONT]))
            time.sleep(numbers.uniform(0, 0.02))
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            time.sleep(numbers.uniform(0, 0.02))


def trials(expectations, jobs, seed):
    for number, job in enumerate(job for job in jobs if "--threads" in job.arguments):
        for threads in [2, 5]:
            yield LoadTrial(expectations, job, threads, seed + number)
