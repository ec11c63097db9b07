"""A whole process of fairseq: its loader, its feature script's way from WAV files to lines of ids."""
import os
import sys

import soundfile
import torch

import fairseq_model

checkpoint, recordings, output, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
model = fairseq_model.load(checkpoint).eval()
with torch.no_grad(), open(output, "w") as lines:
    for name in sorted(os.listdir(recordings)):
        waveform, _ = soundfile.read(os.path.join(recordings, name))
        z = model.feature_extractor(torch.from_numpy(waveform).float().unsqueeze(0))
        _, ids = model.vector_quantizer.forward_idx(z)
        lines.write(" ".join("-".join(map(str, frame.tolist())) for frame in ids.squeeze(0)) + "\n")
