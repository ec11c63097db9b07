"""fairseq's own vq-wav2vec, from its PyPI package: what "as shipped" means."""
import argparse
import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import torch  # noqa: E402

# Checkpoints hold objects of Python, which torch.load now refuses unless told otherwise.
_load = torch.load
torch.load = lambda *a, **k: _load(*a, **{"weights_only": False, **k})

from fairseq import checkpoint_utils  # noqa: E402
from fairseq.criterions.wav2vec_criterion import Wav2vecCriterion  # noqa: E402
from fairseq.dataclass.utils import convert_namespace_to_omegaconf  # noqa: E402
from fairseq.models.wav2vec.wav2vec import Wav2VecConfig, Wav2VecModel  # noqa: E402
from fairseq.optim.adam import FairseqAdam  # noqa: E402

ENCODER = [(512, 10, 5), (512, 8, 4)] + [(512, 4, 2)] * 3 + [(512, 1, 1)] * 3
AGGREGATOR = [(512, kernel, 1) for kernel in range(2, 14)]


def configuration(kind):
    """The paper's topology with the options of fairseq's README, all in one place."""
    settings = dict(
        conv_feature_layers=str(ENCODER), conv_aggregator_layers=str(AGGREGATOR), activation="gelu",
        offset="auto", skip_connections_agg=True, residual_scale=0.5, log_compression=True, vq_type=kind,
        vq_groups=2, vq_vars=320, vq_temp=(2.0, 0.5, 0.999995), combine_groups=True, prediction_steps=12,
        num_negatives=10, cross_sample_negatives=0)
    if kind == "gumbel":
        settings["vq_depth"] = 2
    config = Wav2VecConfig()
    config.infonce = False
    for key, value in settings.items():
        setattr(config, key, value)
    return config


def build(kind):
    return Wav2VecModel(configuration(kind))


def criterion(kind):
    return Wav2vecCriterion(
        None, infonce=False, loss_weights=[1.0] if kind == "kmeans" else None,
        log_keys=["prob_perplexity", "code_perplexity", "temp"] if kind == "gumbel" else None)


def optimizer(model):
    return FairseqAdam(
        argparse.Namespace(
            lr=[1e-5], adam_betas="(0.9, 0.999)", adam_eps=1e-8, weight_decay=0.0, use_old_adam=False,
            tpu=False, fp16_adam_stats=False),
        list(model.parameters()))


def save(model, kind, path):
    """A checkpoint that fairseq's own loader reads."""
    config = configuration(kind)
    values = {}
    for key in Wav2VecConfig.__dataclass_fields__:
        if key == "_name":
            continue
        value = getattr(config, key)
        value = getattr(value, "value", value)
        values[key] = list(value) if isinstance(value, tuple) else value
    values["vq_temp"] = "(%s)" % ",".join(repr(float(v)) for v in values["vq_temp"])
    namespace = argparse.Namespace(
        arch="wav2vec", task="audio_pretraining", data="manifest", criterion="wav2vec", optimizer="adam",
        lr_scheduler="cosine", lr=[1e-5], max_update=400000, sample_rate=16000, max_sample_size=150000,
        log_keys=["prob_perplexity", "code_perplexity", "temp"],
        loss_weights=[1.0] if kind == "kmeans" else None, **values)
    from omegaconf import OmegaConf

    full = OmegaConf.to_container(
        convert_namespace_to_omegaconf(namespace), resolve=True, enum_to_str=True)
    torch.save(
        {
            "args": None, "cfg": full, "model": model.state_dict(), "criterion": None,
            "optimizer_history": [
                {"criterion_name": "Wav2vecCriterion", "optimizer_name": "FairseqAdam",
                 "lr_scheduler_state": {"best": None}, "num_updates": 0}],
            "task_state": {}, "extra_state": {"train_iterator": {"epoch": 1, "iterations_in_epoch": 0}},
            "last_optimizer_state": None,
        }, path)


def load(path):
    models, _, _ = checkpoint_utils.load_model_ensemble_and_task([path])
    return models[0].float()
