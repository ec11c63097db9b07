"""Writes Tests/CheckpointsTests/Cases: checkpoints of fairseq and transformers in small, and what these compute of them.

    .interop/bin/python Tests/Interop/make_cases.py     # after `make test-interop` has made .interop
"""

import shutil
from pathlib import Path

import fairseq_models as fairseq
import numpy as np
import torch
import transformer_models as transformers
from safetensors.numpy import save_file

CASES = Path(__file__).resolve().parents[1] / "CheckpointsTests/Cases"
FAIRSEQ = {
    "conv_feature_layers": "[(8, 10, 5), (8, 3, 2)]", "encoder_layers": 2, "encoder_embed_dim": 12,
    "encoder_ffn_embed_dim": 16, "encoder_attention_heads": 2, "conv_pos": 6, "conv_pos_groups": 2, "final_dim": 8}
TRANSFORMERS = {
    "conv_dim": (8, 8), "conv_kernel": (10, 3), "conv_stride": (5, 2), "num_feat_extract_layers": 2, "hidden_size": 12,
    "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16, "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 2, "vocab_size": 8}

for old in CASES.iterdir():
    if old.is_dir():
        shutil.rmtree(old)
    elif old.name != "README.md":
        old.unlink()
t = torch.arange(600) / 16000
waveform = 0.1 + 0.3 * torch.sin(2 * torch.pi * (300 * t + 4000 * t * t)) * (1 + torch.sin(2 * torch.pi * 25 * t)) / 2
normalized = torch.nn.functional.layer_norm(waveform, waveform.shape)[None]
expected = {"waveform": waveform.numpy()}


def note(case, outputs):
    for layer, values in outputs.items():
        expected[f"{case}/{layer}"] = np.ascontiguousarray(values)


note("hubert_base.pt", fairseq.outputs(fairseq.hubert(CASES / "hubert_base.pt", **FAIRSEQ), waveform[None]))
large = fairseq.hubert(CASES / "hubert_large_half.pt", True, half=True, **FAIRSEQ, **fairseq.LARGE)
note("hubert_large_half.pt", fairseq.outputs(large, normalized))
tuned = fairseq.fine_tuned(CASES / "hubert_ctc.pt", CASES / "hubert_base.pt", "hubert")
note("hubert_ctc.pt", fairseq.outputs(tuned, waveform[None]))

fairseq.wav2vec2(CASES / "wav2vec2.pt", True, latent_vars=6, **FAIRSEQ, **fairseq.LARGE)
tuned = fairseq.fine_tuned(CASES / "wav2vec2_ctc.pt", CASES / "wav2vec2.pt", "wav2vec2", True)
note("wav2vec2_ctc.pt", fairseq.outputs(tuned, normalized))
(CASES / "wav2vec2.pt").unlink()

for family, style, form in [
    ("HubertModel", "base", "one file"), ("HubertForCTC", "large", "parts of bin"), ("Wav2Vec2ForCTC", "large", "parts")]:
    folder = CASES / family
    model = transformers.save(family, style, folder, form, size=TRANSFORMERS)
    note(family, transformers.outputs(model, transformers.prepared(folder, waveform.numpy())))
save_file(expected, CASES / "expected.safetensors")
