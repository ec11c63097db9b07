"""Checkpoints that PyTorch and safetensors load."""

import argparse

import pytest
import torch
from conftest import token_lines, vqw2v
from safetensors import safe_open
from safetensors.torch import load_file


def weights(path):
    """Tensors of the model in a checkpoint of vqw2v."""
    return {k: v for k, v in load_file(path).items() if not k.startswith(("optimizer.", "codebook_usage."))}


def load_pt(path, style):
    """With PyTorch's safe loader, which has to be told of Namespace."""
    with torch.serialization.safe_globals([argparse.Namespace] if style == "args" else []):
        return torch.load(path, weights_only=True)


@pytest.mark.parametrize("style", ["cfg", "args"])
@pytest.mark.parametrize("kind", ["gumbel", "kmeans", "none"])
def test_pt(train, tmp_path, kind, style):
    checkpoint = train(f"quantizer.kind={kind}")
    vqw2v("convert", checkpoint, tmp_path / "m.pt", "--style", style)
    state = load_pt(tmp_path / "m.pt", style)
    expected = weights(checkpoint)
    assert set(state["model"]) == set(expected)
    for name, tensor in expected.items():
        assert state["model"][name].dtype == torch.float32 and torch.equal(state["model"][name], tensor), name
    # One set of weights under two names, as fairseq has it.
    aliases = [name for name in expected if name.startswith("project_features.")]
    assert aliases
    for name in aliases:
        original = name.replace("project_features", "feature_aggregator")
        assert state["model"][name].data_ptr() == state["model"][original].data_ptr()

    assert state["last_optimizer_state"] is None and state["optimizer_history"][-1]["num_updates"] == 3
    if style == "cfg":
        assert state["args"] is None
        fields = state["cfg"]["model"]
        assert fields["vq_temp"] == [2.0, 0.5, 0.999] and state["cfg"]["task"]["sample_rate"] == 16000
    else:
        assert state["cfg"] is None and isinstance(state["args"], argparse.Namespace)
        fields = vars(state["args"])
        assert fields["vq_temp"] == "(2.0,0.5,0.999)" and fields["sample_rate"] == 16000
    assert fields["vq_type"] == kind and fields["vq_vars"] == 40 and fields["num_negatives"] == 4


def test_pt_for_s3prl(checkpoint, tmp_path):
    """The keys that s3prl's load_converted_model asks for, and types that its dataclasses take."""
    vqw2v("convert", checkpoint, tmp_path / "m.pt")
    state = torch.load(tmp_path / "m.pt", weights_only=True)
    assert type(state["task_cfg"]) is dict and type(state["model_cfg"]) is dict
    assert state["model_weight"] is state["model"]
    assert state["model_cfg"] == {k: v for k, v in state["cfg"]["model"].items() if k != "_name"}


def test_safetensors(checkpoint, tmp_path):
    path = tmp_path / "m.safetensors"
    vqw2v("convert", checkpoint, path)
    assert not any(name.startswith("optimizer.") for name in load_file(path))
    expected, actual = weights(checkpoint), weights(path)
    assert expected.keys() == actual.keys()
    assert all(torch.equal(expected[name], actual[name]) for name in expected)
    with safe_open(path, "pt") as file:
        assert file.metadata()["format"] == "vqw2v checkpoint"
    assert token_lines(path) == token_lines(checkpoint)


def test_a_pt_saved_by_torch_comes_back(checkpoint, tmp_path):
    """What PyTorch makes of our file, in today's and in the former serialisation."""
    vqw2v("convert", checkpoint, tmp_path / "m.pt", "--style", "args")
    state = load_pt(tmp_path / "m.pt", "args")
    expected = token_lines(checkpoint)
    for zipped in (True, False):
        torch.save(state, tmp_path / "again.pt", _use_new_zipfile_serialization=zipped)
        assert token_lines(tmp_path / "again.pt") == expected
