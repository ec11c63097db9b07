import Fairseq
import Files
import Foundation
import HuggingFace
import Layers
import TensorFiles
import VQWav2Vec
import Wav2Vec2

extension Checkpoint {
    /// Reads the description; tensors stay in the file until they are asked for. What the file begins with, not
    /// its name, decides how it is read.
    /// - Parameter path: a file, the folder of a run, whose best checkpoint is taken, or that of a model of Hugging
    ///   Face.
    /// - Throws: `CheckpointError`, `FileError`, `SafetensorsError`, `FairseqCheckpointError`, `TorchError`,
    ///   `HuggingFaceError` or `ConfigurationError`, naming the file.
    public init(path: String) throws {
        if Self.isHuggingFaceFolder(path) {
            self.init(huggingFace: try HuggingFaceModel(path: path))
            return
        }
        let path = try Self.file(of: path)
        guard try !InputFile(path: path).isGitLFSPointer else {
            throw CheckpointError.gitLFSPointer(path: path)
        }
        if FairseqCheckpoint.isTorchFile(path) {
            try self.init(fairseq: FairseqCheckpoint(path: path))
        } else {
            try self.init(safetensors: SafetensorsFile(path: path))
        }
        guard (0...Self.largestCount).contains(state.update) else {
            throw CheckpointError.damaged(path: path, what: "it counts \(state.update) updates")
        }
    }

    /// Everything that is read where a checkpoint is named: the file, or those of the folder of a run or of a model.
    public static func files(of path: String) -> [String] {
        [path] + (isHuggingFaceFolder(path) ? HuggingFaceModel.files(path) : (try? [file(of: path)]) ?? [])
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// One that holds no run of ours.
    private static func isHuggingFaceFolder(_ path: String) -> Bool {
        isFolder(path) && HuggingFaceModel.isFolder(path)
            && ![bestFile, lastFile].contains { exists("\(path)/\($0)") }
    }

    /// The best checkpoint where the path is that of a folder.
    private static func file(of path: String) throws -> String {
        guard isFolder(path) else { return path }
        let folder = path.hasSuffix("/") ? path : path + "/"
        if exists(folder + bestFile) { return folder + bestFile }
        guard exists(folder + lastFile) else { throw CheckpointError.noRun(folder: path) }
        throw CheckpointError.noBest(folder: path, last: folder + lastFile)
    }

    /// A file of ours, which tools of Hugging Face may have saved again under their own mark.
    private init(safetensors file: SafetensorsFile) throws {
        let (path, metadata) = (file.path, file.metadata)
        let version = metadata[Key.version]
        guard metadata[Key.format] == Key.formatName || version != nil && file.isSavedAgain else {
            throw CheckpointError.notOurs(path: path)
        }
        let program = metadata[Key.program]
        if let version, let number = Int(version), number > Key.currentNumber {
            throw CheckpointError.newer(
                path: path,
                wroteIt: program.map { "\($0), checkpoint version \(version)" } ?? "version \(version)")
        }
        guard let number = version.flatMap({ Int($0) }), (1...Key.currentNumber).contains(number) else {
            throw CheckpointError.wrongVersion(path: path, version: version)
        }
        guard number < 2 || file.hasChecksums || file.isSavedAgain else {
            throw CheckpointError.noChecksums(path: path)
        }
        guard let json = metadata[Key.configuration] else { throw CheckpointError.incomplete(path: path) }
        do {
            let configuration = try RunConfiguration(json: json, name: path)
            let state = try Self.decode(RunState.self, metadata[Key.state], path: path)
            let origin = try Self.decode(CheckpointOrigin.self, metadata[Key.origin], path: path)
            guard state != nil || origin != nil else { throw CheckpointError.incomplete(path: path) }
            self.init(
                path: path, configuration: configuration, state: state, origin: origin,
                statedConfiguration: origin == nil
                    ? configuration.tree : configuration.tree.restricted(to: try JSONValue(parsing: json)),
                program: program ?? "unknown", format: "safetensors of vqw2v", weights: file, file: file)
        } catch {
            // What this program does not understand, a newer one may have written.
            if let program, Self.isNewer(program) {
                throw CheckpointError.newer(path: path, wroteIt: program)
            }
            throw error
        }
    }

    /// A folder of Hugging Face. What it does not say has the library's default.
    private init(huggingFace model: HuggingFaceModel) {
        var configuration = RunConfiguration()
        (configuration.wav2vec2, configuration.hubert) = (model.wav2vec2, model.hubert)
        configuration.data.sampleRate = model.sampleRate
        var stated = configuration.stated
        // An argument of its training there.
        stated.remove("quantizer.temperature")
        let written = model.provenance
        if let (run, said) = Self.written(
            written[Key.configuration],
            { run in
                run.data.sampleRate == model.sampleRate
                    && (model.wav2vec2.map { read in
                        run.wav2vec2.map { HuggingFaceExport.says(read, for: $0) } ?? false
                    } ?? true)
                    && (model.hubert.map { read in
                        run.hubert.map { HuggingFaceExport.says(read, for: $0) } ?? false
                    } ?? true)
            })
        {
            (configuration, stated) = (run, said)
        }
        let origin = Self.origin(
            format: model.format, program: model.program, written: written,
            updates: written[Key.updates].flatMap { Int($0) })
        self.init(
            path: model.path, configuration: configuration, state: nil, origin: origin,
            statedConfiguration: stated, program: model.program, format: model.format, weights: model,
            file: nil)
    }

    private static func decode<Value: Decodable>(
        _: Value.Type, _ json: String?, path: String
    ) throws -> Value? {
        guard let json else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(json.utf8))
        } catch {
            throw CheckpointError.unreadableState(path: path)
        }
    }

    /// Whether a program is of this name and of a later version.
    private static func isNewer(_ program: String) -> Bool {
        func parts(_ program: String) -> (name: Substring, numbers: [Int])? {
            let words = program.split(separator: " ")
            guard words.count == 2 else { return nil }
            let numbers = words[1].split(separator: ".").map { Int($0) }
            return numbers.contains(nil) ? nil : (words[0], numbers.compactMap { $0 })
        }
        guard let ours = parts(programVersion), let theirs = parts(program), ours.name == theirs.name else {
            return false
        }
        return ours.numbers.lexicographicallyPrecedes(theirs.numbers)
    }

    /// Where the weights of a file of another format come from: from elsewhere where that is what we noted in it.
    private static func origin(
        format: String, program: String, written: [String: String], updates: Int?
    ) -> CheckpointOrigin {
        var origin =
            (try? decode(CheckpointOrigin.self, written[Key.origin], path: ""))
            ?? CheckpointOrigin(format: format, program: program)
        origin.checkpointSHA256 = written[Provenance.Key.hash]
        origin.updates = updates ?? origin.updates
        return origin
    }

    /// The configuration that we noted in a file of another format, and what of it was known: more than the format says,
    /// if that is still what we wrote.
    private static func written(
        _ json: String?, _ isSame: (RunConfiguration) throws -> Bool
    ) -> (run: RunConfiguration, said: JSONValue)? {
        guard let json, let run = try? RunConfiguration(json: json, name: ""), (try? isSame(run)) == true,
            let said = try? JSONValue(parsing: json)
        else { return nil }
        return (run, run.tree.restricted(to: said))
    }

    /// A file of fairseq, or one that we wrote for it. What it does not say has the library's default.
    private init(fairseq file: FairseqCheckpoint) throws {
        let (format, written) = (
            "fairseq .pt, \(file.serialization), \(file.style.rawValue)", file.provenance
        )
        let program = written[Key.program] ?? "fairseq"
        let origin = Self.origin(format: format, program: program, written: written, updates: file.updates)
        var configuration = RunConfiguration()
        (configuration.model, configuration.wav2vec2) = (file.model, file.wav2vec2)
        configuration.hubert = file.hubert
        configuration.data.sampleRate = file.sampleRate
        var stated = configuration.stated
        if file.wav2vec2 != nil, !file.saysLosses { stated.remove("loss") }
        if let (run, said) = Self.written(
            written[Key.configuration],
            { run in
                guard run.data.sampleRate == file.sampleRate else { return false }
                if let read = file.wav2vec2 {
                    return run.wav2vec2.map { FairseqConfiguration.closest(to: $0).model == read } ?? false
                }
                return try file.hubert == nil
                    && FairseqConfiguration.closest(to: run.model).model == file.model
            })
        {
            (configuration, stated) = (run, said)
        }
        self.init(
            path: file.path, configuration: configuration, state: nil, origin: origin,
            statedConfiguration: stated, program: program, format: format, weights: file, file: nil)
    }
}

/// A file that has tensors by fairseq's names and in fairseq's layouts.
protocol WeightSource: Sendable {
    /// In the order of the file.
    var names: [String] { get }
    /// Begins to compute the SHA-256 of the file that was opened.
    func hash() -> FileHash
    func contains(_ name: String) -> Bool
    func shape(of name: String) throws -> [Int]
    /// Writes all elements, row-major.
    /// - Parameter target: as many elements as the shape says.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws
}

extension FairseqCheckpoint: WeightSource {}

extension HuggingFaceModel: WeightSource {}

extension SafetensorsFile: WeightSource {
    func shape(of name: String) throws -> [Int] { try entry(name).shape }
}
