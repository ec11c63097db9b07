"""Times the ids, or the transformer's output, of one recording: fairseq as shipped, transformers, or onnxruntime."""
import argparse
import os

import numpy
import torch

import wav2vec2_models
from measuring import report, timed, write_ids


def shipped(arguments, _):
    model = wav2vec2_models.fairseq_model(arguments.checkpoint).eval()
    if arguments.output == "ids":
        return lambda waveform: model.quantize(waveform)[1]
    return lambda waveform: model.extract_features(waveform, padding_mask=None, mask=False)["x"]


def module(arguments):
    model = wav2vec2_models.transformers_model(arguments.checkpoint).eval()
    return (wav2vec2_models.Tokens if arguments.output == "ids" else wav2vec2_models.Contexts)(model)


def transformers(arguments, _):
    return module(arguments)


def compiled(arguments, _):
    from torch._inductor import config

    config.freezing = True
    return torch.compile(module(arguments), dynamic=False)


def onnx(arguments, waveform):
    import onnxruntime

    path = f"{arguments.checkpoint}.{arguments.output}.{waveform.shape[1]}.onnx"
    if not os.path.exists(path):
        exported = module(arguments)
        if arguments.output == "contexts":
            convolution = exported.model.encoder.pos_conv_embed.conv
            torch.nn.utils.parametrize.remove_parametrizations(convolution, "weight")
        partial = f"{path}.partial.onnx"
        torch.onnx.export(
            exported, (waveform,), partial, input_names=["waveform"], dynamo=True, external_data=False)
        os.rename(partial, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda waveform: torch.from_numpy(session.run(None, {"waveform": waveform.numpy()})[0])


def main():
    ways = {"shipped": shipped, "transformers": transformers, "compiled": compiled, "onnxruntime": onnx}
    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=list(ways), required=True)
    parser.add_argument("--output", choices=["ids", "contexts"], required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--waveform", required=True, help="raw float32 samples")
    parser.add_argument("--result", required=True, help="file for the ids, or for frames of raw float32")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    waveform = torch.from_numpy(numpy.fromfile(arguments.waveform, dtype="<f4")).unsqueeze(0)
    with torch.no_grad():
        compute = ways[arguments.way](arguments, waveform)
        results = []

        def call():
            results[:] = [compute(waveform)]

        seconds = timed(call, arguments.repeats, warmups=2 if arguments.way == "compiled" else 1)
    result = results[0].squeeze(0)
    if arguments.output == "ids":
        write_ids(result, arguments.result)
    else:
        result.numpy().astype("<f4").tofile(arguments.result)
    report(seconds)


main()
