"""Times updates of wav2vec 2.0 BASE: of fairseq as shipped, or of transformers' model, as it is or compiled."""
import argparse

import torch

import wav2vec2_models
from measuring import report, timed
from updates import fairseq_update, products


def shipped(arguments, waveforms):
    model = wav2vec2_models.fairseq_model(arguments.checkpoint).train()
    criterion, optimizer = wav2vec2_models.fairseq_criterion(), wav2vec2_models.fairseq_optimizer(model)
    sample = {"id": torch.arange(len(waveforms)), "net_input": {"source": waveforms, "padding_mask": None}}
    return fairseq_update(model, criterion, optimizer, sample)


def transformers(arguments, waveforms):
    from transformers.models.wav2vec2.modeling_wav2vec2 import _compute_mask_indices, _sample_negative_indices

    model = wav2vec2_models.transformers_model(arguments.checkpoint).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-5, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01, fused=True)
    forward = torch.compile(model) if arguments.compile else model
    frames = int(model._get_feat_extract_output_lengths(waveforms.shape[1]))
    shape = (len(waveforms), frames)

    def update():
        optimizer.zero_grad()
        mask = _compute_mask_indices(shape, mask_prob=0.65, mask_length=10)
        negatives = _sample_negative_indices(shape, num_negatives=100, mask_time_indices=mask)
        with products(arguments.bf16):
            output = forward(
                waveforms, mask_time_indices=torch.from_numpy(mask),
                sampled_negative_indices=torch.from_numpy(negatives))
        positives = int(mask.sum())
        (output.loss / positives).backward()
        torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
        optimizer.step()
        return output.loss.item() / positives

    return update


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", choices=["shipped", "transformers"], required=True)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    waveforms = 0.1 * torch.randn(arguments.batch, 250_000)
    update = (shipped if arguments.variant == "shipped" else transformers)(arguments, waveforms)
    losses = []
    seconds = timed(lambda: losses.append(update()), arguments.repeats, warmups=1)
    report(seconds, losses=losses)


main()
