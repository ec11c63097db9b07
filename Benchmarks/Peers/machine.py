"""The rate of PyTorch's own matrix products: they need not use OpenBLAS, nor its choice of instructions."""
import json
import sys

import torch

from measuring import timed

torch.set_num_threads(int(sys.argv[1]))
size = 3072
a, b = torch.randn(size, size), torch.randn(size, size)
print(json.dumps({"sgemmRate": 2 * size**3 / min(timed(lambda: torch.mm(a, b), repeats=4, warmups=1))}))
