"""Times training updates: of fairseq as shipped, or of the rewrite."""
import argparse

import torch

from measuring import report, timed
from updates import fairseq_update, products


def shipped(arguments, waveforms):
    import fairseq_model
    from safetensors.torch import load_file

    model = fairseq_model.build(arguments.kind)
    model.load_state_dict(load_file(arguments.checkpoint))
    model.train()
    criterion = fairseq_model.criterion(arguments.kind)
    optimizer = fairseq_model.optimizer(model)
    sample = {"id": torch.arange(arguments.batch), "net_input": {"source": waveforms}}
    return fairseq_update(model, criterion, optimizer, sample)


def rewritten(arguments, waveforms):
    from safetensors.torch import load_file

    from tuned_model import TunedModel

    state = {name: tensor.requires_grad_() for name, tensor in load_file(arguments.checkpoint).items()}
    in_parts = arguments.compile and arguments.layout == "gemm"
    model = TunedModel(state, arguments.kind, arguments.layout, compiled=in_parts)
    optimizer = torch.optim.Adam(state.values(), lr=1e-5, fused=True)
    loss_of = torch.compile(model.loss, dynamic=False) if arguments.compile and not in_parts else model.loss

    def update():
        optimizer.zero_grad()
        with products(arguments.bf16):
            loss, positives, _ = loss_of(waveforms, 2.0)
        (loss / positives).backward()
        # fairseq, and ours, report the gradient's norm.
        torch.nn.utils.get_total_norm([p.grad for p in state.values() if p.grad is not None])
        optimizer.step()
        return loss.item() / positives

    return update


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", choices=["shipped", "rewritten"], default="rewritten")
    parser.add_argument("--layout", choices=["ncw", "nhwc", "gemm"], default="ncw")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--kind", choices=["gumbel", "kmeans"], required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    waveforms = 0.1 * torch.randn(arguments.batch, 150_000)
    update = (shipped if arguments.variant == "shipped" else rewritten)(arguments, waveforms)
    losses = []
    seconds = timed(lambda: losses.append(update()), arguments.repeats, warmups=2)
    report(seconds, losses=losses)


main()
