import Benchmark
import Checkpoints
import Measuring
import Tensors
import Training
import VQWav2Vec
import Workloads

/// The program as a user starts it, and checkpoints of 136 MB.
let benchmarks: @Sendable () -> Void = {
    Benchmark("start, --help", configuration: .calls([.wallClock, .throughput])) { _ in
        try ChildProcess.run(ChildProcess.vqw2v, ["--help"])
    }

    Benchmark(
        "ten files of 10 s, whole process", configuration: .calls([.wallClock, .audioRate], seconds: 10),
        closure: { (benchmark: Benchmark, state: ProgramState) in
            let time = try seconds {
                try ChildProcess.run(
                    ChildProcess.vqw2v,
                    [
                        "quantize", "--checkpoint", state.checkpoint, "--output",
                        state.folder.file("ids.tsv"),
                        state.recordings,
                    ])
            }
            benchmark.measurement(.audioRate, 100 / time)
        },
        setup: { try ProgramState() })

    Benchmark(
        "checkpoint, save", configuration: .calls([.wallClock, .cpuUser], seconds: 5),
        closure: { (benchmark: Benchmark, state: ProgramState) in
            try PaperModel.writeCheckpoint(
                state.folder.file("saved.safetensors"), model: state.model, state.run)
        },
        setup: { try ProgramState() })

    Benchmark(
        "checkpoint, load the whole model", configuration: .calls([.wallClock, .cpuUser], seconds: 5),
        closure: { (benchmark: Benchmark, state: ProgramState) in
            blackHole(try Checkpoint(path: state.checkpoint).model())
        },
        setup: { try ProgramState() })

    Benchmark(
        "checkpoint, load for tokens", configuration: .calls([.wallClock, .cpuUser], seconds: 5),
        closure: { (benchmark: Benchmark, state: ProgramState) in
            blackHole(try Checkpoint(path: state.checkpoint).inferenceModel())
        },
        setup: { try ProgramState() })
}

/// Files to work on.
private struct ProgramState {
    let folder: TemporaryFolder
    let run = PaperModel.configuration()
    let model: Model
    let checkpoint: String
    let recordings: String

    init() throws {
        folder = try TemporaryFolder()
        model = try Model(run.model)
        checkpoint = folder.file("model.safetensors")
        try PaperModel.writeCheckpoint(checkpoint, model: model, run)
        recordings = try folder.writeRecordings()
    }
}
