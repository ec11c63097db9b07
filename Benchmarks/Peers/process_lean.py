"""The leanest PyTorch process: no fairseq, nothing but the tensors that ids need, mapped from the file."""
import os
import sys
import wave

import torch

from tuned_model import TunedModel

checkpoint, recordings, output, threads, layout = sys.argv[1:]
torch.set_num_threads(int(threads))
state = torch.load(checkpoint, map_location="cpu", weights_only=False, mmap=True)["model"]
model = TunedModel(state, "gumbel", layout)
with torch.inference_mode(), open(output, "w") as lines:
    for name in sorted(os.listdir(recordings)):
        with wave.open(os.path.join(recordings, name)) as file:
            samples = torch.frombuffer(bytearray(file.readframes(file.getnframes())), dtype=torch.int16)
        ids = model.ids((samples.float() / 32768).unsqueeze(0))
        lines.write(" ".join("-".join(map(str, frame)) for frame in ids.squeeze(0).tolist()) + "\n")
