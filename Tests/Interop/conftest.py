"""The program, recordings, and small models that it trained, for all checks."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("VQW2V", str(ROOT / ".build/release/vqw2v"))
RECORDINGS = sorted((ROOT / "data/test").glob("*.flac"))

# A model that trains in seconds; three updates give it weights that are not those it began with.
TINY = """
encoder: {layers: [[32, 10, 5], [32, 8, 4], [32, 4, 2], [32, 4, 2], [32, 4, 2], [32, 1, 1]]}
quantizer: {groups: 2, variables: 40}
aggregator: {layers: [[32, 2, 1], [32, 3, 1]]}
prediction: {steps: 4, negatives: 4, project_features: same}
data: {max_sample_size: 150000, max_samples: 600000, validation_fraction: 0.2}
codebook: {initialize_from_data: true}
training: {max_updates: 3}
"""


def vqw2v(*arguments):
    """Runs the program and returns what it printed to stdout."""
    run = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert run.returncode == 0, f"vqw2v {' '.join(map(str, arguments))}\n{run.stderr}"
    return run.stdout


def token_lines(checkpoint, recordings=RECORDINGS):
    """The tokens of each recording as text: "3-17 3-17 250-4", by path."""
    lines = vqw2v("quantize", "--checkpoint", checkpoint, *recordings).splitlines()
    return dict(line.split("\t") for line in lines)


def ids_of(line):
    """[T, G]."""
    return np.array([[int(i) for i in frame.split("-")] for frame in line.split(" ")])


def tokens(checkpoint, recordings=RECORDINGS):
    """The ids of each recording [T, G], in the order of the recordings."""
    lines = token_lines(checkpoint, recordings)
    return [ids_of(lines[str(path)]) for path in recordings]


def spread(checkpoint):
    """Moves k-means codewords apart. They start on frames of data, and those of pauses are so alike that
    rounding would decide between their codewords."""
    name = "vector_quantizer.embedding"
    with safe_open(checkpoint, "np") as file:
        metadata = file.metadata()
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    if name in tensors:
        noise = np.random.default_rng(1).standard_normal(tensors[name].shape)
        tensors[name] += (0.3 * tensors[name].std() * noise).astype(np.float32)
        save_changed(tensors, checkpoint, metadata)


def save_changed(tensors, checkpoint, metadata):
    """Says that other software has changed the values, of which the metadata hold checksums."""
    save_file(tensors, checkpoint, {**metadata, "format": "pt"})


def spread_logits(checkpoint):
    """Makes the quantizer of a wav2vec 2.0 that was hardly trained use many codewords. Returns the checkpoint."""
    with safe_open(checkpoint, "np") as file:
        metadata = file.metadata()
        tensors = {key: file.get_tensor(key) for key in file.keys()}
    weight = tensors["quantizer.weight_proj.weight"]
    weight[:] = np.random.default_rng(1).standard_normal(weight.shape).astype(np.float32)
    save_changed(tensors, checkpoint, metadata)
    return checkpoint


def features(checkpoint, expected, folder, layers=None):
    """Compares what `extract` writes of the first recordings with outputs by the names of layers."""
    recordings = RECORDINGS[: len(expected)]
    for layer in layers or expected[0]:
        place = folder / f"features-{layer}-{checkpoint.name}"
        vqw2v("extract", "--checkpoint", checkpoint, "--layer", layer, "--output", place, *recordings)
        for path, outputs in zip(recordings, expected):
            mine, theirs = np.load(place / f"{path.stem}.npy"), outputs[layer]
            assert mine.shape == theirs.shape
            error = np.abs(mine - theirs).max() / np.abs(theirs).max()
            assert error < 2e-5, f"{layer} of {path.name}: off by {error:.1e}"


@pytest.fixture(scope="session")
def train(tmp_path_factory):
    """Trains TINY with settings; each combination once."""
    runs = {}

    def run(*settings):
        if settings not in runs:
            folder = tmp_path_factory.mktemp("run")
            (folder / "tiny.yaml").write_text(TINY)
            sets = [argument for setting in settings for argument in ("--set", setting)]
            vqw2v("train", ROOT / "data/validation", "--config", folder / "tiny.yaml", "--output", folder, *sets)
            runs[settings] = folder / "last.safetensors"
            spread(runs[settings])
        return runs[settings]

    return run


@pytest.fixture(scope="session", params=["gumbel", "kmeans"])
def checkpoint(request, train):
    return train(f"quantizer.kind={request.param}")
