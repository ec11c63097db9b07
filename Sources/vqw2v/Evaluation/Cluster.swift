import ArgumentParser
import Checkpoints
import Communication
import Evaluation
import Files
import Foundation
import Speech
import SystemPackage
import Tensors
import Tokenizers

struct Cluster: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Learn units by k-means: of MFCCs, or of a model's layer.",
        usage: "vqw2v cluster --layer <layer> --units <count> --output <file> [<options>] <input> ...",
        discussion: """
            k-means++, a pass in mini-batches where frames are many, then passes over all frames until the \
            assignment hardly changes. After each, the centroids are saved: a command that was stopped goes on when it \
            is repeated. quantize --clusters turns recordings into these units. Results do not depend on threads.
            """)

    static let examples = [
        "vqw2v cluster --layer mfcc --units 100 -o mfcc100.safetensors recordings/",
        "vqw2v cluster -c runs/first/best.safetensors --layer z --units 320 -o z320.safetensors recordings/",
    ]

    @OptionGroup var input: InputOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Checkpoint of vqw2v, of fairseq (.pt), or a folder of Hugging Face; not needed for mfcc.",
            valueName: "file"),
        completion: .checkpoint)
    var checkpoint: String?

    @Option(help: "mfcc: 39 MFCCs. z, logits, quantized, c: of the model, as extract writes them.")
    var layer: FrameLayer

    @Flag(help: "Give each recording's frames mean 0 and variance 1 in every channel: less of the speaker.")
    var normalize = false

    @Option(
        help: ArgumentHelp(
            "Cluster means over so many frames, an odd number: smoother units.", valueName: "count"))
    var averageFrames = 1

    @Option(help: ArgumentHelp("Clusters.", valueName: "count"))
    var units: Int

    @Option(
        name: .shortAndLong, help: ArgumentHelp("File for the centroids.", valueName: "file"),
        completion: .file())
    var output: String

    @Option(help: ArgumentHelp("Passes over all frames, at most.", valueName: "count"))
    var iterations = 100

    @Option(help: ArgumentHelp("Passes in mini-batches before these.", valueName: "count"))
    var miniBatchPasses = 1

    @Option(
        help: ArgumentHelp("Stop where a pass lowers the inertia by a smaller share.", valueName: "share"))
    var tolerance = 1e-4

    @Option(help: ArgumentHelp("Seed of what is drawn at random.", valueName: "number"))
    var seed = 0

    @OptionGroup var pieces: PieceOptions

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard (1...1_000_000).contains(units) else {
            throw ValidationError("--units must be from 1 to 1000000, not \(units)")
        }
        guard iterations > 0, miniBatchPasses >= 0, tolerance >= 0 else {
            throw ValidationError(
                "--iterations must be positive, --mini-batch-passes and --tolerance not negative")
        }
        guard FramePreparation(normalizes: normalize, averagedFrames: averageFrames) != nil else {
            throw ValidationError(
                "--average-frames must be an odd number from 1 to \(FramePreparation.mostFrames), "
                    + "not \(averageFrames)")
        }
        if layer != .mfcc, checkpoint == nil {
            throw ValidationError("--layer \(layer.rawValue) is of a model: name its --checkpoint")
        }
    }

    var preparation: FramePreparation {
        FramePreparation(normalizes: normalize, averagedFrames: averageFrames) ?? FramePreparation()
    }

    private var options: ClusterOptions {
        var options = ClusterOptions(clusters: units)
        (options.iterations, options.tolerance, options.seed) = (iterations, tolerance, seed)
        options.miniBatchPasses = miniBatchPasses
        return options
    }

    func run() throws {
        try compute.apply()
        try amongProcesses { try cluster(among: $0) }
    }

    private func cluster(among communicator: any Communicator) throws {
        let (checkpoint, maker) = try communicator.together {
            let checkpoint = try self.checkpoint.map { try Checkpoint(path: $0) }
            try checkpoint.map { try pieces.requireFrames($0) }
            return (
                checkpoint,
                try FrameMaker(layer, checkpoint, longest: pieces.longest, preparation: preparation)
            )
        }
        var description = try metadata(checkpoint, maker.centres)
        let begun = try communicator.together { try begunFit(description) }
        let found = try communicator.together {
            try input.part(of: input.findAll(among: communicator), sampleRate: maker.sampleRate)
        }
        let digest = Self.digest(of: found.recordings)
        description[Self.recordings] = digest
        // Files of earlier versions do not say of which they are.
        let isOfTheSame = (begun?.metadata[Self.recordings] ?? digest) == digest
        // Where inputs could not be used, perhaps they can now.
        if let begun, begun.isFinished, isOfTheSame, begun.metadata[Self.unused] == nil, found.problems == 0 {
            if communicator.isFirst { printError("\(output) is there already: nothing to do") }
            return
        }
        let models = [
            ("a checkpoint", description["checkpoint_sha256"] ?? ""),
            ("an output", "\(begun?.iteration ?? 0)"),
        ]
        let division = try Division(
            found.recordings, sampleRate: maker.sampleRate, models: { models }, among: communicator)
        try communicator.together {
            var files = OutputFiles()
            try files.add(output)
            try files.check(
                against: found.files
                    + (checkpoint.map { Checkpoint.files(of: $0.path) } ?? []).map { FilePath($0) })
            if communicator.isFirst { try OutputFiles.makeParent(of: output) }
        }
        let (frames, failures) = try frames(found, maker, division)
        description[Self.frames] = "\(frames.count)"
        if failures > 0 { description[Self.unused] = "\(failures)" }
        // A fit of other frames is none that could go on.
        let earlier = isOfTheSame && begun?.metadata[Self.frames] == description[Self.frames] ? begun : nil
        if let begun, communicator.isFirst {
            printError(
                earlier == nil
                    ? "\(output) is of other frames: fitting anew"
                    : begun.isFinished
                        ? "\(output) is there already: nothing to do"
                        : "going on after iteration \(begun.iteration) of \(output)")
        }
        if let earlier, earlier.isFinished { return try report(failures, communicator) }
        var fitted = try earlier?.kmeans ?? KMeans(startingFrom: frames, clusters: units, seed: seed)
        let progress = ShareProgress("k-means")
        var last = (iteration: earlier?.iteration ?? 0, inertia: earlier?.inertia ?? .infinity)
        try fitted.fit(frames, options, done: last.iteration, inertia: last.inertia) { kmeans, state in
            var description = description
            description[ClusterFile.Key.iteration] = "\(state.iteration)"
            description[ClusterFile.Key.inertia] = "\(state.inertia)"
            description[ClusterFile.Key.finished] = state.isFinished ? "true" : "false"
            description[Self.limits.iterations] = "\(iterations)"
            description[Self.limits.tolerance] = "\(tolerance)"
            last = (state.iteration, state.inertia)
            try communicator.together {
                guard communicator.isFirst else { return }
                try ClusterFile(path: output, kmeans: kmeans, metadata: description).write()
            }
            guard communicator.isFirst else { return }
            progress.show(
                Double(state.iteration) / Double(iterations),
                detail: ", \(decimal(state.inertia / Double(frames.count), 4)) per frame")
        }
        progress.finish()
        guard communicator.isFirst else { return }
        printError("frames            \(grouped(frames.count))")
        printError("iterations        \(last.iteration)")
        printError("inertia per frame \(decimal(last.inertia / Double(frames.count), 4))")
        try report(failures, communicator)
    }

    /// - Throws: `ExitCode` where inputs could not be used.
    private func report(_ failures: Int, _ communicator: any Communicator) throws {
        guard communicator.isFirst, failures > 0 else { return }
        printError("\(failures) of the inputs could not be used")
        throw ExitCode.failure
    }

    /// The frames of all processes, and how many inputs could not be used.
    private func frames(
        _ found: FoundInputs, _ maker: FrameMaker, _ division: Division
    ) throws -> (SharedFrames, failures: Int) {
        var spool: FrameSpool?
        let failures = try found.forEachSound(
            division, sampleRate: maker.sampleRate, resample: input.resample, model: maker.model
        ) {
            let frames = try maker($2, $1)
            let all = spool ?? FrameSpool(dimensions: frames.shape[1], for: output)
            spool = all
            try all.append(frames)
        }
        guard let frames = try SharedFrames(spool, communicator: division.communicator) else {
            if division.communicator.isFirst {
                printError(errorLine("none of the inputs could be used; \(output) is not written"))
            }
            throw ExitCode.failure
        }
        return (frames, try division.communicator.collect { failures }.reduce(0, +))
    }
}
