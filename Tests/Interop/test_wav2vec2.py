"""wav2vec 2.0 of fairseq, of transformers and of vqw2v, each read by the others: equal ids and features."""

import json

import fairseq_models as fairseq
import numpy as np
import onnxruntime
import pytest
import soundfile
import torch
import transformer_models as transformers
from conftest import RECORDINGS, ROOT, features, spread_logits, tokens, vqw2v

# A model that trains in seconds, with layer norms and normalised waveforms, or as the published BASE.
TINY = """
family: wav2vec2
extractor: {layers: [[24, 10, 5], [24, 3, 2], [24, 3, 2], [24, 3, 2], [24, 3, 2], [24, 2, 2], [24, 2, 2]]}
quantizer: {variables: 40}
transformer: {layers: 2, width: 32, inner_width: 48, heads: 4, position_kernel: 16, position_groups: 4}
prediction: {width: 16}
data: {max_sample_size: 60000, max_samples: 240000, validation_fraction: 0.2}
training: {max_updates: 3}
"""
STYLES = {"base": ["extractor.norm=group"], "large": [
    "extractor.norm=layer", "extractor.bias=true", "extractor.normalizes_waveforms=true",
    "transformer.norm_first=true"]}
OPTIONS = {"base": fairseq.BASE, "large": fairseq.LARGE}


@pytest.fixture(scope="module", params=STYLES)
def ours(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "tiny.yaml").write_text(TINY)
    sets = [argument for setting in STYLES[request.param] for argument in ("--set", setting)]
    vqw2v("train", ROOT / "data/validation", "--config", folder / "tiny.yaml", "--output", folder / "run", *sets)
    return spread_logits(folder / "run/last.safetensors")


def waveforms(normalize):
    """Of the recordings, [1, N] each, normalised as fairseq does it."""
    for path in RECORDINGS:
        waveform = torch.from_numpy(soundfile.read(path, dtype="float32")[0])
        yield torch.nn.functional.layer_norm(waveform, waveform.shape)[None] if normalize else waveform[None]


def normalizes(checkpoint):
    return json.loads(vqw2v("inspect", "--json", checkpoint))["configuration"]["extractor"]["normalizes_waveforms"]


def compare(checkpoint, expected, capsys, what):
    """Ids of the program with those of another, [T, G] for each recording."""
    ids = tokens(checkpoint)
    used = len(set(map(tuple, np.concatenate(ids))))
    for mine, theirs in zip(ids, expected, strict=True):
        assert np.array_equal(mine, theirs), f"{(mine != theirs).sum()} of {mine.size} differ"
    with capsys.disabled():
        print(f"\n{what}: {sum(map(len, ids))} frames, {used} combinations, all ids equal")
    assert used > 5


@pytest.mark.parametrize("style", ["cfg", "args"])
def test_fairseq_reads_ours(ours, tmp_path, style, capsys):
    vqw2v("convert", ours, tmp_path / "m.pt", "--style", style)
    model = fairseq.load(tmp_path / "m.pt")
    compare(ours, [fairseq.ids(model, x) for x in waveforms(normalizes(ours))], capsys, f"fairseq, {style}")
    assert [x.tolist() for x in tokens(tmp_path / "m.pt")] == [x.tolist() for x in tokens(ours)]


def test_transformers_read_ours(ours, tmp_path, capsys):
    vqw2v("convert", ours, tmp_path / "hf", "--format", "hf")
    model = transformers.load(tmp_path / "hf")
    assert type(model).__name__ == "Wav2Vec2ForPreTraining"
    compare(ours, [transformers.ids(model, x) for x in waveforms(normalizes(ours))], capsys, "transformers")
    # And normalised as the folder says, but for what is added to the variance.
    assert normalizes(tmp_path / "hf") == normalizes(ours)
    for prepared, x in zip((transformers.inputs(tmp_path / "hf", path) for path in RECORDINGS), waveforms(normalizes(ours))):
        assert np.abs(prepared - x).max() < 0.01 * np.abs(x).max()
    assert [x.tolist() for x in tokens(tmp_path / "hf")] == [x.tolist() for x in tokens(ours)]
    # Saved again by transformers it is still known where it comes from.
    model.save_pretrained(tmp_path / "again")
    described = json.loads(vqw2v("inspect", "--json", tmp_path / "again"))
    assert len(described["origin"]["checkpoint_sha256"]) == 64 and described["update"] == 3


def test_onnxruntime_reads_ours(ours, tmp_path, capsys):
    vqw2v("convert", ours, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert float(metadata["frame_rate"]) == 50 and metadata["receptive_field"] == "400"
    found = [session.run(["ids"], {"waveform": x.numpy()})[0] for x in waveforms(False)]
    compare(ours, found, capsys, "onnxruntime")


@pytest.mark.parametrize("kind", ["cfg", "args", "half"])
@pytest.mark.parametrize("style", OPTIONS)
def test_fairseqs_own(tmp_path, style, kind, capsys):
    path, normalize = tmp_path / "m.pt", style == "large"
    model = fairseq.wav2vec2(
        path, normalize, style=kind if kind == "args" else "cfg", half=kind == "half", **fairseq.SMALL,
        **OPTIONS[style])
    assert normalizes(path) == normalize
    expected = [fairseq.ids(model, x) for x in waveforms(normalize)]
    compare(path, expected, capsys, f"fairseq's own, {style}, {kind}")
    features(path, [fairseq.outputs(model, x) for x in waveforms(normalize)], tmp_path)
    # By way of transformers, and back to fairseq.
    vqw2v("convert", path, tmp_path / "hf", "--format", "hf")
    there = transformers.load(tmp_path / "hf")
    for theirs, x in zip(expected, waveforms(normalize)):
        assert np.array_equal(theirs, transformers.ids(there, x))
    vqw2v("convert", tmp_path / "hf", tmp_path / "back.pt")
    back = fairseq.load(tmp_path / "back.pt")
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, back.state_dict()[name]), name


@pytest.mark.parametrize("style", OPTIONS)
@pytest.mark.parametrize("family", ["Wav2Vec2ForPreTraining", "Wav2Vec2Model", "Wav2Vec2ForCTC"])
def test_transformers_own(tmp_path, style, family):
    model = transformers.save(family, style, tmp_path / "hf")
    prepared = [transformers.inputs(tmp_path / "hf", path) for path in RECORDINGS]
    features(tmp_path / "hf", [transformers.outputs(model, x) for x in prepared], tmp_path)
    if family == "Wav2Vec2ForPreTraining":
        for mine, x in zip(tokens(tmp_path / "hf"), prepared):
            assert np.array_equal(mine, transformers.ids(model, x))
        vqw2v("convert", tmp_path / "hf", tmp_path / "m.pt")
        there = fairseq.load(tmp_path / "m.pt")
        for mine, x in zip(tokens(tmp_path / "m.pt"), prepared):
            assert np.array_equal(mine, fairseq.ids(there, x))


@pytest.mark.parametrize("form", ["parts", "bin", "parts of bin", "old names", "half precision"])
def test_forms_of_transformers(tmp_path, form):
    model = transformers.save("Wav2Vec2ForPreTraining", "base", tmp_path / "hf", form)
    for mine, path in zip(tokens(tmp_path / "hf"), RECORDINGS):
        assert np.array_equal(mine, transformers.ids(model, transformers.inputs(tmp_path / "hf", path)))


def test_fine_tuned(tmp_path):
    fairseq.wav2vec2(tmp_path / "m.pt", **fairseq.SMALL)
    model = fairseq.fine_tuned(tmp_path / "ctc.pt", tmp_path / "m.pt", "wav2vec2")
    expected = [fairseq.outputs(model, x) for x in waveforms(False)]
    features(tmp_path / "ctc.pt", expected, tmp_path)
    vqw2v("convert", tmp_path / "ctc.pt", tmp_path / "hf", "--format", "hf")
    there = transformers.load(tmp_path / "hf")
    assert type(there).__name__ == "Wav2Vec2Model"
    for outputs, x in zip(expected, waveforms(False)):
        assert np.abs(transformers.outputs(there, x)["c"] - outputs["c"]).max() < 1e-4


def test_published_size(tmp_path, capsys):
    """BASE, 95 million parameters."""
    model = fairseq.wav2vec2(tmp_path / "m.pt", final_dim=256, latent_vars=320)
    assert sum(p.numel() for p in model.parameters()) == 95_044_608
    expected = [fairseq.ids(model, x) for x in waveforms(False)]
    compare(tmp_path / "m.pt", expected, capsys, "BASE of fairseq")
    one = next(waveforms(False))
    features(tmp_path / "m.pt", [fairseq.outputs(model, one)], tmp_path, layers=("z", "layer.6", "c"))
    vqw2v("convert", tmp_path / "m.pt", tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    found = [session.run(["ids"], {"waveform": x.numpy()})[0] for x in waveforms(False)]
    assert all(np.array_equal(a, b) for a, b in zip(found, expected))
