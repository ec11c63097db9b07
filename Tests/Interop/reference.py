"""vq-wav2vec in plain PyTorch, as the papers and fairseq's parameter names define it: fairseq itself does not
install on a current Python. Evaluation only; checked once against fairseq 0.12.3 (equal z, c and ids)."""

import argparse
import math

import torch
from torch import nn
from torch.nn import functional as F

ENCODER = [(512, 10, 5), (512, 8, 4), (512, 4, 2), (512, 4, 2), (512, 4, 2), (512, 1, 1), (512, 1, 1), (512, 1, 1)]
AGGREGATOR = [(512, kernel, 1) for kernel in range(2, 14)]
GROUPS, CODEWORDS, STEPS, WIDTH = 2, 320, 12, 512


def norm(channels, groups=1):
    return nn.GroupNorm(groups, channels)


class FeatureExtractor(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layers, inputs = nn.ModuleList(), 1
        for channels, kernel, stride in ENCODER:
            convolution = nn.Conv1d(inputs, channels, kernel, stride, bias=False)
            self.conv_layers.append(nn.Sequential(convolution, nn.Identity(), norm(channels), nn.GELU()))
            inputs = channels

    def forward(self, waveform):
        x = waveform[:, None]
        for layer in self.conv_layers:
            x = layer(x)
        return torch.log(1 + x.abs())


class Gumbel(nn.Module):
    """Codewords by the largest of two-layer logits; one codebook for all groups."""

    def __init__(self):
        super().__init__()
        self.vars = nn.Parameter(torch.rand(1, CODEWORDS, WIDTH // GROUPS))
        hidden = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU())
        self.weight_proj = nn.Sequential(hidden, nn.Linear(2 * WIDTH, GROUPS * CODEWORDS))

    def scores(self, z):
        """[T, G, V]; the largest is chosen."""
        return self.weight_proj(z[0].T).view(-1, GROUPS, CODEWORDS)

    def codewords(self, ids):
        return self.vars[0][ids].flatten(1).T[None]

    def spread(self, z):
        """Makes the choice use many codewords on such frames."""
        logits, last = self.scores(z).flatten(1), self.weight_proj[1]
        scale = 1 / logits.std(0)
        last.bias.copy_((last.bias - logits.mean(0)) * scale)
        last.weight.mul_(scale[:, None])


class KMeans(nn.Module):
    """Codewords by the smallest distance; one codebook for all groups."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(CODEWORDS, 1, WIDTH // GROUPS))
        convolution = nn.Conv1d(WIDTH, WIDTH, 1, groups=GROUPS, bias=False)
        self.projection = nn.Sequential(convolution, norm(WIDTH, GROUPS))

    def frames(self, z):
        return self.projection(z)[0].T.view(-1, GROUPS, 1, WIDTH // GROUPS)

    def scores(self, z):
        distances = [(frame - self.embedding[None, None, :, 0]).norm(dim=-1) for frame in self.frames(z).split(64)]
        return -torch.cat(distances)

    def codewords(self, ids):
        return self.embedding[ids, 0].flatten(1).T[None]

    def spread(self, z):
        frames = self.frames(z).flatten(0, 1)[:, 0]
        chosen = frames[torch.randperm(len(frames))[:CODEWORDS]]
        self.embedding.copy_((chosen + 0.3 * frames.std() * torch.randn_like(chosen))[:, None])


class Aggregator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layers = nn.ModuleList()
        for channels, kernel, stride in AGGREGATOR:
            padding = nn.ReplicationPad1d((kernel - 1, 0))
            convolution = nn.Conv1d(channels, channels, kernel, stride)
            self.conv_layers.append(nn.Sequential(padding, convolution, nn.Identity(), norm(channels), nn.GELU()))

    def forward(self, x):
        for layer in self.conv_layers:
            x = (layer(x) + x) * math.sqrt(0.5)
        return x


class Predictions(nn.Module):
    def __init__(self):
        super().__init__()
        self.project_to_steps = nn.ConvTranspose2d(WIDTH, WIDTH, (1, STEPS))


class Model(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.feature_extractor = FeatureExtractor()
        self.vector_quantizer = Gumbel() if kind == "gumbel" else KMeans()
        self.feature_aggregator = Aggregator()
        self.wav2vec_predictions = Predictions()
        self.kind = kind

    @torch.no_grad()
    def forward(self, waveform):
        """waveform [N] to z [T, C], ids [T, G], margin between the best two codewords [T, G], c [T, C]."""
        z = self.feature_extractor(waveform[None])
        best = self.vector_quantizer.scores(z).topk(2, dim=-1)
        ids, margin = best.indices[..., 0], best.values[..., 0] - best.values[..., 1]
        c = self.feature_aggregator(self.vector_quantizer.codewords(ids))
        return z[0].T, ids, margin, c[0].T


@torch.no_grad()
def random_model(kind, waveform):
    """Full size, with norms away from (1, 0) and codewords that are used."""
    torch.manual_seed(1)
    model = Model(kind).eval()
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.vector_quantizer.spread(model.feature_extractor(waveform[None]))
    return model


def fields(kind):
    """fairseq's configuration of the model."""
    return {
        "conv_feature_layers": str(ENCODER), "conv_aggregator_layers": str(AGGREGATOR), "activation": "gelu",
        "log_compression": True, "skip_connections_agg": True, "residual_scale": 0.5, "vq_type": kind,
        "vq_groups": GROUPS, "vq_vars": CODEWORDS, "vq_depth": 2, "combine_groups": True, "prediction_steps": STEPS,
        "num_negatives": 10, "infonce": False, "offset": "auto", "aggregator": "cnn",
    }


def save(model, path, style):
    """The file that fairseq would write: `cfg` of today, `args` of 2020 in the serialisation of 2020."""
    history = [{"criterion_name": "x", "optimizer_name": "FairseqAdam", "lr_scheduler_state": {}, "num_updates": 9}]
    state = {"model": model.state_dict(), "optimizer_history": history, "extra_state": {}, "last_optimizer_state": None}
    if style == "args":
        more = {"arch": "wav2vec", "task": "audio_pretraining", "data": "", "vq_temp": "(2.0,0.5,0.999995)", "lr": [1e-06]}
        state["args"] = argparse.Namespace(**fields(model.kind), **more)
        torch.save(state, path, _use_new_zipfile_serialization=False)
    else:
        state["args"] = None
        state["cfg"] = {
            "model": {"_name": "wav2vec", "vq_temp": (2.0, 0.5, 0.999995), **fields(model.kind)},
            "task": {"_name": "audio_pretraining", "data": "", "sample_rate": 16000},
            "criterion": {"_name": "wav2vec", "infonce": False, "log_keys": []},
        }
        torch.save(state, path)
