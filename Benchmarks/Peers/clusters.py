"""scikit-learn's MiniBatchKMeans on frames in memory, as it is by default and as HuBERT's recipe has it."""
import os
import sys

frames, dimensions, units, threads, repeats, way = sys.argv[1:]
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = threads

import numpy  # noqa: E402
from sklearn.cluster import MiniBatchKMeans  # noqa: E402

from measuring import report, timed  # noqa: E402

WAYS = {
    "default": {},
    # examples/hubert/simple_kmeans/learn_kmeans.py
    "hubert": {
        "init": "k-means++", "max_iter": 100, "batch_size": 10_000, "tol": 0.0, "max_no_improvement": 100, "n_init": 20,
        "reassignment_ratio": 0.0, "compute_labels": False,
    },
}
x = numpy.fromfile(frames, numpy.float32).reshape(-1, int(dimensions))
kmeans = MiniBatchKMeans(int(units), random_state=0, **WAYS[way])
seconds = timed(lambda: kmeans.fit(x), int(repeats), warmups=0)
report(seconds, inertia=-kmeans.score(x))
