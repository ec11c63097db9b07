"""What is tortured: every command, and every format that it writes. Outputs are in `o`, inputs beside it."""


class Job:
    def __init__(self, name, *arguments, begun=None, again=(), steps=False):
        """
        `begun`: of the inputs, a folder that the job goes on with as `o/run`.
        `again`: what is added to repeat a job that was cut short.
        `steps`: its outputs are replaced at every step, so any of these states is whole.
        """
        self.name, self.arguments, self.begun, self.again, self.steps = name, list(arguments), begun, list(again), steps
        # Of a short run; the first are done where it is begun already.
        self.updates, self.first_update = 6, 4 if begun else 1

    @property
    def is_training(self):
        return self.arguments[0] == "train"

    @property
    def is_long(self):
        """Only to be killed at any time: the same calls as of the short runs, but many more of them."""
        return self.name.startswith(("long-", "many-"))

    def repetition(self, has_checkpoint):
        """The command that goes on with what a command that was cut short has left."""
        if not self.is_training:
            return self.arguments + self.again
        if not has_checkpoint or "--resume" in self.arguments:
            return self.arguments
        begun = {k + place for k, argument in enumerate(self.arguments) if argument in ("--config", "--init-from") for place in (0, 1)}
        return [argument for k, argument in enumerate(self.arguments) if k not in begun] + self.again

    def output(self, files):
        """Of the files of a job, the one that says that all are there."""
        ends = ("config.json", "codebook.npy")
        named = self.arguments[self.arguments.index("-o") + 1].removeprefix("o/") if "-o" in self.arguments else None
        # Of an archive, the index of the tokens appears last.
        own = next((name for name in (named, f"{named}.scp") if name in files), None)
        return own or next((name for name in files if name.endswith(ends)), None) or next(iter(files), None)

    @property
    def skips(self):
        """Whether a command that is repeated leaves alone what is done."""
        return "--skip-existing" in self.again or self.arguments[0] == "cluster"

    @property
    def is_divided(self):
        """Whether parts of it can be put together."""
        return "--skip-existing" in self.again and "--shard" not in self.arguments

    @property
    def is_folder(self):
        """Of files that appear one by one."""
        return self.name.endswith("npy-folder")


def jobs():
    one = ["--threads", "1"]
    for family in ["vq", "w2v2"]:
        for kind in ["", "-kept"]:
            yield Job(f"train-{family}{kind}", "train", "data", "--config", f"{family}{kind}.yaml", "-o", "o/run", *one,
                      again=["--resume"], steps=True)
        yield Job(f"init-{family}", "train", "data", "--config", f"{family}.yaml", "--init-from", f"{family}/last.safetensors",
                  "-o", "o/run", *one, again=["--resume"], steps=True)
        yield Job(f"resume-{family}", "train", "data", "-o", "o/run", "--resume", *one, begun=f"{family}-begun", steps=True)

    for family in ["vq", "w2v2"]:
        for kind in ["long", "many"]:
            yield Job(f"{kind}-{family}", "train", "data", "--config", f"{family}-{kind}.yaml", "-o", "o/run", *one,
                      again=["--resume"], steps=True)

    quantize = ["quantize", "data", "-c", "vq/last.safetensors", *one]
    for form, output in [("tsv", "ids.tsv"), ("fairseq", "ids.src"), ("gslm", "ids.gslm"), ("jsonl", "ids.jsonl"),
                         ("npz", "ids.npz"), ("safetensors", "ids.safetensors"), ("kaldi", "ids"), ("lhotse", "cuts.jsonl")]:
        yield Job(f"quantize-{form}", *quantize, "-f", form, "-o", f"o/{output}", again=["--skip-existing"])
    yield Job("quantize-npy-folder", *quantize, "-f", "npy", "-o", "o/ids", again=["--skip-existing"])
    yield Job("quantize-stdout", *quantize)
    yield Job("quantize-vocabulary", *quantize, "-f", "fairseq", "-o", "o/ids.src", "--deduplicate", "--vocabulary", "o/words",
              again=["--skip-existing"])
    yield Job("quantize-durations", *quantize, "-f", "kaldi", "--deduplicate", "-o", "o/ids", again=["--skip-existing"])
    yield Job("quantize-clusters", "quantize", "data", "--clusters", "mfcc.safetensors", *one, "-o", "o/ids.tsv",
              again=["--skip-existing"])
    yield Job("quantize-labels", *quantize, "-f", "fairseq", "-o", "o/ids.src", "--labels", "texts", again=["--skip-existing"])
    yield Job("quantize-shard", *quantize, "--shard", "1/2", "-o", "o/ids.tsv", again=["--skip-existing"])
    yield Job("quantize-list", "quantize", "wav.scp", *quantize[2:], "-o", "o/ids.tsv", again=["--skip-existing"])
    yield Job("quantize-hf", "quantize", "data", "-c", "hf-model", *one, "-o", "o/ids.tsv", again=["--skip-existing"])
    yield Job("quantize-w2v2", "quantize", "data", "-c", "w2v2.pt", *one, "-f", "jsonl", "-o", "o/ids.jsonl",
              again=["--skip-existing"])

    extract = ["extract", "data", "-c", "vq/last.safetensors", "--layer", "z", *one]
    for form, output in [("npz", "z.npz"), ("safetensors", "z.safetensors"), ("kaldi", "z")]:
        yield Job(f"extract-{form}", *extract, "-f", form, "-o", f"o/{output}", again=["--skip-existing"])
    yield Job("extract-npy-folder", *extract, "-f", "npy", "-o", "o/z", again=["--skip-existing"])
    yield Job("extract-hf", "extract", "data", "-c", "hf-model", "--layer", "layer.1", *one, "-f", "npz", "-o", "o/c.npz",
              again=["--skip-existing"])

    yield Job("cluster-mfcc", "cluster", "data", "--layer", "mfcc", "--units", "4", *one, "-o", "o/mfcc.safetensors", steps=True)
    yield Job("cluster-z", "cluster", "data", "-c", "vq/last.safetensors", "--layer", "z", "--units", "4", *one,
              "-o", "o/z.safetensors", steps=True)
    yield Job("cluster-w2v2", "cluster", "data", "-c", "w2v2.pt", "--layer", "layer.1", "--units", "4", *one,
              "-o", "o/layer.safetensors", steps=True)

    for source, target, more in [
        ("vq/last.safetensors", "m.pt", []), ("vq.pt", "m.safetensors", []), ("vq.pt", "m.onnx", []),
        ("vq.pt", "codebook", ["-f", "codebook", "--tokens", "ids.tsv"]), ("w2v2.pt", "hf", ["-f", "hf"]),
        ("hf-model", "m.safetensors", []), ("mfcc.safetensors", "mfcc.npy", []),
        ("mfcc.npy", "m.safetensors", ["-f", "clusters", "--layer", "mfcc"]),
    ]:
        yield Job(f"convert-{source}-{target}".replace("/", "."), "convert", source, f"o/{target}", *more)

    yield Job("inspect", "inspect", "--json", "vq/last.safetensors")
    judged = ["-a", "labels", "--alignment-format", "timit", "--bootstrap", "5"]
    yield Job("evaluate-units", "evaluate", "-u", "ids.jsonl", *judged, "--json", "--csv", "o/figures.csv", *one)
    yield Job("evaluate-described", "evaluate", "-u", "ids.tsv", *judged, "--speakers", "utt2spk", "--json", *one)
    yield Job("evaluate-features", "evaluate", "--features", "z.npz", *judged, "--abx", "any", "--json", *one)
    yield Job("evaluate-baseline", "evaluate", "-c", "vq/last.safetensors", "data", *judged, "--abx", "none",
              "--baseline-data", "data", "--json", *one)
    yield Job("evaluate-checkpoint", "evaluate", "-c", "vq/last.safetensors", "data", *judged, "--abx", "any", "--no-baseline", *one)
    yield Job("report-described", "report", "ids.tsv", *judged, "-o", "o/report.html", *one)
    yield Job("report", "report", "vq", "w2v2", "ids.jsonl", *judged, "--audio", "data", "-o", "o/report.html", *one)
