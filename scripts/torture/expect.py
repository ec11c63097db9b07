"""What a job leaves where nothing disturbs it, and what it may leave where something does."""

import re
import shutil
import threading
import time

from place import calls, is_temporary, temporaries, tree

# Another checkpoint, other clusters, other units: what an older output was made of.
OTHERS = {
    "vq/last.safetensors": "vq-begun/last.safetensors", "vq.pt": "vq-begun.pt",
    "w2v2.pt": "w2v2-begun.pt", "hf-model": "w2v2-begun.pt",
    "mfcc.safetensors": "mfcc-other.safetensors", "mfcc.npy": "mfcc-other.npy", "ids.jsonl": "ids-other.jsonl",
}


class Outcome:
    """What an undisturbed job leaves: files by name, standard output, calls by kind."""

    def __init__(self, result, files, counts, folder):
        self.result, self.files, self.counts, self.folder = result, files, counts, folder


class Expectations:
    def __init__(self, place):
        self.place, self.known, self.lock = place, {}, threading.RLock()

    def remembered(self, key, make):
        with self.lock:
            if key not in self.known:
                self.known[key] = make()
            return self.known[key]

    def begin(self, job, older=None, without=()):
        """A folder in which a job can run. `without`: recordings that cannot be used."""
        folder = self.place.trial(older)
        if job.begun:
            shutil.copytree(self.place.inputs / job.begun, folder / "o/run")
        if without:
            (folder / "data").unlink()
            (folder / "data").mkdir()
            for path in (self.place.inputs / "data").iterdir():
                if path.name in without:
                    (folder / "data" / path.name).touch()
                else:
                    (folder / "data" / path.name).symlink_to(path)
        return folder

    def whole(self, job, without=frozenset()):
        """The outcome of the undisturbed job."""
        def make():
            folder = self.begin(job, without=without)
            counts = folder / "counts"
            result = self.place.run(folder, job.arguments, counts=counts)
            if result.code != 0 and not without:
                raise SystemExit(f"{job.name} does not run undisturbed: {result.errors}")
            return Outcome(result, tree(folder / "o"), calls(counts), folder / "o")
        return self.remembered(("whole", job.name, without), make)

    def duration(self, job, launcher=None):
        """Seconds of the undisturbed job."""
        def make():
            folder = self.begin(job)
            start = time.monotonic()
            result = self.place.run(folder, job.arguments, program=launcher.command if launcher else None)
            if result.code != 0:
                raise SystemExit(f"{job.name} does not run undisturbed: {result.errors}")
            shutil.rmtree(folder)
            return time.monotonic() - start
        return self.remembered(("duration", job.name, launcher), make)

    def older(self, job):
        """A folder with an earlier output that the job replaces; nothing where it has none, or would go on with it."""
        if job.steps or not self.whole(job).files:
            return None

        def make():
            if "data" in job.arguments and job.arguments[0] != "report":
                return self.whole(job, frozenset(["0.wav"])).folder
            folder = self.begin(job)
            arguments = [OTHERS.get(argument, argument) for argument in job.arguments]
            result = self.place.run(folder, arguments)
            if result.code != 0:
                raise SystemExit(f"no older output of {job.name}: {result.errors}")
            return folder / "o"
        return self.remembered(("older", job.name), make)

    def states(self, job, without=frozenset()):
        """By file, all that a job with steps has there at any of them: it is killed at each name that it gives."""
        def make():
            whole = self.whole(job, without)
            states = {name: {value} for name, value in whole.files.items()}
            for number in range(1, whole.counts["rename"] + 1):
                folder = self.begin(job, without=without)
                self.place.run(folder, job.arguments, fault=f"rename:{number}:kill")
                self.add_states(states, folder)
            # A run that ends with an error saves its last whole update, whichever that is.
            for update in range(1, job.updates + 1) if job.is_training and not job.is_long else ():
                folder = self.begin(job)
                self.place.run(folder, job.arguments + ["--stop-after", str(update)])
                self.add_states(states, folder)
            return states
        return self.remembered(("states", job.name, without), make)

    @staticmethod
    def add_states(states, folder):
        for name, value in tree(folder / "o").items():
            states.setdefault(name, set()).add(value)
        shutil.rmtree(folder)

    def check(self, job, folder, result, older=None, undone=True):
        """What is wrong with how a disturbed job has ended, a line each. `undone`: whether the job could put back what was
        there before and remove what it had begun, which nothing can that is killed."""
        problems = []
        now = tree(folder / "o")
        undone = undone and result.code != -9

        before = tree(older) if older else tree(self.place.inputs / job.begun) if job.begun else {}
        if job.begun:
            before = {f"run/{name}": value for name, value in before.items()}
        if undone and (found := temporaries(folder / "o")):
            problems.append(f"leaves {found}")
        if result.code == 0:
            whole = self.whole(job)
            if differing := [name for name in {*whole.files, *now} if now.get(name) != whole.files.get(name)]:
                problems.append(f"succeeds, but {differing} differ")
            if result.output != whole.result.output:
                problems.append("succeeds, but standard output differs")
            return problems
        if result.code != -9 and (problem := result.problem()):
            problems.append(problem)
        without = frozenset(
            name for line in result.errors.splitlines() for name in re.findall(r"data/(\d\.wav)", line)
            if line.startswith("error: ")) if job.arguments[0] not in ("train", "report") else frozenset()
        return problems + self.check_files(job, now, before, without, undone)

    def check_files(self, job, now, before, without, undone):
        files = self.whole(job, without).files
        now = {name: value for name, value in now.items() if undone or not is_temporary(name)}
        if job.steps:
            states = self.states(job, without)
            return [f"{name} is no state of the job" for name, value in now.items()
                    if value != before.get(name) and value not in states.get(name, ()) and not (
                        name.endswith("log.jsonl") and files.get(name, "").startswith(value))]
        if job.is_folder:
            return [f"{name} is neither what it was nor whole" for name in {*now, *before}
                    if now.get(name) not in (before.get(name), files.get(name))]
        if now == before or now == files:
            return []
        wrong = [name for name, value in now.items() if value not in (before.get(name), files.get(name))]
        if wrong:
            return [f"{wrong} are neither what they were nor whole"]
        # The output itself is the last to appear.
        if not undone and job.output(files) not in now:
            return []
        return [f"a mixture: {sorted(now)} of which new {sorted(n for n in now if now[n] == files.get(n) != before.get(n))}, "
                f"of {sorted(files)}"]

    def check_repetition(self, job, folder, older=None):
        """Whether the job can be repeated as if nothing had been."""
        # What is there already is the older output.
        inodes = {path: path.stat().st_ino for path in (folder / "o").rglob("*.npy")}
        has_checkpoint = (folder / "o/run/last.safetensors").exists()
        arguments = job.arguments if older else job.repetition(has_checkpoint)
        result = self.place.run(folder, arguments)
        whole, now = self.whole(job), tree(folder / "o")
        problems = [] if result.code == 0 else [f"cannot be repeated: {result.errors[-300:]!r}"]
        if differing := [name for name in {*whole.files, *now} if now.get(name) != whole.files.get(name)]:
            problems.append(f"repeated, but {differing} differ")
        if found := temporaries(folder / "o"):
            problems.append(f"repeated, but leaves {found}")
        if not older and job.is_folder and (new := [str(path) for path, inode in inodes.items() if path.stat().st_ino != inode]):
            problems.append(f"repeated, but makes {new} again")
        return problems
