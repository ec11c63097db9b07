#!/usr/bin/env python3
"""Runs the command lines of the documentation: test-docs.py [PROGRAM] [FILE.md...]

Each block of shell lines runs in a folder of its own, which has what the lines name: small models under the names of the
published ones, recordings, lists, labels. Trainings end after two updates. `make` is asked whether it has such a target.
`mpirun`, `srun`, `sbatch` and GNU parallel have stand-ins that start the program once, or once for each value: real ones are
run by test-mpi.sh. Lines with blanks to fill in (FILE, NAME, …), and commands within sentences, are compared with --help.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent / "docs-test"
# What a block of shell lines begins with, after a prompt; other blocks are output, formulas or other languages.
COMMANDS = "vqw2v make sbatch mpirun srun find mkdir parallel ffmpeg scripts/ cat awk (pwd VQW2V_MPI #!/bin/ swift export".split()
# Builds, packages and other hosts: what runs these is named in scripts/README.md.
ELSEWHERE = re.compile(r"swift build|scripts/(build-static|test-mpi|compare-recipes)\.(sh|py)|pkg-config|pip install|--host |LD_LIBRARY_PATH")
BLANKS = re.compile(r"…|\b(FILE|PATH|DATA|DIR|NAME|INPUT|OUTPUT|CHECKPOINT|FOLDER|RUN|K|N)\b")


def blocks(text):
    """Shell blocks: number of the first line, and lines without their indentation."""
    lines, index = text.split("\n"), 0
    while index < len(lines):
        line = lines[index]
        mark = re.match(r" *```(\w*)", line)
        if mark:
            end = next(i for i in range(index + 1, len(lines)) if lines[i].strip() == "```")
            if mark[1] in ("sh", "bash", ""):
                yield index + 2, lines[index + 1:end]
            index = end + 1
        elif line.startswith("    ") and not lines[index - 1].strip():
            end = index
            while end < len(lines) and lines[end].startswith("    "):
                end += 1
            indent = min(len(line) - len(line.lstrip()) for line in lines[index:end])
            yield index + 1, [line[indent:] for line in lines[index:end]]
            index = end
        else:
            index += 1


def commands(lines):
    """The commands of a block, continued lines joined; nothing for a block that is no shell."""
    lines = [line[2:] if line.startswith("$ ") else line for line in lines if line.strip()]
    if not lines or not lines[0].startswith(tuple(COMMANDS)):
        return []
    if lines[0].startswith("#!"):
        return ["\n".join(lines)]
    joined = re.sub(r"\\\n *", "", "\n".join(lines))
    # A synopsis goes on in lines that are indented further; what is printed follows a prompt.
    joined = re.sub(r"\n {6,}", " ", joined)
    return [line for line in joined.split("\n") if line.startswith(tuple(COMMANDS))]


class Checker:
    def __init__(self, program, base):
        self.program, self.base, self.helps = program, base, {}
        self.counts, self.failures = {"run": 0, "compared with --help": 0, "asked of make": 0, "run elsewhere": 0}, []

    def options(self, command):
        if command not in self.helps:
            result = subprocess.run([self.program, command, "--help"], capture_output=True, text=True)
            self.helps[command] = result.stdout if result.returncode == 0 else None
        return self.helps[command]

    def compare(self, where, line):
        """Whether the command has the options that a line names."""
        self.counts["compared with --help"] += 1
        words = line.split()
        if len(words) < 2 or not re.fullmatch(r"[a-z]+", words[1]):
            return
        text = self.options(words[1])
        if text is None:
            self.failures.append(f"{where}: there is no command {words[1]}: {line}")
            return
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.split(" #")[0]):
            if not re.search(rf"(?<![\w-]){option}(?![\w-])", text):
                self.failures.append(f"{where}: vqw2v {words[1]} has no {option}: {line}")

    def make(self, where, line):
        self.counts["asked of make"] += 1
        line = line.split("  #")[0].split(" # ")[0]
        result = subprocess.run(["bash", "-c", line.replace("make ", "make -n ", 1)], cwd=ROOT, capture_output=True, text=True)
        if result.returncode != 0:
            self.failures.append(f"{where}: {line}: {result.stderr.strip()}")

    @staticmethod
    def new_runs(script):
        """Folders in which a training begins: it refuses one that holds a run."""
        seen = {}
        for line in script.split("\n"):
            found = re.search(r"\btrain .*(?:--output|-o) (\S+)", line)
            if found and "--dry-run" not in line:
                seen.setdefault(found[1], "resume" not in line)
        return [folder for folder, is_new in seen.items() if is_new]

    def run(self, where, lines):
        self.counts["run"] += len(lines)
        with tempfile.TemporaryDirectory() as folder:
            place = f"{folder}/place"
            shutil.copytree(self.base, place, symlinks=True)
            script = "\n".join(lines)
            for run in self.new_runs(script):
                shutil.rmtree(f"{place}/{run}", ignore_errors=True)
            result = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script], cwd=place, capture_output=True, text=True,
                env={"PATH": f"{HERE}:{pathlib.Path(self.program).parent}:/usr/local/bin:/usr/bin:/bin", "HOME": folder,
                     "VQW2V": self.program, "MODEL": f"{place}/best.safetensors", "SLURM_ARRAY_TASK_ID": "2",
                     "SLURM_CPUS_PER_TASK": "1"})
        if result.returncode != 0:
            self.failures.append(f"{where}: exit code {result.returncode}\n{script}\n{result.stderr[-600:]}")

    def block(self, name, number, lines):
        here, lines = [], commands(lines)
        if any(line.startswith("sbatch ") for line in lines):
            self.counts["run elsewhere"] += len(lines)
            return
        for line in lines:
            where = f"{name}:{number}"
            if line.startswith("make "):
                self.make(where, line)
            elif ELSEWHERE.search(line):
                self.counts["run elsewhere"] += 1
            elif BLANKS.search(line.split(" #")[0].replace("SLURM", "")) and not line.startswith("#!"):
                self.compare(where, line)
            else:
                here.append(line)
        if here:
            self.run(f"{name}:{number}", here)

    def sentences(self, name, text):
        for number, line in enumerate(text.split("\n"), 1):
            for code in re.findall(r"`([^`]+)`", line):
                if code.startswith("vqw2v ") and not code.startswith("vqw2v ="):
                    self.compare(f"{name}:{number}", code)
                elif re.match(r"make [a-z-]+$", code):
                    self.make(f"{name}:{number}", code)


def main():
    arguments = sys.argv[1:]
    program = str((ROOT / ".build/release/vqw2v").resolve())
    if arguments and not arguments[0].endswith(".md"):
        program = str(pathlib.Path(arguments.pop(0)).resolve())
    files = arguments or ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    with tempfile.TemporaryDirectory() as base:
        subprocess.run([HERE / "prepare.sh", ROOT, program], cwd=base, check=True)
        checker = Checker(program, base)
        for name in files:
            text = (ROOT / name).read_text(encoding="utf-8")
            for number, lines in blocks(text):
                checker.block(name, number, lines)
            checker.sentences(name, text)
    for failure in checker.failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(", ".join(f"{count} {what}" for what, count in checker.counts.items()))
    sys.exit(bool(checker.failures))


main()
