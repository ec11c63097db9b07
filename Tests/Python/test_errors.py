"""Bad input gives exceptions with the command's sentences, and never ends Python."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import vqw2v
from conftest import GUMBEL, KMEANS, PROGRAM, RECORDINGS, WITHOUT_IDS, sweep, write_wave


def sentence_of_command(*arguments):
    run = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert run.returncode != 0
    return run.stderr.splitlines()[0][len("error: "):]


@pytest.mark.parametrize(
    "waveform, sentence",
    [
        (np.zeros(8000, np.int16), "samples of int16: give floats between -1 and 1, as int16 samples / 32768"),
        (np.zeros(8000, bool), "samples of bool"),
        (np.zeros(8000, np.complex64), "samples of complex64"),
        (["a"], "samples of <U1"),
        (np.zeros((2, 8000), np.float32), r"shape \(2, 8000\): give one channel"),
        (np.float32(0), r"shape \(\)"),
        (np.zeros(0, np.float32), "is empty"),
        ([], "is empty"),
        (np.zeros(20, np.float32), "20 samples are too short: the model needs at least"),
        (np.full(8000, np.nan, np.float32), "sample 0 of the waveform is NaN"),
        (np.full(8000, 1e300), "sample 0 of the waveform is infinite"),
        (sweep(8000) * 1e38, "not finite"),
        ([[1.0], [1.0, 2.0]], "cannot be read as an array"),
        (object(), "samples of object"),
        (None, "samples of object"),
    ],
)
def test_waveforms(model, waveform, sentence):
    with pytest.raises(ValueError, match=sentence):
        model.quantize(waveform, 16000)
    with pytest.raises(ValueError, match=sentence):
        model.extract(waveform, 16000)


@pytest.mark.parametrize("rate", [0, -16000, 2**31, 2**70, 0.5, float("nan"), float("inf")])
def test_sample_rates(model, rate):
    with pytest.raises((ValueError, OverflowError)):
        model.quantize(sweep(8000), rate, resample=True)


def test_sample_rate_is_needed(model):
    with pytest.raises(TypeError):
        model.quantize(sweep(8000))
    with pytest.raises(ValueError, match=r"8000 Hz, needed are 16000 Hz: convert it, or have it resampled \(resample=True\)$"):
        model.quantize(sweep(8000), 8000)


@pytest.mark.parametrize("layer", ["", "x", "layer.0", "layer.9", "z\0c"])
def test_layers(model, layer):
    with pytest.raises(ValueError, match="layer"):
        model.extract(sweep(8000), 16000, layer=layer)


def test_closed_model():
    model = vqw2v.load(GUMBEL)
    assert not model.closed
    model.close()
    model.close()
    assert model.closed and "closed" in repr(model)
    for call in (
        lambda: model.quantize(sweep(8000), 16000),
        lambda: model.extract(sweep(8000), 16000),
        lambda: model.quantize_file(RECORDINGS[0]),
        lambda: model.quantize_files([RECORDINGS[0]]),
        lambda: model.describe(),
    ):
        with pytest.raises(ValueError, match="the model is closed: load it again"):
            call()


def test_checkpoints(tmp_path):
    whole = GUMBEL.read_bytes()
    for count in (0, 1, 10, 100, len(whole) // 2, len(whole) - 1):
        path = tmp_path / f"{count}.pt"
        path.write_bytes(whole[:count])
        with pytest.raises(ValueError, match=f"{count}.pt") as error:
            vqw2v.load(path)
        assert str(error.value) == sentence_of_command("inspect", path)
    missing = tmp_path / "missing.pt"
    with pytest.raises(FileNotFoundError) as error:
        vqw2v.load(missing)
    assert str(error.value) == sentence_of_command("inspect", missing)
    with pytest.raises(ValueError, match="zero byte"):
        vqw2v.load("a\0b")
    with pytest.raises(ValueError, match="neither a checkpoint nor clusters"):
        vqw2v.load()
    with pytest.raises(TypeError):
        vqw2v.load(3)


def test_clusters(tmp_path):
    with pytest.raises(ValueError, match="checkpoint_cfg.pt"):
        vqw2v.load(clusters=GUMBEL)
    clusters = tmp_path / "z.safetensors"
    subprocess.run(
        [PROGRAM, "cluster", "-c", GUMBEL, "--layer", "z", "--units", "3", "-o", clusters, RECORDINGS[0]],
        check=True, capture_output=True)
    with pytest.raises(ValueError, match="the layer z is a model's"):
        vqw2v.load(clusters=clusters)
    other = vqw2v.load
    with pytest.raises(ValueError):
        other(KMEANS, clusters=clusters).quantize(sweep(8000), 16000)


def test_models_without_ids():
    with vqw2v.load(WITHOUT_IDS) as model:
        assert model.groups == 0
        assert model.extract(sweep(8000), 16000).ndim == 2
        with pytest.raises(ValueError, match="has no quantizer"):
            model.quantize(sweep(8000), 16000)


def test_files(model, tmp_path):
    silent = tmp_path / "silent.wav"
    write_wave(silent, np.zeros(8000))
    cut = tmp_path / "cut.flac"
    cut.write_bytes(RECORDINGS[0].read_bytes()[:5000])
    for path in (silent, cut, tmp_path):
        with pytest.raises(ValueError):
            model.quantize_file(path)
    with pytest.raises(FileNotFoundError, match="none.wav"):
        model.quantize_file(tmp_path / "none.wav")
    slow = tmp_path / "slow.wav"
    write_wave(slow, sweep(8000), rate=8000)
    with pytest.raises(ValueError, match=r"have it resampled \(resample=True\)$"):
        model.quantize_file(slow)


def test_names_of_any_bytes(model, tmp_path):
    name = os.fsencode(tmp_path) + b"/\xff\xfe.wav"
    write_wave(os.fsdecode(name), sweep(8000))
    np.testing.assert_array_equal(model.quantize_file(name), model.quantize_file(Path(os.fsdecode(name))))


def test_bad_files_among_good_ones(model, tmp_path):
    paths = [RECORDINGS[0], tmp_path / "none.wav", RECORDINGS[1]]
    results = list(model.quantize_files(paths, threads=2, errors="return"))
    assert isinstance(results[1], FileNotFoundError)
    np.testing.assert_array_equal(results[2], model.quantize_file(RECORDINGS[1]))
    results = model.quantize_files(paths, threads=2)
    next(results)
    with pytest.raises(FileNotFoundError):
        next(results)
    with pytest.raises(ValueError, match="threads must be at least 1"):
        model.quantize_files(paths, threads=0)
    with pytest.raises(ValueError, match="errors must be"):
        model.quantize_files(paths, errors="ignore")


def test_threads():
    for count in (0, -1, 2**31):
        with pytest.raises(ValueError, match="at least 1"):
            vqw2v.set_threads(count)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions(tmp_path):
    path = tmp_path / "secret.pt"
    path.write_bytes(b"")
    path.chmod(0)
    with pytest.raises(OSError, match="Permission denied"):
        vqw2v.load(path)
