"""Runs all works of both sides in turn, each call in a process of its own, and prints one table."""
import argparse
import array
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import table
import works

HERE = os.path.dirname(os.path.abspath(__file__))


def cpu_seconds():
    """Of all processes, and of our children; the first is not known everywhere."""
    children = os.times()
    own = children.user + children.system + children.children_user + children.children_system
    try:
        with open("/proc/stat") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
    except OSError:
        return None, own
    busy = sum(ticks) - ticks[3] - ticks[4]
    return busy / os.sysconf("SC_CLK_TCK"), own


def run(side):
    """One process: its seconds, its peak of memory, how many cores others used meanwhile, and what it has found."""
    environment = {**os.environ, **side.environment, "PYTHONPATH": HERE}
    (busy, own), start = cpu_seconds(), time.perf_counter()
    process = subprocess.Popen(
        side.command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(side.command)} failed:\n{errors[-2000:]}")
    busy_after, own_after = cpu_seconds()
    # The system counts in hundredths of a second.
    known = busy is not None and wall > 1
    other = max(0, busy_after - busy - (own_after - own)) / wall if known else 0
    if side.reports:
        report = json.loads(output.strip().splitlines()[-1])
        return report["seconds"], report["peak"], other, report.get("inertia")
    unit = 1 if sys.platform == "darwin" else 1024
    return [wall], usage.ru_maxrss * unit, other, side.answer and side.answer(output)


def ids_of(side):
    with open(side.ids) as file:
        return file.read().split()


def same_share(ids, reference):
    if isinstance(ids, float):
        return f"inertia {ids / reference:.3f} ×"
    if len(ids) != len(reference):
        return "other number"
    same = sum(a == b for a, b in zip(ids, reference))
    return "all" if same == len(reference) else f"{100 * same / len(reference):.2f} %"


def difference(path, reference):
    """The largest difference between frames, as a share of the largest value; and nothing where they do not fit."""
    frames = []
    for name in (path, reference):
        frames.append(array.array("f"))
        with open(name, "rb") as file:
            frames[-1].frombytes(file.read())
    if len(frames[0]) != len(frames[1]):
        return "other number"
    largest = max(map(abs, frames[1]))
    return f"within {max(abs(a - b) for a, b in zip(*frames)) / largest:.0e}"


def summary(samples):
    seconds = [second for sample in samples for second in sample[0]]
    return {
        "median": statistics.median(seconds), "min": min(seconds), "max": max(seconds), "n": len(seconds),
        "peak": max(sample[1] for sample in samples),
    }


def hopeless(work, name, samples):
    """Whether a way of the peer was far from its best in the first round, and need not be run again."""
    if name in ("ours", "shipped"):
        return False
    medians = {
        other: summary(samples[work.key, other])["median"] for other in work.sides
        if other not in ("ours", "shipped")
    }
    return medians[name] > 1.3 * min(medians.values())


def drop_hopeless(work, earlier, samples):
    """Leaves out what was far from the best at a work of the same kind: more crops, another quantizer."""
    def kind(key):
        return key.removeprefix("bf16-").split("-")[0], key.startswith("bf16-")

    for other in earlier:
        if kind(other.key) == kind(work.key):
            for name in [name for name in work.sides if name in other.sides and hopeless(other, name, samples)]:
                del work.sides[name]


def measure(works_to_do, rounds, log):
    """All sides of a work take turns, round after round."""
    samples, ids, other = {}, {}, 0
    for number in range(rounds):
        for work in works_to_do:
            if work.once and number > 0:
                continue
            if number == 0:
                drop_hopeless(work, works_to_do[:works_to_do.index(work)], samples)
            for name, side in work.sides.items():
                if number > 0 and hopeless(work, name, samples):
                    continue
                calls = [run(side) for _ in range(work.calls)]
                other = max(other, *(call[2] for call in calls))
                samples.setdefault((work.key, name), []).extend(calls)
                if side.ids:
                    ids[work.key, name] = ids_of(side)
                elif calls[0][3]:
                    ids[work.key, name] = calls[0][3]
                log(f"round {number + 1}: {work.title}: {name}: "
                    + " ".join(f"{second:.3f}" for call in calls for second in call[0]) + " s")
    return samples, ids, other


def result_of(work, samples, ids, rates, costs):
    sides = {name: summary(samples[work.key, name]) for name in work.sides}
    reference = ids.get((work.key, "shipped"))
    for name, side in work.sides.items():
        if reference and (work.key, name) in ids:
            sides[name]["ids"] = same_share(ids[work.key, name], reference)
        if side.frames and "shipped" in work.sides:
            sides[name]["ids"] = difference(side.frames, work.sides["shipped"].frames)
    same = [n for n in work.sides if n not in ("ours", "shipped")]
    limits = None
    if work.cost:
        cost = costs[work.cost]
        limits = {
            "compute": work.times * cost["operations"] / rates[work.rate],
            "direct": work.times * cost["directOperations"] / rates[work.rate],
            "memory": work.times * cost["bytes"] / rates["copy"],
        }
        limits["seconds"] = max(limits["compute"], limits["memory"])
    elif work.bytes:
        limits = {"memory": work.bytes / rates["copy"]}
        limits["seconds"] = limits["memory"]
    return {
        "key": work.key, "title": work.title, "audio": work.audio, "sides": sides,
        "best": min(same, key=lambda name: sides[name]["median"]) if same else None, "bound": limits,
        "ids": sides["ours"].get("ids"),
    }


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(python):
    code = ("from importlib.metadata import distributions as all; import json; "
            "print(json.dumps({one.metadata['Name']: one.version for one in all()}))")
    known = json.loads(subprocess.check_output([python, "-c", code], text=True))
    names = {"torch": "torch", "fairseq": "fairseq-fixed", "fastabx": "fastabx", "scikit-learn": "scikit-learn"}
    return {name: known.get(package) for name, package in names.items()}


def prepare(paths, hour, inputs):
    """Checkpoints, recordings and units, which later calls use again."""
    os.makedirs(paths["folder"], exist_ok=True)
    if "units" in inputs:
        subprocess.check_call([paths["python"], f"{HERE}/prepare_units.py", f"{paths['folder']}/units"])
    if "model" not in inputs:
        return
    for kind in ("gumbel", "kmeans"):
        path = f"{paths['folder']}/{kind}-random.safetensors"
        if not os.path.exists(path):
            subprocess.check_call([paths["timings"], "checkpoint", "--kind", kind, "--output", path])
    path = f"{paths['folder']}/wav2vec2.safetensors"
    if not os.path.exists(path):
        subprocess.check_call([paths["timings"], "base", "checkpoint", "--output", path])
    subprocess.check_call(
        [paths["python"], f"{HERE}/prepare.py", paths["folder"], *(["hour"] if hour else [])])


def speed_ups(works_to_do, threads, log, rounds=5):
    """Ours with one thread against several, in turn: an update and 15 s of tokens."""
    result = {}
    for work in works_to_do:
        if work.key not in ("update-gumbel-1", "tokens-15") or threads == 1:
            continue
        several = work.sides["ours"]
        command = list(several.command)
        command[command.index("--threads") + 1] = "1"
        samples = [(run(works.Side(command)), run(several)) for _ in range(rounds)]
        one, all_threads = (summary(side)["median"] for side in zip(*samples))
        result[work.title] = one / all_threads
        log(f"threads: {work.title}: {one:.3f} s with one, {all_threads:.3f} s with {threads}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timings", required=True, help="the executable PeerTimings")
    parser.add_argument("--vqw2v", required=True, help="the program")
    parser.add_argument("--python", default=sys.executable, help="that has PyTorch and fairseq")
    parser.add_argument("--folder", required=True, help="for inputs, 0.7 GB")
    parser.add_argument(
        "--output", required=True,
        help="JSON to write; the table goes beside it, as .md. With --only they are FOLDER/part.json and .md")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3, help="measured calls of a process")
    parser.add_argument("--only", default="", help="works whose key contains this")
    parser.add_argument("--hour", action="store_true", help="also an hour of audio: a minute, 9 GB of disk")
    arguments = parser.parse_args()
    paths = {
        "timings": arguments.timings, "vqw2v": arguments.vqw2v, "python": arguments.python,
        "folder": arguments.folder, "peers": HERE,
    }

    all_works = works.works(paths, arguments.threads, arguments.repeats, arguments.hour)
    chosen = [work for work in all_works if arguments.only in work.key]
    if not chosen:
        keys = ", ".join(work.key for work in all_works)
        parser.error(f"--only {arguments.only}: no work is called so; there are {keys}")
    # A part of the works does not take the place of all.
    output = f"{arguments.folder}/part.json" if arguments.only else arguments.output
    table_output = os.path.splitext(output)[0] + ".md"

    def log(line):
        print(line, file=sys.stderr, flush=True)

    prepare(paths, arguments.hour, {work.inputs for work in chosen})
    limits = [paths["timings"], "machine", "--threads", str(arguments.threads)]
    # The best that the machine can do, whatever code the environment has OpenBLAS choose for the works.
    plain = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    before = json.loads(subprocess.check_output(limits, env=plain))
    torch_limits = json.loads(
        subprocess.check_output([paths["python"], f"{HERE}/machine.py", str(arguments.threads)]))
    samples, ids, other = measure(chosen, arguments.rounds, log)
    after = json.loads(subprocess.check_output(limits, env=plain))
    # A bound is what the machine can do at its best.
    rates = {
        name: max(before[f"{name}Rate"], after[f"{name}Rate"]) for name in ("sgemm", "copy", "bf16")
    }
    costs = json.loads(subprocess.check_output([paths["timings"], "costs"]))
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": {
            "processor": processor(), "cores": os.cpu_count(), "threads": arguments.threads,
            "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE"), **rates,
            "torch_sgemm": torch_limits["sgemmRate"], **versions(arguments.python),
        },
        "rounds": arguments.rounds,
        "works": [result_of(work, samples, ids, rates, costs["works"]) for work in chosen],
        "threads": speed_ups(chosen, arguments.threads, log),
        "convolutions": costs["convolutions"], "other_cpu": other,
    }
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with open(output, "w") as file:
        json.dump(result, file, indent=1)
    text = table.markdown(result)
    with open(table_output, "w") as file:
        file.write(text)
    print(text, end="", flush=True)
    log(f"wrote {table_output} and {output}")


main()
