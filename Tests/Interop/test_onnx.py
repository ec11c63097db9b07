"""ONNX files give the ids of `quantize` in onnxruntime."""

import numpy as np
import onnxruntime
import pytest
import soundfile
from conftest import RECORDINGS, tokens, vqw2v

# Options that change the graph, each at least once.
MODELS = {
    "gumbel": ["quantizer.kind=gumbel"],
    "kmeans": ["quantizer.kind=kmeans"],
    "one map, separate codebooks, relu": [
        "quantizer.kind=gumbel", "quantizer.depth=1", "quantizer.combine_groups=false", "activation=relu",
        "encoder.log_compression=false"],
    "three maps, residual sums, plain norms": [
        "quantizer.kind=gumbel", "quantizer.depth=3", "encoder.skip_connections=true", "affine_norm=false",
        "quantizer.groups=1"],
    "four groups, residual sums": [
        "quantizer.kind=kmeans", "quantizer.groups=4", "quantizer.combine_groups=false",
        "encoder.skip_connections=true", "residual_scale=0.3"],
    "kernels below their strides": [
        "quantizer.kind=kmeans", "encoder.layers=[[32,10,5],[32,3,4],[32,1,2],[32,2,3]]",
        "encoder.skip_connections=true"],
    "one group": ["quantizer.kind=kmeans", "quantizer.groups=1", "affine_norm=false"],
}


@pytest.mark.parametrize("name", MODELS)
def test_ids(train, tmp_path, name, capsys):
    checkpoint = train(*MODELS[name])
    vqw2v("convert", checkpoint, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    shortest = int(metadata["receptive_field"])

    whole, rate = soundfile.read(RECORDINGS[0], dtype="int16")
    lengths = [shortest, shortest + 1, 2 * shortest, 8000, 16000, 34567, len(whole)]
    paths = [tmp_path / f"{length}.wav" for length in lengths]
    for path, length in zip(paths, lengths):
        # From the middle, where there is speech.
        start = (len(whole) - length) // 2
        soundfile.write(path, whole[start : start + length], rate, subtype="PCM_16")
    frames = used = 0
    for path, expected in zip(paths, tokens(checkpoint, paths)):
        waveform, _ = soundfile.read(path, dtype="float32")
        (ids,) = session.run(["ids"], {"waveform": waveform[None]})
        assert ids.dtype == np.int64 and ids.shape == expected.shape
        assert np.array_equal(ids, expected), f"{path.name}: {(ids != expected).sum()} of {ids.size} differ"
        frames, used = frames + len(ids), len(np.unique(ids))
    with capsys.disabled():
        print(f"\n{name}: {frames} frames of {len(paths)} recordings, {used} codewords in the longest")
    assert used > 5


def test_metadata(checkpoint, tmp_path):
    vqw2v("convert", checkpoint, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    (waveform,), (ids,) = session.get_inputs(), session.get_outputs()
    assert (waveform.name, waveform.type, waveform.shape) == ("waveform", "tensor(float)", [1, "samples"])
    assert (ids.name, ids.type, ids.shape) == ("ids", "tensor(int64)", ["frames", 2])
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["sample_rate"] == "16000" and float(metadata["frame_rate"]) == 100
    assert len(metadata["checkpoint_sha256"]) == 64
