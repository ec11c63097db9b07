"""Event files of a run, read by TensorBoard itself."""

import json

import pytest
from conftest import ROOT, vqw2v
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SETTINGS = ["--set", "training.log_every=1", "--set", "training.validate_every=2"]


@pytest.fixture(scope="module", params=["small", "wav2vec2-small"])
def run(request, tmp_path_factory):
    """A run of 6 updates that was stopped after 3 and resumed."""
    folder = tmp_path_factory.mktemp("events") / "run"
    more = ["--preset", request.param, "--set", "training.max_updates=6", *SETTINGS]
    vqw2v("train", ROOT / "data/validation", "--output", folder, "--stop-after", 3, *more)
    vqw2v("train", ROOT / "data/validation", "--output", folder, "--resume")
    return folder


@pytest.fixture(scope="module")
def events(run):
    accumulator = EventAccumulator(str(run), size_guidance={kind: 0 for kind in ("scalars", "images", "audio", "tensors", "histograms")})
    accumulator.Reload()
    return accumulator


def test_scalars_are_those_of_the_log(run, events):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    for kind in ("train", "validation"):
        expected = [(line["update"], line["loss_bits"]) for line in lines if line["type"] == kind]
        found = [(event.step, event.value) for event in events.Scalars(f"{kind}/loss_bits")]
        assert [step for step, _ in found] == [step for step, _ in expected]
        assert [value for _, value in found] == pytest.approx([value for _, value in expected], rel=1e-6)


def test_histograms_count_codewords(events):
    for tag in ("codebook/chosen/1", "codebook/chosen/2"):
        histograms = events.Histograms(tag)
        assert [event.step for event in histograms] == [2, 4, 6]
        assert all(event.histogram_value.num == sum(event.histogram_value.bucket) > 0 for event in histograms)


def test_pictures_and_sound(events):
    for tag in ("codebook/similarity", "clip/spectrogram/1"):
        for image in events.Images(tag):
            assert image.encoded_image_string.startswith(b"\x89PNG\r\n") and image.width > 0 and image.height > 0
    sound = events.Audio("clip/audio/1")[0]
    assert sound.encoded_audio_string.startswith(b"RIFF") and sound.sample_rate == 16000
    assert sound.content_type == "audio/wav" and sound.length_frames <= 5 * 16000
