"""Random wav2vec 2.0 and HuBERT models of transformers, saved in the forms in which they are met."""

import json

import soundfile
import torch
import transformers
from safetensors.torch import load_file, save_file

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

SMALL = {
    "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "conv_dim": (16,) * 7, "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2,
    "num_codevectors_per_group": 40, "codevector_dim": 16, "proj_codevector_dim": 16}
STYLES = {"base": {}, "large": {"feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True}}


@torch.no_grad()
def save(family, style, folder, form="one file", size=SMALL):
    """Saves a model of a class with random weights and returns it."""
    torch.manual_seed(4)
    options = {**size, **STYLES[style]}
    kind = transformers.HubertConfig if family.startswith("Hubert") else transformers.Wav2Vec2Config
    model = getattr(transformers, family)(kind(**options)).eval()
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.add_(0.1 * torch.randn_like(parameter))
    if form == "half precision":
        model = model.half().float()
    model.save_pretrained(folder, max_shard_size="8KB" if form == "parts" else "5GB")
    transformers.Wav2Vec2FeatureExtractor(
        do_normalize=style == "large", return_attention_mask=style == "large").save_pretrained(folder)
    if form not in ("one file", "parts"):
        rewrite(folder, form)
    return model


def rewrite(folder, form):
    """What older versions wrote."""
    tensors = load_file(folder / "model.safetensors")
    weight = "parametrizations.weight."
    tensors = {
        name.replace(weight + "original0", "weight_g").replace(weight + "original1", "weight_v"): tensor
        for name, tensor in tensors.items()}
    if form == "half precision":
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    if form in ("old names", "half precision"):
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        return
    (folder / "model.safetensors").unlink()
    if form == "bin":
        torch.save(tensors, folder / "pytorch_model.bin")
        return
    places = {}
    for part in range(2):
        name = f"pytorch_model-{part + 1:05}-of-00002.bin"
        chosen = {key: tensor for index, (key, tensor) in enumerate(tensors.items()) if index % 2 == part}
        torch.save(chosen, folder / name)
        places |= dict.fromkeys(chosen, name)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def load(folder):
    """By the class that the folder names, with every tensor in its place."""
    family = json.loads((folder / "config.json").read_text())["architectures"][0]
    model, report = getattr(transformers, family).from_pretrained(folder, output_loading_info=True)
    assert not any(report.values()), report
    return model.eval()


def inputs(folder, path):
    """A recording as the folder's feature extractor prepares it, [1, N]."""
    return prepared(folder, soundfile.read(path, dtype="float32")[0])


def prepared(folder, waveform):
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    return extractor(waveform, sampling_rate=16000, return_tensors="pt").input_values


@torch.no_grad()
def outputs(model, x):
    """x [1, N] to z, the layers of the transformer and c, [T, D] each; without the last layer where a norm is behind it."""
    base = getattr(model, model.base_model_prefix, model)
    found = base(x, output_hidden_states=True)
    z = base.feature_projection.layer_norm(base.feature_extractor(x).transpose(1, 2))
    result = {"z": z, "c": found.last_hidden_state}
    layers = found.hidden_states[1:-1] if model.config.do_stable_layer_norm else found.hidden_states[1:]
    result |= {f"layer.{index + 1}": state for index, state in enumerate(layers)}
    return {name: value[0].numpy() for name, value in result.items()}


@torch.no_grad()
def ids(model, x):
    """x [1, N] to the largest logits of all frames, [T, G]."""
    z = model.wav2vec2(x).extract_features
    quantizer = model.quantizer
    return quantizer.weight_proj(z)[0].view(len(z[0]), quantizer.num_groups, -1).argmax(-1).numpy()
