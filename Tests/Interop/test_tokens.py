"""Token files, each read by the library that users read it with, against the tsv of the same tokens."""

import json
from collections import Counter

import kaldiio
import lhotse
import numpy as np
import pytest
from conftest import RECORDINGS, ids_of, token_lines, vqw2v
from safetensors import safe_open
from safetensors.numpy import load_file
from tokenizers import Tokenizer


@pytest.fixture(scope="session")
def expected(checkpoint):
    """Ids [T, G] by the recording's name."""
    lines = token_lines(checkpoint)
    return {path.stem: ids_of(lines[str(path)]) for path in RECORDINGS}


@pytest.fixture
def write(checkpoint, tmp_path):
    def run(format, output, *more):
        vqw2v("quantize", "--checkpoint", checkpoint, "--format", format, "--output", tmp_path / output, *more,
              *RECORDINGS)
        return tmp_path / output

    return run


def combined(ids, codewords=40):
    return (ids * codewords ** np.arange(ids.shape[1])[::-1]).sum(axis=1)


def same(actual, expected, dtype):
    assert set(actual) == set(expected)
    for name, ids in expected.items():
        assert actual[name].dtype == dtype and np.array_equal(actual[name], ids), name


def test_npy(write, expected):
    folder = write("npy", "ids")
    same({path.stem: np.load(path, allow_pickle=False) for path in folder.iterdir()}, expected, np.int32)


def test_npz(write, expected):
    with np.load(write("npz", "ids.npz"), allow_pickle=False) as archive:
        same(dict(archive), expected, np.int32)


def test_safetensors(write, expected):
    path = write("safetensors", "ids.safetensors")
    same(load_file(path), expected, np.int16)
    with safe_open(path, "np") as file:
        assert len(file.metadata()["checkpoint_sha256"]) == 64


def test_kaldi(write, expected):
    write("kaldi", "pairs")
    matrices = kaldiio.load_scp(str(write("kaldi", "pairs").with_suffix(".scp")))
    same(dict(matrices), expected, np.float32)
    vectors = kaldiio.load_scp(str(write("kaldi", "numbers", "--ids", "combined").with_suffix(".scp")))
    same(dict(vectors), {name: combined(ids) for name, ids in expected.items()}, np.int32)
    archive = dict(kaldiio.load_ark(str(write("kaldi", "numbers", "--ids", "combined").with_suffix(".ark"))))
    assert set(archive) == set(expected)


def test_gslm(write, expected):
    lines = [line.split("|") for line in write("gslm", "ids.txt").read_text().splitlines()]
    same({name: np.array(ids.split(" "), np.int64) for name, ids in lines},
         {name: combined(ids) for name, ids in expected.items()}, np.int64)


def test_jsonl(write, expected):
    lines = [json.loads(line) for line in write("jsonl", "ids.jsonl").read_text().splitlines()]
    same({line["name"]: np.array(line["ids"]) for line in lines}, expected, np.int64)
    assert all(line["frames"] == len(line["ids"]) for line in lines)


def test_fairseq(write, checkpoint):
    path = write("fairseq", "train.src")
    lines = path.read_text().splitlines()
    reference = token_lines(checkpoint)
    assert lines == [reference[str(recording)] for recording in RECORDINGS]
    counts = Counter(token for line in lines for token in line.split(" "))
    entries = [line.split(" ") for line in (path.parent / "dict.txt").read_text().splitlines()]
    assert {token: int(count) for token, count in entries} == counts
    assert [int(count) for _, count in entries] == sorted(counts.values(), reverse=True)


def test_vocabulary(write, tmp_path, expected):
    lines = write("fairseq", "train.src", "--vocabulary", tmp_path / "vocabulary").read_text().splitlines()
    tokenizer = Tokenizer.from_file(str(tmp_path / "vocabulary/tokenizer.json"))
    words = {word for line in lines for word in line.split(" ")}
    assert words < set(tokenizer.get_vocab())
    for line in lines:
        encoding = tokenizer.encode(line)
        assert encoding.tokens == ["[CLS]", *line.split(" "), "[SEP]"]
    assert tokenizer.encode("40-0").tokens == ["[CLS]", "[UNK]", "[SEP]"]


def test_lhotse(write, expected):
    cuts = lhotse.CutSet.from_jsonl(write("lhotse", "cuts.jsonl"))
    same({cut.id: np.array(cut.tokens) for cut in cuts}, expected, np.int64)
    for cut, path in zip(cuts, RECORDINGS):
        assert cut.supervisions[0].recording_id == path.stem
        audio = cut.load_audio()
        assert audio.shape == (1, cut.num_samples) and cut.sampling_rate == 16000


def test_durations(write, expected):
    with np.load(write("npz", "runs.npz", "--deduplicate"), allow_pickle=False) as archive:
        for name, ids in expected.items():
            runs, durations = archive[name], archive[f"{name}.durations"]
            assert np.array_equal(np.repeat(runs, durations, axis=0), ids)
            assert (np.diff(runs, axis=0) != 0).any(axis=1).all()
