"""HuBERT of fairseq and of transformers: features tensor by tensor, units by clusters."""

import subprocess

import fairseq_models as fairseq
import numpy as np
import pytest
import transformer_models as transformers
from conftest import PROGRAM, RECORDINGS, features, vqw2v
from test_wav2vec2 import OPTIONS, waveforms


@pytest.mark.parametrize("style", OPTIONS)
def test_fairseq(tmp_path, style):
    normalize = style == "large"
    model = fairseq.hubert(tmp_path / "m.pt", normalize, **fairseq.SMALL, **OPTIONS[style])
    expected = [fairseq.outputs(model, x) for x in waveforms(normalize)]
    features(tmp_path / "m.pt", expected, tmp_path)
    # By way of transformers.
    vqw2v("convert", tmp_path / "m.pt", tmp_path / "hf", "--format", "hf")
    there = transformers.load(tmp_path / "hf")
    assert type(there).__name__ == "HubertModel"
    for outputs, x in zip(expected, waveforms(normalize)):
        assert np.abs(transformers.outputs(there, x)["c"] - outputs["c"]).max() < 1e-4
    # A fine-tuned model of fairseq.
    tuned = fairseq.fine_tuned(tmp_path / "ctc.pt", tmp_path / "m.pt", "hubert", normalize)
    features(tmp_path / "ctc.pt", [fairseq.outputs(tuned, x) for x in waveforms(normalize)], tmp_path)


@pytest.mark.parametrize("style", OPTIONS)
@pytest.mark.parametrize("family", ["HubertModel", "HubertForCTC"])
def test_transformers(tmp_path, style, family):
    model = transformers.save(family, style, tmp_path / "hf")
    features(tmp_path / "hf", [transformers.outputs(model, transformers.inputs(tmp_path / "hf", path)) for path in RECORDINGS], tmp_path)


@pytest.mark.parametrize("style", OPTIONS)
def test_published_size(tmp_path, style):
    """The size of BASE with its own norms and with LARGE's, in both libraries."""
    normalize = style == "large"
    model = fairseq.hubert(tmp_path / "m.pt", normalize, final_dim=256, **OPTIONS[style])
    features(tmp_path / "m.pt", [fairseq.outputs(model, next(waveforms(normalize)))], tmp_path, ("z", "layer.6", "c"))
    there = transformers.save("HubertModel", style, tmp_path / "hf", size={})
    x = transformers.inputs(tmp_path / "hf", RECORDINGS[0])
    features(tmp_path / "hf", [transformers.outputs(there, x)], tmp_path, ("z", "layer.6", "c"))


def test_units(tmp_path):
    """Clusters of a layer are its units; the model alone has none, and says so."""
    fairseq.hubert(tmp_path / "m.pt", **fairseq.SMALL)
    vqw2v("cluster", "-c", tmp_path / "m.pt", "--layer", "layer.1", "--units", "20", "-o", tmp_path / "c.safetensors",
          *RECORDINGS)
    lines = vqw2v("quantize", "-c", tmp_path / "m.pt", "--clusters", tmp_path / "c.safetensors", *RECORDINGS)
    assert len(set(lines.split())) > 10
    alone = subprocess.run(
        [PROGRAM, "quantize", "-c", tmp_path / "m.pt", RECORDINGS[0]], capture_output=True, text=True)
    assert alone.returncode == 1 and "vqw2v cluster" in alone.stderr and "--clusters" in alone.stderr
