"""What a job leaves where nothing disturbs it, and what it may leave where something does."""

import re
import shutil
import signal
import threading
import time

from place import calls, is_temporary, temporaries, tree, words

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


def unread(job, result):
    """The recordings that a command names in its error lines as those that it could not use, having gone on without them."""
    is_refused = result.code in (1, 2) and "of the inputs could not be used" not in result.errors
    if job.arguments[0] in ("train", "report", "evaluate") or is_refused:
        return frozenset()
    return frozenset(name for line in result.error_lines for name in re.findall(r"data/(\d\.wav)", line))


def judged(problems, result, without=()):
    """Problems with what they can be judged by when the trial is gone."""
    return [f"{problem} ({result.evidence(without)})" for problem in problems]


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

    def undisturbed(self, job, folder, arguments=None, code=0, without=frozenset(), **more):
        """Runs the job where nothing disturbs it. Where it ends otherwise than it should, something has, and the
        torture ends: trials are judged by what this run leaves."""
        result = self.place.run(folder, arguments or job.arguments, **more)
        if result.code != code or unread(job, result) != without:
            raise SystemExit(
                f"{job.name} was disturbed where nothing should: expected code {code}, unread {words(without)}; "
                f"there was {result.evidence(unread(job, result))}")
        return result

    def whole(self, job, without=frozenset()):
        """The outcome of the undisturbed job."""
        def make():
            folder = self.begin(job, without=without)
            counts = folder / "counts"
            result = self.undisturbed(job, folder, code=1 if without else 0, without=without, counts=counts)
            return Outcome(result, tree(folder / "o"), calls(counts), folder / "o")
        return self.remembered(("whole", job.name, without), make)

    def duration(self, job, launcher=None):
        """Seconds of the undisturbed job."""
        def make():
            folder = self.begin(job)
            start = time.monotonic()
            self.undisturbed(job, folder, program=launcher.command if launcher else None)
            seconds = time.monotonic() - start
            shutil.rmtree(folder)
            return seconds
        return self.remembered(("duration", job.name, launcher), make)

    def older(self, job):
        """A folder with an earlier output that the job replaces; nothing where it has none, or would go on with it."""
        if job.steps or not self.whole(job).files:
            return None

        def make():
            if "data" in job.arguments and job.arguments[0] != "report":
                return self.whole(job, frozenset(["0.wav"])).folder
            folder = self.begin(job)
            self.undisturbed(job, folder, [OTHERS.get(argument, argument) for argument in job.arguments])
            return folder / "o"
        return self.remembered(("older", job.name), make)

    def states(self, job, without=frozenset()):
        """By file, all that a job with steps has there at any of them: it is killed at each name that it gives."""
        def make():
            whole = self.whole(job, without)
            states = {name: {value} for name, value in whole.files.items()}
            for number in range(1, whole.counts["rename"] + 1):
                folder = self.begin(job, without=without)
                self.undisturbed(job, folder, code=-signal.SIGKILL, without=without, fault=f"rename:{number}:kill")
                self.add_states(states, folder)
            # A run that ends with an error saves its last whole update, whichever that is.
            for update in range(job.first_update, job.updates + 1) if job.is_training and not job.is_long else ():
                folder = self.begin(job)
                self.undisturbed(job, folder, job.arguments + ["--stop-after", str(update)])
                self.add_states(states, folder)
            return states
        return self.remembered(("states", job.name, without), make)

    @staticmethod
    def add_states(states, folder):
        for name, value in tree(folder / "o").items():
            states.setdefault(name, set()).add(value)
        shutil.rmtree(folder)

    def check(self, job, folder, result, older=None, undone=True, kills=False):
        """What is wrong with how a disturbed job has ended, a line each. `undone`: whether the job could put back what was
        there before and remove what it had begun, which nothing killed can. `kills`: whether the trial kills it."""
        without = unread(job, result)
        return judged(self.problems(job, folder, result, without, older, undone, kills), result, without)

    def problems(self, job, folder, result, without, older, undone, kills):
        problems = []
        now = tree(folder / "o")
        is_killed = kills and result.code == -signal.SIGKILL
        undone = undone and not is_killed

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
        if not is_killed and (problem := result.problem()):
            problems.append(problem)
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
        problems = [] if result.code == 0 else ["cannot be repeated"]
        if differing := [name for name in {*whole.files, *now} if now.get(name) != whole.files.get(name)]:
            problems.append(f"repeated, but {differing} differ")
        if found := temporaries(folder / "o"):
            problems.append(f"repeated, but leaves {found}")
        if not older and job.is_folder and (new := [str(path) for path, inode in inodes.items() if path.stat().st_ino != inode]):
            problems.append(f"repeated, but makes {new} again")
        return judged(problems, result, unread(job, result))

    def check_done(self, job, folder, arguments):
        """Whether a command that is run once more leaves all that is there as it is."""
        def files():
            # The description of a folder, to which several may write, is written by each.
            found = {path: path.lstat() for path in (folder / "o").rglob("*")
                     if not path.is_dir() and not (job.is_folder and path.suffix == ".json")}
            return {str(path.relative_to(folder)): (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}
        before, result, after = files(), self.place.run(folder, arguments), files()
        problems = [] if result.code == 0 else ["cannot be run once more"]
        if differing := sorted(name for name in {*before, *after} if before.get(name) != after.get(name)):
            problems.append(f"was done, but makes {differing} again")
        return judged(problems, result, unread(job, result))
