"""Times the ids of one recording: fairseq as shipped, or the rewrite in one of several ways."""
import argparse

import numpy
import torch

from measuring import report, timed, write_ids


def shipped(arguments, _):
    import fairseq_model
    from safetensors.torch import load_file

    model = fairseq_model.build(arguments.kind)
    model.load_state_dict(load_file(arguments.checkpoint))
    model.eval()
    return lambda waveform: model.vector_quantizer.forward_idx(model.feature_extractor(waveform))[1]


def rewritten(arguments, waveform):
    from safetensors.torch import load_file

    from tuned_model import TunedModel

    wanted = ("feature_extractor.", "vector_quantizer.")
    state = {k: v for k, v in load_file(arguments.checkpoint).items() if k.startswith(wanted)}
    model = TunedModel(state, arguments.kind, arguments.layout)
    if arguments.way == "compile":
        return torch.compile(model.ids, dynamic=False)
    if arguments.way == "freeze":
        from torch._inductor import config

        config.freezing = True
        return torch.compile(Tokenizer(model, state), dynamic=False)
    if arguments.way == "onednn":
        traced = torch.jit.trace(Tokenizer(model, state).eval(), waveform)
        return torch.jit.optimize_for_inference(torch.jit.freeze(traced))
    return model.ids


class Tokenizer(torch.nn.Module):
    """With the weights where compilers look for constants."""

    def __init__(self, model, state):
        super().__init__()
        self.model = model
        self.names = list(state)
        for index, name in enumerate(self.names):
            self.register_buffer(f"w{index}", state[name])

    def forward(self, waveform):
        self.model.state = {name: getattr(self, f"w{index}") for index, name in enumerate(self.names)}
        return self.model.ids(waveform)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--variant", choices=["shipped", "rewritten"], default="rewritten")
    parser.add_argument("--layout", choices=["ncw", "nhwc", "gemm"], default="ncw")
    parser.add_argument("--way", choices=["eager", "compile", "freeze", "onednn"], default="eager")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--kind", choices=["gumbel", "kmeans"], default="gumbel")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--waveform", required=True, help="raw float32 samples")
    parser.add_argument("--ids", required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    waveform = torch.from_numpy(numpy.fromfile(arguments.waveform, dtype="<f4")).unsqueeze(0)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=arguments.bf16):
        tokenize = (shipped if arguments.variant == "shipped" else rewritten)(arguments, waveform)
        ids = []

        def call():
            ids[:] = [tokenize(waveform)]

        # Compilers and the tracer's profile take a call or two.
        seconds = timed(call, arguments.repeats, warmups=2)
    write_ids(ids[0].squeeze(0), arguments.ids)
    report(seconds)


main()
