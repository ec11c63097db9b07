"""Times loading all weights of a checkpoint, after the imports: fairseq's loader, or torch.load alone."""
import sys

variant, checkpoint, repeats = sys.argv[1:]

from measuring import report, timed  # noqa: E402

if variant == "shipped":
    import fairseq_model

    load = fairseq_model.load
else:
    import torch

    def load(path):
        return torch.load(path, map_location="cpu", weights_only=False)


report(timed(lambda: load(checkpoint), int(repeats), warmups=0))
