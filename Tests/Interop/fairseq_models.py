"""Random wav2vec 2.0 and HuBERT models of fairseq's own, saved as its training saves them."""

import argparse
import logging
import warnings

import torch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
# Checkpoints hold objects of Python, which torch.load refuses unless told otherwise.
_load = torch.load
torch.load = lambda *a, **k: _load(*a, **{"weights_only": False, **k})

from fairseq import checkpoint_utils  # noqa: E402
from fairseq.data import Dictionary  # noqa: E402
from fairseq.dataclass.utils import convert_namespace_to_omegaconf  # noqa: E402
from fairseq.models.hubert.hubert import HubertConfig, HubertModel  # noqa: E402
from fairseq.models.hubert.hubert_asr import HubertCtcConfig, HubertEncoder  # noqa: E402
from fairseq.models.wav2vec.wav2vec2 import Wav2Vec2Config, Wav2Vec2Model  # noqa: E402
from fairseq.models.wav2vec.wav2vec2_asr import Wav2Vec2CtcConfig, Wav2VecEncoder  # noqa: E402
from omegaconf import OmegaConf, open_dict  # noqa: E402

BASE = {}
LARGE = {"extractor_mode": "layer_norm", "conv_bias": True, "layer_norm_first": True}
SMALL = {
    "conv_feature_layers": "[(16, 10, 5)] + [(16, 3, 2)] * 4 + [(16, 2, 2)] * 2", "encoder_layers": 2,
    "encoder_embed_dim": 24, "encoder_ffn_embed_dim": 48, "encoder_attention_heads": 4, "conv_pos": 8,
    "conv_pos_groups": 2, "final_dim": 16}
TARGETS = {"quantize_targets": True, "latent_vars": 40}


@torch.no_grad()
def jiggle(model):
    """Norms away from (1, 0)."""
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def filled(config, fields):
    for key, value in fields.items():
        assert hasattr(config, key), key
        setattr(config, key, value)
    return config


def values(config):
    """The fields of a dataclass as fairseq saves them."""
    fields = OmegaConf.to_container(OmegaConf.structured(config), resolve=False, enum_to_str=True)
    return {key: value for key, value in fields.items() if key != "_name"}


def history(updates):
    return [{"criterion_name": "x", "optimizer_name": "FairseqAdam", "lr_scheduler_state": {"best": None},
             "num_updates": updates}]


def state(cfg, model, task_state=None, updates=7):
    return {"args": None, "cfg": cfg, "model": model.state_dict(), "criterion": None,
            "optimizer_history": history(updates), "task_state": task_state or {},
            "extra_state": {"train_iterator": {"epoch": 1, "iterations_in_epoch": 0}}, "last_optimizer_state": None}


def wav2vec2(path, normalize=False, style="cfg", half=False, **fields):
    """Saves a model for pre-training and returns it."""
    torch.manual_seed(1)
    fields = {**TARGETS, **fields}
    config = filled(Wav2Vec2Config(), fields)
    model = jiggle(Wav2Vec2Model(config))
    if half:
        model = model.half().float()
    cfg = {"model": {"_name": "wav2vec2", **values(config)},
           "task": {"_name": "audio_pretraining", "data": "", "sample_rate": 16000, "normalize": normalize},
           "criterion": {"_name": "wav2vec", "infonce": True, "loss_weights": [0.1, 10.0], "log_keys": []}}
    saved = state(cfg, model)
    if half:
        halve(saved)
    if style == "args":
        flat = {**values(config), "latent_temp": "(2.0,0.5,0.999995)"}
        saved["args"], saved["cfg"] = argparse.Namespace(
            arch="wav2vec2", task="audio_pretraining", criterion="wav2vec", data="", sample_rate=16000,
            normalize=normalize, infonce=True, loss_weights=[0.1, 10], **flat), None
        torch.save(saved, path, _use_new_zipfile_serialization=False)
    else:
        torch.save(saved, path)
    return model


def halve(saved):
    """As a run with --fp16 saves its weights."""
    saved["model"] = {k: v.half() for k, v in saved["model"].items()}


def labels():
    dictionary = Dictionary()
    for label in range(6):
        dictionary.add_symbol(str(label))
    return dictionary


def hubert(path, normalize=False, half=False, **fields):
    """The same of HuBERT."""
    torch.manual_seed(2)
    config = filled(HubertConfig(), {"label_rate": 50, **fields})
    task = {"_name": "hubert_pretraining", "data": "", "labels": ["km"], "label_rate": 50, "sample_rate": 16000,
            "normalize": normalize}
    model = jiggle(HubertModel(config, argparse.Namespace(sample_rate=16000), [labels()]))
    if half:
        model = model.half().float()
    cfg = {"model": {"_name": "hubert", **values(config)}, "task": task}
    saved = state(cfg, model, {"dictionaries": [labels()]})
    if half:
        halve(saved)
    torch.save(saved, path)
    return model


def fine_tuned(path, pretrained, family, normalize=False):
    """A model for CTC made from a saved one, as fairseq's fine-tuning makes and saves it."""
    torch.manual_seed(3)
    name, asr = {"wav2vec2": ("wav2vec_ctc", Wav2Vec2CtcConfig), "hubert": ("hubert_ctc", HubertCtcConfig)}[family]
    # Some of its fields are references to other parts of the configuration.
    cfg = OmegaConf.create({
        "model": {"_name": name, **values(asr()), "w2v_path": str(pretrained), "autoregressive": False},
        "task": {"_name": "audio_finetuning", "data": "", "normalize": normalize, "labels": "ltr"},
        "distributed_training": {"ddp_backend": "legacy_ddp"}})
    if family == "wav2vec2":
        encoder = Wav2VecEncoder(cfg.model, 12)
    else:
        encoder = HubertEncoder(cfg.model, argparse.Namespace(target_dictionary=labels()))
    cfg.model.w2v_path = "pretrained.pt"
    whole = jiggle(torch.nn.ModuleDict({"w2v_encoder": encoder}))
    torch.save(state(OmegaConf.to_container(cfg, resolve=False, enum_to_str=True), whole), path)
    return encoder.w2v_model


def load(path):
    """By fairseq's own loader."""
    models, _, _ = checkpoint_utils.load_model_ensemble_and_task([str(path)])
    return models[0].float().eval()


@torch.no_grad()
def outputs(model, waveform):
    """waveform [1, N] to z, every layer of the transformer and c, [T, D] each."""
    z = model.layer_norm(model.feature_extractor(waveform).transpose(1, 2))
    found = {"z": z[0], "c": features(model, waveform, None)}
    for layer in range(len(model.encoder.layers)):
        found[f"layer.{layer + 1}"] = features(model, waveform, layer)
    return {name: value.float().numpy() for name, value in found.items()}


def features(model, waveform, layer):
    if isinstance(model, HubertModel):
        return model.extract_features(waveform, output_layer=None if layer is None else layer + 1)[0][0]
    return model.extract_features(waveform, padding_mask=None, mask=False, layer=layer)["x"][0]


@torch.no_grad()
def ids(model, waveform):
    """waveform [1, N] to [T, G]."""
    return model.quantize(waveform)[1][0].numpy()
