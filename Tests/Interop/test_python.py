"""The Python package with the libraries that people use it with, and the examples of docs/python.md."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import RECORDINGS, ROOT, tokens

os.environ.setdefault("VQW2V_LIBRARY", str(ROOT / ".build/release/libCInterface.so"))

import vqw2v  # noqa: E402  (the library has to be named before)


def examples():
    """Blocks of code that say that they run."""
    return re.findall(r"^```python run\n(.*?)^```", (ROOT / "docs/python.md").read_text(), re.M | re.S)


def example(part, **names):
    """Runs the one that has a text, and returns what it has defined."""
    (code,) = [code for code in examples() if part in code]
    exec(compile(code, "docs/python.md", "exec"), names)
    return names


@pytest.fixture(scope="module")
def gumbel(train):
    return train("quantizer.kind=gumbel")


@pytest.fixture(scope="module")
def model(gumbel):
    return vqw2v.load(gumbel)


def waveform(index=0):
    import soundfile

    return soundfile.read(RECORDINGS[index], dtype="float32")[0]


def test_ids_of_tensors_and_arrays(model, gumbel):
    (expected,) = tokens(gumbel, RECORDINGS[:1])
    samples = waveform()
    tensor = torch.from_numpy(samples)
    for form in (tensor, tensor[None], tensor.double(), tensor.clone().requires_grad_()):
        np.testing.assert_array_equal(model.quantize(form, 16000), expected)
    jax = pytest.importorskip("jax")
    np.testing.assert_array_equal(model.quantize(jax.numpy.asarray(samples), 16000), expected)
    with pytest.raises(ValueError, match="float"):
        model.quantize(tensor.bfloat16(), 16000)


def test_results_are_shared_with_torch(model):
    ids = torch.from_numpy(model.quantize(waveform(), 16000))
    assert ids.dtype == torch.int32 and ids.T[None].shape == (1, model.groups, len(ids))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_a_data_loader(model, gumbel, method):
    """Also after this process has computed with threads, in both libraries."""
    expected = tokens(gumbel)
    torch.ones(500, 500) @ torch.ones(500, 500)
    names = example("DataLoader", __name__="example", checkpoint=gumbel, paths=RECORDINGS)
    loader = names["loader"]
    if method != "fork":
        # A class that was defined in a document cannot be sent: the model can.
        loader = torch.utils.data.DataLoader(
            Shipped(model), batch_size=None, num_workers=2, multiprocessing_context=method)
    results = list(loader)
    assert len(results) == len(RECORDINGS)
    for ids, wanted in zip(results, expected):
        np.testing.assert_array_equal(ids.numpy(), wanted)


class Shipped(torch.utils.data.Dataset):
    def __init__(self, model):
        self.model = model

    def __len__(self):
        return len(RECORDINGS)

    def __getitem__(self, index):
        return torch.from_numpy(self.model.quantize_file(RECORDINGS[index]))


def test_rows_of_datasets(gumbel, tmp_path):
    """As a script: what is sent to processes is pickled by where it was defined."""
    pytest.importorskip("datasets")
    (code,) = [code for code in examples() if "import datasets" in code]
    names = f"checkpoint = {str(gumbel)!r}\npaths = {[str(path) for path in RECORDINGS]!r}\n"
    script, result = tmp_path / "rows.py", tmp_path / "rows.json"
    script.write_text(f"{names}{code}\nimport json\njson.dump(rows['ids'][:], open({str(result)!r}, 'w'))\n")
    subprocess.run([sys.executable, script], check=True, capture_output=True, cwd=tmp_path)
    rows = json.loads(result.read_text())
    assert len(rows) == len(RECORDINGS)
    for ids, wanted in zip(rows, tokens(gumbel)):
        np.testing.assert_array_equal(np.array(ids), wanted)


def test_upstream(gumbel):
    upstream = example("UpstreamExpert")["UpstreamExpert"](gumbel, "z,c")
    waves = [torch.from_numpy(waveform(index)) for index in (0, 1)]
    result = upstream(waves)
    assert upstream.get_downsample_rates("hidden_states") == upstream.model.hop
    z, c = result["hidden_states"]
    assert z.shape[0] == 2 and torch.equal(result["last_hidden_state"], c)
    alone = upstream.model.extract(waves[0], 16000, layer="z")
    np.testing.assert_array_equal(z[0, : len(alone)].numpy(), alone)


def test_examples_are_all_run():
    assert len(examples()) == 3
