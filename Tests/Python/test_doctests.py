"""The examples in the documentation strings run."""

import doctest
import importlib

import pytest
import vqw2v
from conftest import GUMBEL, sweep, write_wave


@pytest.mark.parametrize("name", ["vqw2v", "vqw2v._model", "vqw2v._library", "vqw2v._arrays"])
def test_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    waveform = write_wave("speech.wav", sweep(2520))
    model = vqw2v.load(GUMBEL)
    result = doctest.testmod(
        importlib.import_module(name),
        extraglobs={
            "vqw2v": vqw2v, "checkpoint": GUMBEL, "model": model, "waveform": waveform, "recording": "speech.wav"})
    assert result.failed == 0
    if name == "vqw2v._model":
        assert result.attempted > 5
