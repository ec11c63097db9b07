import ArgumentParser
import Checkpoints
import Evaluation
import Fairseq
import Files
import Foundation
import Layers
import ONNXFiles
import SystemPackage
import TensorFiles
import Tensors
import TokenFiles
import Tokenizers
import Training
import VQWav2Vec

struct Convert: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Write a checkpoint in another format.",
        usage: "vqw2v convert [<options>] <input> <output>",
        discussion: """
            pt: a checkpoint of fairseq, which s3prl loads too. hf: a folder for Hugging Face's transformers. safetensors: a checkpoint of vqw2v without the \
            optimizer's state. onnx: from waveform to ids. codebook: a folder with the codewords as a NumPy array. \
            npy: centroids that cluster has found, as a NumPy array. clusters: such an array, or scikit-learn's k-means as joblib writes it, for quantize --clusters.
            """)

    static let examples = [
        "vqw2v convert runs/first/best.safetensors model.pt",
        "vqw2v convert vq-wav2vec.pt model.onnx",
        "vqw2v convert wav2vec_small.pt wav2vec2-base/ -f hf",
        "vqw2v convert runs/first/best.safetensors codebook/ -f codebook --tokens ids.tsv",
    ]

    @Argument(
        help: "Checkpoint of vqw2v, of fairseq (.pt), or a folder of Hugging Face.", completion: .checkpoint)
    var input: String

    @Argument(help: "File to write, for codebook and hf a folder.", completion: .file())
    var output: String

    @Option(
        name: .shortAndLong,
        help: "pt, hf, safetensors, onnx, codebook, npy or clusters. (default: by the suffix of OUTPUT)")
    var format: CheckpointFormat?

    @Option(
        help:
            "How fairseq's configuration is written to pt: cfg, as today, or args, as in 2020. (default: cfg)"
    )
    var style: FairseqExport.Style?

    @Option(
        help: ArgumentHelp(
            "For codebook: ids that quantize wrote as tsv or fairseq, whose combinations are to be listed.",
            valueName: "file"), completion: .file())
    var tokens: String?

    @Option(help: "For clusters: what they are clusters of: mfcc, z, logits, quantized, c, layer.N.")
    var layer: FrameLayer?

    func validate() throws {
        guard let format = chosenFormat else {
            throw ValidationError(
                "\(output): the name ends in none of .pt, .safetensors and .onnx: give --format "
                    + CheckpointFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        if style != nil, format != .pt {
            throw ValidationError("--style is for the format pt, not \(format)")
        }
        guard (format == .clusters) == (layer != nil) else {
            throw ValidationError(
                layer == nil
                    ? "an array does not say what it holds clusters of: give --layer"
                    : "--layer is for the format clusters, not \(format)")
        }
        if tokens != nil, format != .codebook {
            throw ValidationError("--tokens is for the format codebook, not \(format)")
        }
    }

    private var chosenFormat: CheckpointFormat? {
        if let format { return format }
        // Of these nothing but clusters can be made.
        let isCentroids = [".npy", ".joblib", ".km", ".bin"].contains(where: input.hasSuffix)
        if isCentroids, output.hasSuffix(".safetensors") { return .clusters }
        return [CheckpointFormat.pt, .safetensors, .onnx, .npy].first { output.hasSuffix(".\($0)") }
    }

    func run() throws {
        guard let format = chosenFormat else { throw ExitCode.failure }
        var files = OutputFiles()
        try files.add(output)
        if format == .npy || format == .clusters { return try convertClusters(to: format, files) }
        let checkpoint = try Checkpoint(path: input)
        try files.check(against: Checkpoint.files(of: checkpoint.path).map { FilePath($0) })
        if format == .onnx || format == .codebook { _ = try checkpoint.requireCodebook() }
        let provenance = try checkpoint.provenance()
        try OutputFiles.makeParent(of: output)
        switch format {
        case .pt:
            let (export, notes) = try checkpoint.fairseqExport(provenance)
            show(notes)
            try export.write(output, style: style ?? .cfg)
        case .hf:
            let export = try checkpoint.huggingFaceExport()
            show(export.notes)
            try checkpoint.write(export, to: output, provenance: provenance)
        case .safetensors:
            try checkpoint.writeWeights(to: output, hash: provenance.checkpoint.value())
        case .onnx:
            let graph =
                if let model = checkpoint.configuration.wav2vec2 {
                    try ONNXExport(model, tensors: checkpoint.wav2vec2Model().fairseqTensors)
                } else {
                    try ONNXExport(checkpoint.configuration.model, tensors: checkpoint.model().fairseqTensors)
                }
            // The program is the producer of the graph.
            try graph.write(
                output, program: provenance.program,
                sampleRate: checkpoint.configuration.data.sampleRate,
                metadata: provenance.entries().filter { $0.key != Provenance.Key.program })
        case .codebook: try writeCodebook(checkpoint, provenance)
        case .npy, .clusters: break
        }
    }

    private func show(_ notes: [String]) {
        for note in notes { printError(messageLine("note: \(note)")) }
    }

    /// Centroids, from a file of clusters to an array or back.
    private func convertClusters(to format: CheckpointFormat, _ files: OutputFiles) throws {
        try files.check(against: [FilePath(input)])
        guard format == .clusters, let layer else {
            let clusters = try ClusterFile(path: input)
            let kmeans = clusters.kmeans
            if try FramePreparation(of: clusters) != FramePreparation() {
                show([
                    "the clusters are of frames that were normalised or averaged first, which an array does not say: "
                        + "what is made of it takes frames as they are"
                ])
            }
            return try NumpyFile.write(
                FilePath(output), shape: [kmeans.clusters, kmeans.dimensions],
                elements: kmeans.centroids.map { Float($0) })
        }
        let (shape, values) = try centroids()
        guard shape.count == 2, values.count > 0, values.allSatisfy({ Float($0).isFinite }) else {
            throw FileError.unusable(
                path: input,
                problem: "is not [centroids, dimensions] of finite numbers; give cluster_centers_")
        }
        try ClusterFile(
            path: output,
            kmeans: KMeans(centroids: values, clusters: shape[0], dimensions: shape[1]),
            metadata: ["program": Checkpoint.programVersion, ClusterFile.Key.layer: layer.rawValue]
        ).write()
    }

    /// Of an array, or of a model of scikit-learn that joblib has written, as HuBERT's and GSLM's are.
    private func centroids() throws -> (shape: [Int], values: [Double]) {
        guard !input.hasSuffix(".npy") else {
            let array = try NumpyArray(path: input)
            return (array.shape, array.doubles)
        }
        return try JoblibFile(path: input).array("cluster_centers_")
    }

    private func writeCodebook(_ checkpoint: Checkpoint, _ provenance: Provenance) throws {
        guard let quantizer = try checkpoint.storedModel().model.tokenQuantizer else {
            throw ModelError.noQuantizer
        }
        let combinations = try tokens.map {
            try TokenCombinations(path: $0, groups: quantizer.groups, variables: quantizer.variables)
        }
        let folder = try CodebookFolder(path: output, inputs: [checkpoint.path] + (tokens.map { [$0] } ?? []))
        let codebook = quantizer.codebook.variable.value
        let width = codebook.shape.last ?? 1
        try folder.write(
            shape: [quantizer.groups, quantizer.variables, width],
            codewords: Array(
                repeatElement(codebook.values, count: quantizer.sharesCodebook ? quantizer.groups : 1)
                    .joined()),
            combinations: combinations,
            provenance: provenance)
    }
}

/// What a checkpoint can be written as. The raw value is the format's name and suffix.
enum CheckpointFormat: String, CaseIterable, ExpressibleByArgument {
    case pt, hf, safetensors, onnx, codebook, npy, clusters
}

extension FairseqExport.Style: ExpressibleByArgument {}
