"""Ids and features are the command's, whatever the samples come in."""

import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import vqw2v
from conftest import (CHECKPOINTS, GUMBEL, HUGGING_FACE, KMEANS, RECORDINGS, command, command_ids, sweep,
                      write_wave)


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=lambda path: path.parent.name)
def test_ids_are_the_commands(checkpoint, recording):
    path, samples = recording
    model = vqw2v.load(checkpoint)
    expected = command_ids(checkpoint, path)
    for ids in (model.quantize(samples, 16000), model.quantize_file(path), model.quantize_file(str(path))):
        assert ids.dtype == np.int32 and ids.shape == expected.shape
        assert ids.flags.c_contiguous and ids.flags.writeable
        np.testing.assert_array_equal(ids, expected)
    assert expected.max() < model.codewords and expected.shape[1] == model.groups
    assert len(np.unique(expected)) > 1


@pytest.mark.parametrize("layer", ["z", "logits", "quantized", "c"])
def test_features_are_the_commands(layer, recording, model, tmp_path):
    path, samples = recording
    command("extract", "-c", GUMBEL, "--layer", layer, "-o", tmp_path / "out", path)
    expected = np.load(next((tmp_path / "out").glob("*.npy")))
    for features in (model.extract(samples, 16000, layer=layer), model.extract_file(path, layer=layer)):
        assert features.dtype == np.float32
        np.testing.assert_array_equal(features, expected)


def test_layers_of_a_transformer(recording):
    model = vqw2v.load(HUGGING_FACE)
    assert model.extract(recording[1], 16000, layer="layer.1").shape[0] == len(model.quantize(recording[1], 16000))


def test_other_sample_rates(tmp_path, model):
    path = tmp_path / "a.wav"
    samples = write_wave(path, sweep(30000), rate=22050)
    expected = command_ids(GUMBEL, path, "--resample")
    np.testing.assert_array_equal(model.quantize(samples, 22050, resample=True), expected)
    np.testing.assert_array_equal(model.quantize_file(path, resample=True), expected)


def test_files_of_several_channels_are_their_mean(tmp_path, model):
    path = tmp_path / "a.wav"
    samples = write_wave(path, np.stack([sweep(9000), sweep(9000, 3)], axis=1))
    np.testing.assert_array_equal(model.quantize_file(path), model.quantize(samples.mean(axis=1), 16000))


def test_waveforms_of_all_kinds(model):
    samples = sweep(8000)
    expected = model.quantize(samples, 16000)
    strided = np.zeros(16000, np.float32)
    strided[::2] = samples
    read_only = samples.copy()
    read_only.flags.writeable = False
    big_endian = samples.astype(">f4")
    for waveform in (samples.astype(np.float64), samples[None], strided[::2], read_only, big_endian, list(samples)):
        np.testing.assert_array_equal(model.quantize(waveform, 16000), expected)
    np.testing.assert_array_equal(model.quantize(samples, 16000.0), expected)
    half = samples.astype(np.float16)
    np.testing.assert_array_equal(model.quantize(half, 16000), model.quantize(half.astype(np.float32), 16000))


def test_float32_is_not_copied():
    from vqw2v._arrays import samples_of

    samples = sweep(100)
    assert samples_of(samples).ctypes.data == samples.ctypes.data
    assert samples_of(samples[None]).ctypes.data == samples.ctypes.data


def test_results_outlive_the_model(recording):
    model = vqw2v.load(KMEANS)
    ids = model.quantize(recording[1], 16000)
    copy = ids.copy()
    model.close()
    del model
    gc.collect()
    np.testing.assert_array_equal(ids, copy)
    ids += 1


def test_files_in_order(model):
    alone = [model.quantize_file(path) for path in RECORDINGS]
    for threads in (1, 2, 5):
        together = list(model.quantize_files(iter(RECORDINGS), threads=threads))
        assert len(together) == len(alone)
        for ids, expected in zip(together, alone):
            np.testing.assert_array_equal(ids, expected)
    # Paths are taken as results are asked for.
    taken = []
    results = model.quantize_files((taken.append(path) or path for path in RECORDINGS), threads=1)
    assert not taken
    next(results)
    assert len(taken) == 2
    results.close()


def test_threads_share_a_model(model):
    waveforms = [sweep(6000 + 700 * index, index) for index in range(8)]
    expected = [model.quantize(waveform, 16000) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for ids, wanted in zip(pool.map(lambda waveform: model.quantize(waveform, 16000), waveforms), expected):
                np.testing.assert_array_equal(ids, wanted)


def test_other_threads_run_during_a_call(model):
    """The interpreter's lock is free: another thread counts on while a long call is at work."""
    waveform = sweep(16000 * 60)
    running, counts = threading.Event(), [0]

    def count():
        while not running.is_set():
            counts[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counts[0]
        model.quantize(waveform, 16000)
        during = counts[0] - before
    finally:
        running.set()
        thread.join()
    # With the lock held it would be the turns around the call, a few thousand at most.
    assert during > 10000


def test_threads_of_calls(model):
    before, ids = vqw2v.threads(), model.quantize(sweep(50000), 16000)
    try:
        for count in (1, 3):
            vqw2v.set_threads(count)
            assert vqw2v.threads() == count
            np.testing.assert_array_equal(model.quantize(sweep(50000), 16000), ids)
    finally:
        vqw2v.set_threads(before)


def test_description(model):
    assert model.describe() == json.loads(command("inspect", "--json", GUMBEL))
    assert (model.sample_rate, model.groups, model.codewords) == (16000, 2, 12)
    assert model.hop == 40 and model.frame_rate == 400
    assert "checkpoint_cfg.pt" in repr(model)
    assert command("--version").strip() == f"vqw2v {vqw2v.__version__}"


@pytest.mark.parametrize("layer", ["mfcc", "z"])
def test_clusters(layer, recording, tmp_path):
    path, samples = recording
    checkpoint = None if layer == "mfcc" else GUMBEL
    named = [] if checkpoint is None else ["-c", checkpoint]
    clusters = tmp_path / "clusters.safetensors"
    command("cluster", *named, "--layer", layer, "--units", 7, "-o", clusters, *RECORDINGS[:2])
    line = command("quantize", *named, "--clusters", clusters, path).rstrip("\n").split("\t")[1]
    model = vqw2v.load(checkpoint, clusters=clusters)
    assert (model.groups, model.codewords) == (1, 7)
    np.testing.assert_array_equal(model.quantize(samples, 16000), np.array(line.split(" "), np.int32)[:, None])
    assert model.describe()["clusters"]["units"] == 7


def test_memory_is_given_back(model):
    import resource

    samples = sweep(16000)
    for _ in range(20):
        model.extract(samples, 16000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(2000):
        model.extract(samples, 16000)
    # Each result has 25 KB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
