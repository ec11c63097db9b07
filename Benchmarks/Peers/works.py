"""What is compared: for each work the commands of both sides, and how its result is shown."""
import dataclasses
import importlib.util
import json
import typing

# glibc told to keep large blocks, PyTorch to ask for large pages: its tensors otherwise cost page faults on
# every call.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "8000000000", "MALLOC_TRIM_THRESHOLD_": "16000000000",
    "MALLOC_TOP_PAD_": "268435456", "THP_MEM_ALLOC_ENABLE": "1",
}


@dataclasses.dataclass
class Side:
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    # The process reports JSON; otherwise its own wall time counts.
    reports: bool = True
    # Where it leaves ids, or frames of raw float32.
    ids: str | None = None
    frames: str | None = None
    # What a process has found, of what it printed: compared as ids are.
    answer: typing.Callable | None = None


@dataclasses.dataclass
class Work:
    key: str
    title: str
    sides: dict
    # Seconds of audio, where the result is a rate.
    audio: float | None = None
    # Name of the roofline's numbers among `PeerTimings costs`, and how many times they count.
    cost: str | None = None
    times: int = 1
    # Bytes that have to be moved, where that is all.
    bytes: int | None = None
    once: bool = False
    # What has to be prepared for it: "model" (checkpoints, recordings) or "units".
    inputs: str = "model"
    # Of the machine's rates that which bounds its arithmetic.
    rate: str = "sgemm"
    # Processes of a side in a row: what is over in a moment depends on what the one before left in the caches.
    calls: int = 1


def abx_errors(output):
    """Errors in percent, as a program writes them in JSON."""
    figures = json.loads(output)["systems"][0]["abx"]
    return [f"{figure['speakers']} {100 * figure['error']:.2f}" for figure in figures]


def unit_works(paths, threads, repeats):
    """ABX beside fastabx, whole processes; k-means beside scikit-learn."""
    python, folder = paths["python"], f"{paths['folder']}/units"
    items = ["--items", f"{folder}/items.item", "--json", "--threads", str(threads)]
    inputs = {"ids": ["--units", f"{folder}/units.jsonl"], "features": ["--features", f"{folder}/features", "--frame-rate", "100"]}
    result = []
    for kind, options in inputs.items():
        sides = {"ours": Side([paths["vqw2v"], "evaluate", *options, *items], reports=False, answer=abx_errors)}
        # It needs Python 3.12.
        if importlib.util.find_spec("fastabx"):
            command = [python, f"{paths['peers']}/abx.py", kind, folder, str(threads)]
            sides["shipped"] = Side(command, reports=False, answer=abx_errors)
        title = {"ids": "ABX of ids", "features": "ABX of 512 dimensions"}[kind]
        result.append(Work(f"abx-{kind}", f"{title}, 28 min, 14,730 items (fastabx)", sides, inputs="units"))
    frames = [f"{folder}/frames.f32", "39", "100"]
    ours = [
        paths["timings"], "clusters", "--frames", frames[0], "--repeats", str(repeats), "--threads", str(threads)]
    sides = {"ours": Side(ours)}
    for name, way in [("shipped", "hubert"), ("default", "default")]:
        sides[name] = Side([python, f"{paths['peers']}/clusters.py", *frames, str(threads), str(repeats), way])
    title = "100 clusters of 39 dimensions, 28 min (MiniBatchKMeans as in HuBERT's recipe; as by default)"
    result.append(Work("clusters", title, sides, inputs="units"))
    return result


def works(paths, threads, repeats, hour):
    """All works of the table. `paths` has ours (PeerTimings), vqw2v, python and the folder of inputs."""
    ours, python, folder = paths["timings"], paths["python"], paths["folder"]
    common = ["--repeats", str(repeats), "--threads", str(threads)]

    def peer(script, *options, keep=True, **more):
        environment = KEEP_MEMORY if keep else {}
        return Side([python, f"{paths['peers']}/{script}.py", *options], environment, **more)

    def update(kind, batch):
        work = ["--kind", kind, "--batch", str(batch), "--checkpoint", f"{folder}/{kind}.safetensors", *common]
        sides = {
            "ours": Side([ours, "update", *work]),
            "shipped": peer("train", "--variant", "shipped", *work, keep=False),
        }
        for layout in ("ncw", "nhwc", "gemm"):
            for how in ([], ["--compile"]):
                sides[" ".join([layout, *how])] = peer("train", "--layout", layout, *how, *work)
        crops = f"{batch} x 150,000 samples"
        return Work(f"update-{kind}-{batch}", f"update, {kind}, {crops}", sides, cost=f"update-{kind}-{batch}")

    def bf16_update(kind, batch):
        """Both sides with products of bf16: ours, and PyTorch under autocast in its ways but "gemm", which writes its
        results in place, as autocast does not."""
        work = ["--kind", kind, "--batch", str(batch), "--checkpoint", f"{folder}/{kind}.safetensors", *common]
        sides = {"ours": Side([ours, "update", *work, "--precision", "bf16"])}
        for layout in ("ncw", "nhwc"):
            for how in ([], ["--compile"]):
                sides[" ".join([layout, *how])] = peer("train", "--layout", layout, *how, "--bf16", *work)
        key = f"bf16-update-{kind}-{batch}"
        return Work(key, f"update in bf16, {kind}, {batch} x 150,000 samples", sides, cost=key, rate="bf16")

    def tokens(seconds):
        def work(ids):
            return ["--checkpoint", f"{folder}/gumbel.safetensors", "--waveform", f"{folder}/{seconds}.f32",
                    "--ids", f"{folder}/{ids}.ids", *common]

        def ids(name):
            return f"{folder}/{name}.ids"

        sides = {"ours": Side([ours, "tokens", *work("ours")], ids=ids("ours"))}
        sides["shipped"] = peer(
            "tokens", "--variant", "shipped", *work("shipped"), keep=False, ids=ids("shipped"))
        ways = [("nhwc", "eager"), ("gemm", "eager"), ("ncw", "freeze"), ("nhwc", "freeze"), ("ncw", "onednn")]
        for layout, way in ways:
            sides[f"{layout} {way}"] = peer(
                "tokens", "--layout", layout, "--way", way, *work("peer"), ids=ids("peer"))
        return Work(
            f"tokens-{seconds}", f"tokens of {seconds} s", sides, audio=seconds, cost=f"tokens-{seconds}")

    def bf16_tokens(seconds):
        work = ["--checkpoint", f"{folder}/gumbel.safetensors", "--waveform", f"{folder}/{seconds}.f32",
                "--ids", f"{folder}/bf16.ids", *common]
        sides = {"ours": Side([ours, "tokens", *work, "--precision", "bf16"])}
        for layout, way in [("nhwc", "eager"), ("ncw", "freeze"), ("nhwc", "freeze"), ("ncw", "onednn")]:
            sides[f"{layout} {way}"] = peer("tokens", "--layout", layout, "--way", way, "--bf16", *work)
        key = f"bf16-tokens-{seconds}"
        return Work(key, f"tokens of {seconds} s in bf16", sides, audio=seconds, cost=key, rate="bf16")

    base = f"{folder}/wav2vec2.safetensors"

    def base_update(batch):
        work = ["--batch", str(batch), "--checkpoint", base, *common]
        sides = {
            "ours": Side([ours, "base", "update", *work]),
            "shipped": peer("wav2vec2_train", "--variant", "shipped", *work, keep=False),
            "transformers": peer("wav2vec2_train", "--variant", "transformers", *work),
            "transformers --compile": peer("wav2vec2_train", "--variant", "transformers", "--compile", *work),
        }
        key = f"wav2vec2_update-{batch}"
        return Work(key, f"wav2vec 2.0 BASE: update, {batch} x 250,000 samples", sides, cost=key)

    def bf16_base_update(batch):
        work = ["--batch", str(batch), "--checkpoint", base, *common]
        sides = {"ours": Side([ours, "base", "update", *work, "--precision", "bf16"])}
        for how in ([], ["--compile"]):
            sides[" ".join(["transformers", *how])] = peer(
                "wav2vec2_train", "--variant", "transformers", *how, "--bf16", *work)
        key = f"bf16-wav2vec2_update-{batch}"
        title = f"wav2vec 2.0 BASE: update in bf16, {batch} x 250,000 samples"
        return Work(key, title, sides, cost=key, rate="bf16")

    def base_inference(output, seconds, flag, kind):
        """Ids, or contexts; what a side computes goes to a file of its own."""
        work = ["--checkpoint", base, "--waveform", f"{folder}/{seconds}.f32", *common]

        def result(way):
            return f"{folder}/{way}.{output}"

        sides = {
            "ours": Side([ours, "base", output, *work, flag, result("ours")], **{kind: result("ours")})
        }
        for way in ("shipped", "transformers", "compiled", "onnxruntime"):
            sides[way] = peer(
                "wav2vec2_infer", "--way", way, "--output", output, *work, "--result", result(way),
                keep=way != "shipped", **{kind: result(way)})
        key = f"wav2vec2_{output}-{seconds}"
        return Work(key, f"wav2vec 2.0 BASE: {output} of {seconds} s", sides, audio=seconds, cost=key)

    one = [
        ours, "tokens", "--checkpoint", f"{folder}/gumbel.safetensors", "--waveform", f"{folder}/3600.f32",
        "--ids", f"{folder}/ours.ids", "--repeats", "1", "--threads", str(threads),
    ]
    hours = [
        Work("tokens-3600", "tokens of 1 h", {"ours": Side(one, ids=f"{folder}/ours.ids")}, audio=3600,
             cost="tokens-3600", once=True)
    ]

    files = f"{folder}/recordings"
    quantize = [
        paths["vqw2v"], "quantize", "--checkpoint", f"{folder}/gumbel.safetensors", "--threads", str(threads),
        "--format", "fairseq", "--output", f"{folder}/ours.src", files,
    ]

    def process(script, *options, keep):
        output = f"{folder}/peer.src"
        return peer(script, f"{folder}/gumbel.pt", files, output, str(threads), *options, keep=keep,
                    reports=False, ids=output)

    process_sides = {
        "ours": Side(quantize, reports=False, ids=f"{folder}/ours.src"),
        "shipped": process("process_shipped", keep=False),
    }
    for layout in ("ncw", "nhwc", "gemm"):
        process_sides[f"lean {layout}"] = process("process_lean", layout, keep=True)

    def imports(module):
        return Side([python, "-c", f"import {module}"], reports=False)

    start = {
        "ours": Side([paths["vqw2v"], "--help"], reports=False), "shipped": imports("fairseq_model"),
        "import torch": imports("torch"),
    }
    checkpoint = f"{folder}/gumbel"
    load = {
        "ours": Side([ours, "load", "--checkpoint", checkpoint + ".safetensors", *common]),
        "shipped": peer("load", "shipped", checkpoint + ".pt", str(repeats), keep=False),
        "torch.load": peer("load", "lean", checkpoint + ".pt", str(repeats), keep=False),
    }
    return [
        *unit_works(paths, threads, repeats),
        update("gumbel", 1), update("gumbel", 2), update("kmeans", 1),
        *(bf16_update(kind, batch) for kind in ("gumbel", "kmeans") for batch in (1, 2)),
        tokens(15), tokens(60), bf16_tokens(15), bf16_tokens(60),
        *(hours if hour else []),
        base_update(1), bf16_base_update(1), bf16_base_update(2), base_inference("ids", 10, "--ids", "ids"),
        base_inference("contexts", 60, "--frames", "frames"),
        Work("process", "whole process, ten 10 s WAV files", process_sides, cost="tokens-10", times=10),
        Work("start", "start (--help; imports)", start, calls=5),
        Work("load", "load a 136 MB checkpoint", load, bytes=2 * 136_000_000),
    ]
