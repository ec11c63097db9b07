"""wav2vec 2.0 BASE of both peers, with the same weights: fairseq's own from its PyPI package, and that of transformers."""
import argparse

import torch
from safetensors.torch import load_file


def fairseq_configuration():
    """The published pre-training configuration; no layers are dropped, so that every update is the same work."""
    from fairseq.models.wav2vec.wav2vec2 import Wav2Vec2Config

    config = Wav2Vec2Config()
    settings = dict(
        quantize_targets=True, final_dim=256, latent_temp=(2.0, 0.5, 0.999995), dropout_input=0.1,
        dropout_features=0.1, encoder_layerdrop=0.0, feature_grad_mult=0.1, extractor_mode="default",
        conv_pos=128, conv_pos_groups=16, mask_prob=0.65, mask_length=10, num_negatives=100, logit_temp=0.1)
    for key, value in settings.items():
        setattr(config, key, value)
    return config


def fairseq_model(checkpoint):
    import fairseq_model  # noqa: F401: quietens it
    from fairseq.models.wav2vec.wav2vec2 import Wav2Vec2Model

    model = Wav2Vec2Model.build_model(fairseq_configuration())
    model.load_state_dict(load_file(checkpoint))
    return model


def fairseq_criterion():
    from fairseq.criterions.wav2vec_criterion import Wav2vecCriterion

    return Wav2vecCriterion(
        None, infonce=True, loss_weights=[0.1, 10], log_keys=["prob_perplexity", "code_perplexity", "temp"])


def fairseq_optimizer(model):
    from fairseq.optim.adam import FairseqAdam

    return FairseqAdam(
        argparse.Namespace(
            lr=[1e-5], adam_betas="(0.9, 0.98)", adam_eps=1e-6, weight_decay=0.01, use_old_adam=False,
            tpu=False, fp16_adam_stats=False),
        list(model.parameters()))


def transformers_name(name):
    """The name of one of fairseq's tensors in Wav2Vec2ForPreTraining."""
    if name == "mask_emb":
        return "wav2vec2.masked_spec_embed"
    if name == "quantizer.vars":
        return "quantizer.codevectors"
    name = name.replace("final_proj.", "project_hid.")
    if name.startswith(("project_", "quantizer.")):
        return name
    if name.startswith("feature_extractor.conv_layers."):
        index, part, kind = name.split(".")[2:5]
        return f"wav2vec2.feature_extractor.conv_layers.{index}.{'conv' if part == '0' else 'layer_norm'}.{kind}"
    for old, new in (
        ("post_extract_proj.", "feature_projection.projection."),
        ("encoder.pos_conv.0.weight_g", "encoder.pos_conv_embed.conv.parametrizations.weight.original0"),
        ("encoder.pos_conv.0.weight_v", "encoder.pos_conv_embed.conv.parametrizations.weight.original1"),
        ("encoder.pos_conv.0.bias", "encoder.pos_conv_embed.conv.bias"),
        ("self_attn_layer_norm.", "layer_norm."), ("self_attn.", "attention."),
        ("fc1.", "feed_forward.intermediate_dense."), ("fc2.", "feed_forward.output_dense."),
    ):
        name = name.replace(old, new)
    if name.startswith("layer_norm."):
        name = "feature_projection." + name
    return "wav2vec2." + name


def transformers_model(checkpoint):
    from transformers import Wav2Vec2Config, Wav2Vec2ForPreTraining

    config = Wav2Vec2Config(
        hidden_dropout=0.1, attention_dropout=0.1, activation_dropout=0.0, feat_proj_dropout=0.1,
        feat_quantizer_dropout=0.1, layerdrop=0.0, mask_time_prob=0.65, mask_time_length=10,
        codevector_dim=256, proj_codevector_dim=256, num_codevectors_per_group=320, num_codevector_groups=2,
        num_negatives=100, contrastive_logits_temperature=0.1, diversity_loss_weight=0.1)
    model = Wav2Vec2ForPreTraining(config)
    model.load_state_dict({transformers_name(name): value for name, value in load_file(checkpoint).items()})
    return model


class Contexts(torch.nn.Module):
    """c of transformers' model."""

    def __init__(self, model):
        super().__init__()
        self.model = model.wav2vec2

    def forward(self, waveform):
        return self.model(waveform, return_dict=True).last_hidden_state


class Tokens(torch.nn.Module):
    """The ids of transformers' model, which has no method for them."""

    def __init__(self, model):
        super().__init__()
        self.extractor = model.wav2vec2.feature_extractor
        self.norm = model.wav2vec2.feature_projection.layer_norm
        self.logits = model.quantizer.weight_proj
        self.groups = model.config.num_codevector_groups

    def forward(self, waveform):
        logits = self.logits(self.norm(self.extractor(waveform).transpose(1, 2)))
        return logits.unflatten(-1, (self.groups, -1)).argmax(-1)
