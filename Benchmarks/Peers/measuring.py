"""One line of JSON per process: seconds of each call, and the peak of memory."""
import json
import resource
import sys
import time


def report(seconds, **more):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": seconds, "peak": peak, **more}))


def timed(call, repeats, warmups):
    for _ in range(warmups):
        call()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def write_ids(ids, path):
    """ids [T, G]: a line per frame, groups with dashes between them."""
    with open(path, "w") as file:
        file.write("\n".join("-".join(map(str, frame)) for frame in ids.tolist()))
