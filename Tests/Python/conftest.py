"""Small checkpoints, a recording, and the command whose ids are to be had."""

import os
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
import vqw2v

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "Tests/GoldenTests/Cases"
GUMBEL = CASES / "p01_gumbel_paper/checkpoint_cfg.pt"
KMEANS = CASES / "p03_kmeans_combined/checkpoint_cfg.pt"
WITHOUT_IDS = CASES / "p05_wav2vec_none/checkpoint_cfg.pt"
HUGGING_FACE = ROOT / "Tests/Wav2Vec2Tests/Cases/p01_base/hf"
RECORDINGS = sorted((ROOT / "data/test").glob("*.flac"))
CHECKPOINTS = [GUMBEL, KMEANS, HUGGING_FACE]

# The one that came with the package, where that was installed.
PROGRAM = os.environ.get("VQW2V") or shutil.which("vqw2v") or str(ROOT / ".build/release/vqw2v")


def command(*arguments):
    """Runs the command and returns what it printed to stdout."""
    run = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def command_ids(checkpoint, path, *more):
    """[T, G], as the command prints them."""
    line = command("quantize", "--checkpoint", checkpoint, *more, path).rstrip("\n").split("\t")[1]
    return np.array([frame.split("-") for frame in line.split(" ")], dtype=np.int32)


def write_wave(path, samples, rate=16000):
    """Samples between -1 and 1, [N] or [N, channels], as 16 bits; returns what a reader gets."""
    values = np.round(np.asarray(samples) * 32768).clip(-32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if values.ndim == 1 else values.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(values.tobytes())
    return values.astype(np.float32) / 32768


def sweep(count, start=0.0):
    """A tone that rises and falls."""
    steps = 0.1 + 0.3 * np.abs(np.sin((np.arange(count) + 500 * start) / 700))
    return (0.3 * np.sin(np.cumsum(steps))).astype(np.float32)


@pytest.fixture
def recording(tmp_path):
    """A WAV file and its samples."""
    path = tmp_path / "a.wav"
    return path, write_wave(path, sweep(20000))


@pytest.fixture
def model():
    with vqw2v.load(GUMBEL) as model:
        yield model
