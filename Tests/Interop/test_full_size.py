"""A checkpoint of the published size, made in PyTorch: import, features, ids, and back."""

import argparse

import numpy as np
import pytest
import reference
import soundfile
import torch
from conftest import RECORDINGS, tokens, vqw2v

# Where PyTorch's best two codewords are nearer than this, rounding may decide.
MARGIN = 1e-4


@pytest.fixture(scope="module", params=["gumbel", "kmeans"])
def model(request):
    waveform, _ = soundfile.read(RECORDINGS[1], dtype="float32")
    return reference.random_model(request.param, torch.from_numpy(waveform))


@pytest.fixture(scope="module", params=["args", "cfg"])
def checkpoint(request, model, tmp_path_factory):
    path = tmp_path_factory.mktemp("full") / f"{request.param}.pt"
    reference.save(model, path, request.param)
    return path


def test_import(model, checkpoint, tmp_path, capsys):
    recordings = RECORDINGS[:3]
    assert sum(p.numel() for p in model.parameters()) in (34_063_488, 33_014_272)
    for layer in ("z", "c"):
        vqw2v("extract", "--checkpoint", checkpoint, "--layer", layer, "--output", tmp_path / layer, *recordings)
    frames = decisions = unsure = 0
    errors, used = {"z": 0.0, "c": 0.0}, set()
    for path, ids in zip(recordings, tokens(checkpoint, recordings)):
        waveform, _ = soundfile.read(path, dtype="float32")
        z, expected, margin, c = (value.numpy() for value in model(torch.from_numpy(waveform)))
        clear = margin > MARGIN
        assert np.array_equal(ids[clear], expected[clear])
        frames, decisions, unsure = frames + len(ids), decisions + clear.sum(), unsure + (~clear).sum()
        used |= set(map(tuple, expected))
        errors["z"] = max(errors["z"], np.abs(np.load(tmp_path / "z" / f"{path.stem}.npy") - z).max())
        # One other codeword would change all later contexts.
        if np.array_equal(ids, expected):
            errors["c"] = max(errors["c"], np.abs(np.load(tmp_path / "c" / f"{path.stem}.npy") - c).max())
    with capsys.disabled():
        print(
            f"\n{model.kind}, {checkpoint.name}: {frames} frames, {decisions} ids equal, {unsure} within {MARGIN}, "
            f"{len(used)} combinations, max error z {errors['z']:.1e}, c {errors['c']:.1e}")
    assert errors["z"] < 1e-4 and errors["c"] < 2e-3 and len(used) > 100


def test_export(model, checkpoint, tmp_path):
    """What comes back has the same numbers under the same names."""
    vqw2v("convert", checkpoint, tmp_path / "back.pt", "--style", "args")
    with torch.serialization.safe_globals([argparse.Namespace]):
        state = torch.load(tmp_path / "back.pt", weights_only=True)
    expected = model.state_dict()
    assert state["model"].keys() == expected.keys()
    assert all(torch.equal(state["model"][name], expected[name]) for name in expected)
    assert state["optimizer_history"][-1]["num_updates"] == 9
