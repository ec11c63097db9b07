"""Inputs that all sides share: checkpoints with the same weights in each one's format, and recordings.

The checkpoints that our side wrote hold random weights. Their quantizers are moved so that many codewords are
chosen: only then can ids differ. Called as: prepare.py FOLDER [hour]
"""
import os
import sys

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import fairseq_model

RATE = 16_000


def speech_like(seed, samples):
    """Gliding harmonics under an envelope, bursts of noise, a little noise beneath."""
    rng = numpy.random.default_rng(seed)
    time = numpy.arange(samples) / RATE
    pitch = 110 + 60 * rng.random() + 40 * numpy.sin(2 * numpy.pi * (1.5 + 2 * rng.random()) * time)
    phase = 2 * numpy.pi * numpy.cumsum(pitch) / RATE
    x = numpy.zeros(samples)
    for harmonic in range(1, 24):
        centre = 600 + 500 * numpy.sin(2 * numpy.pi * 2.1 * time + harmonic)
        gain = 0.15 + numpy.exp(-(((harmonic * 140 - centre) / 700) ** 2))
        x += gain / harmonic**0.3 * numpy.sin(harmonic * phase + 6 * rng.random())
    envelope = 0.5 + 0.5 * numpy.sin(2 * numpy.pi * (3 + 2 * rng.random()) * time)
    burst = (numpy.sin(2 * numpy.pi * (4 + rng.random()) * time) > 0.6) * rng.standard_normal(samples)
    x = 0.12 * x * envelope + 0.2 * burst + 0.01 * rng.standard_normal(samples)
    return (x / max(1, 1.05 * numpy.abs(x).max())).astype(numpy.float32)


def spread(model, waveform):
    """Lets the quantizer choose many codewords: logits of unit scale, or codewords on frames."""
    quantizer = model.vector_quantizer
    model.eval()
    with torch.no_grad():
        z = model.feature_extractor(torch.from_numpy(waveform).unsqueeze(0))
        if hasattr(quantizer, "weight_proj"):
            last = quantizer.weight_proj[-1]
            logits = quantizer.weight_proj(z.transpose(1, 2).reshape(-1, z.shape[1]))
            gain = 1 / logits.std(0).clamp_min(1e-6)
            last.bias.copy_(gain * (last.bias - logits.mean(0)))
            last.weight.mul_(gain.unsqueeze(1))
        else:
            frames = quantizer.projection(z).squeeze(0).t().reshape(-1, quantizer.var_dim)
            rows = torch.randperm(len(frames), generator=torch.Generator().manual_seed(1))
            count = quantizer.embedding.shape[0]
            quantizer.embedding.copy_(frames[rows[:count]].view_as(quantizer.embedding))


def write_wave(path, samples):
    import soundfile

    soundfile.write(path, samples, RATE, subtype="PCM_16")


def main():
    folder, hour = sys.argv[1], sys.argv[2:] == ["hour"]
    for kind in ("gumbel", "kmeans"):
        ours, theirs = f"{folder}/{kind}.safetensors", f"{folder}/{kind}.pt"
        if os.path.exists(theirs):
            continue
        with safe_open(f"{folder}/{kind}-random.safetensors", "pt") as file:
            metadata = file.metadata()
        # Checksums are of the values that change now: this says who has written them.
        metadata["format"] = "pt"
        model = fairseq_model.build(kind)
        model.load_state_dict(load_file(f"{folder}/{kind}-random.safetensors"))
        spread(model, speech_like(2, 5 * RATE))
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, ours, metadata)
        fairseq_model.save(model, kind, theirs)
    for seconds in (10, 15, 60):
        path = f"{folder}/{seconds}.f32"
        if not os.path.exists(path):
            speech_like(seconds, seconds * RATE).tofile(path)
    if hour and not os.path.exists(f"{folder}/3600.f32"):
        with open(f"{folder}/3600.partial", "wb") as file:
            for minute in range(60):
                speech_like(100 + minute, 60 * RATE).tofile(file)
        os.rename(f"{folder}/3600.partial", f"{folder}/3600.f32")
    os.makedirs(f"{folder}/recordings", exist_ok=True)
    for index in range(10):
        path = f"{folder}/recordings/{index}.wav"
        if not os.path.exists(path):
            write_wave(path, speech_like(200 + index, 10 * RATE))


main()
