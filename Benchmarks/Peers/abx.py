"""ABX errors by fastabx, within and across speakers, of units or features: a whole process."""
import json
import os
import sys

kind, folder, threads = sys.argv[1:]
os.environ["OMP_NUM_THREADS"] = os.environ["POLARS_MAX_THREADS"] = threads

import numpy  # noqa: E402
import torch  # noqa: E402
from fastabx import Dataset, Score, Task  # noqa: E402

torch.set_num_threads(int(threads))
items = f"{folder}/items.item"
if kind == "ids":
    dataset = Dataset.from_item_and_units(items, f"{folder}/units.jsonl", 100, device="cpu", progress=False)
    distance = "identical"
else:
    dataset = Dataset.from_item(
        items, f"{folder}/features", 100, feature_maker=lambda path: torch.from_numpy(numpy.load(path)),
        extension=".npy", device="cpu", progress=False)
    distance = "angular"
context = ["prev-phone", "next-phone"]
errors = []
for speakers, by, across in [("within", [*context, "speaker"], []), ("across", context, ["speaker"])]:
    score = Score(Task(dataset, on="#phone", by=by, across=across), distance, progress=False)
    error = score.collapse(levels=[("next-phone", "prev-phone"), "speaker"])
    errors.append({"speakers": speakers, "error": error})
# As vqw2v evaluate --json has it.
print(json.dumps({"systems": [{"abx": errors}]}))
