"""Features of frames, in every format the same numbers."""

import kaldiio
import numpy as np
import pytest
from conftest import RECORDINGS, tokens, vqw2v
from safetensors.numpy import load_file


@pytest.mark.parametrize("layer", ["z", "quantized", "c"])
def test_formats(checkpoint, tmp_path, layer):
    def extract(format, output):
        vqw2v("extract", "--checkpoint", checkpoint, "--layer", layer, "--format", format, "--output",
              tmp_path / output, *RECORDINGS)
        return tmp_path / output

    arrays = {path.stem: np.load(path) for path in extract("npy", "npy").iterdir()}
    tensors = load_file(extract("safetensors", "m.safetensors"))
    matrices = kaldiio.load_scp(str(extract("kaldi", "m").with_suffix(".scp")))
    assert set(arrays) == set(tensors) == set(matrices) == {path.stem for path in RECORDINGS}
    for path, ids in zip(RECORDINGS, tokens(checkpoint)):
        array = arrays[path.stem]
        assert array.dtype == np.float32 and array.shape == (len(ids), 32)
        assert np.array_equal(array, tensors[path.stem]) and np.array_equal(array, matrices[path.stem])


def test_quantized_frames_are_codewords(checkpoint, tmp_path):
    vqw2v("convert", checkpoint, tmp_path / "book", "--format", "codebook")
    codebook = np.load(tmp_path / "book/codebook.npy")
    vqw2v("extract", "--checkpoint", checkpoint, "--layer", "quantized", "--output", tmp_path / "q", RECORDINGS[0])
    (ids,) = tokens(checkpoint, RECORDINGS[:1])
    expected = np.concatenate([codebook[group][ids[:, group]] for group in range(2)], axis=1)
    assert np.array_equal(np.load(tmp_path / f"q/{RECORDINGS[0].stem}.npy"), expected)
