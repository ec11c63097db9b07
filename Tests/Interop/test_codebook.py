"""The codebook folder, against the weights and the tokens."""

import hashlib
import json
from collections import Counter

import numpy as np
from conftest import RECORDINGS, token_lines, vqw2v
from safetensors.numpy import load_file


def rows(checkpoint):
    """[G', V, d] from fairseq's layout."""
    weights = load_file(checkpoint)
    if "vector_quantizer.vars" in weights:
        return weights["vector_quantizer.vars"].reshape(-1, 40, 16)
    return weights["vector_quantizer.embedding"].transpose(1, 0, 2)


def test_codebook(checkpoint, tmp_path):
    vqw2v("quantize", "--checkpoint", checkpoint, "--output", tmp_path / "ids.tsv", *RECORDINGS)
    book = tmp_path / "book"
    vqw2v("convert", checkpoint, book, "--format", "codebook", "--tokens", tmp_path / "ids.tsv")
    codebook = np.load(book / "codebook.npy", allow_pickle=False)
    assert codebook.dtype == np.float32 and codebook.shape == (2, 40, 16)
    # The small preset shares one codebook among the groups.
    assert all(np.array_equal(codebook[group], rows(checkpoint)[0]) for group in range(2))

    counts = Counter(frame for line in token_lines(checkpoint).values() for frame in line.split(" "))
    table = [line.split("\t") for line in (book / "combinations.tsv").read_text().splitlines()]
    assert {ids: int(count) for ids, count in table} == counts
    assert [int(count) for _, count in table] == sorted(counts.values(), reverse=True)

    about = json.loads((book / "codebook.json").read_text())
    assert about["shape"] == [2, 40, 16]
    assert about["checkpoint_sha256"] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()


def test_separate_codebooks(train, tmp_path):
    for kind in ("gumbel", "kmeans"):
        checkpoint = train(f"quantizer.kind={kind}", "quantizer.combine_groups=false")
        vqw2v("convert", checkpoint, tmp_path / kind, "--format", "codebook")
        assert np.array_equal(np.load(tmp_path / kind / "codebook.npy"), rows(checkpoint))
        assert not (tmp_path / kind / "combinations.tsv").exists()
