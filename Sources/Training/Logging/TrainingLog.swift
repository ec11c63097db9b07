import Checkpoints
import Files
import Foundation
import Reports
import TensorFiles

/// The log of a run: lines for people, and the same as JSON lines in a file and as events for TensorBoard.
///
/// Every line of the file has `type` (`environment`, `train`, `validation`, `warning`) and `update`.
public final class TrainingLog {
    private var file: LogFile?
    private var events: EventFile?
    private let output: LogOutput
    private var divergence = DivergenceWarning()

    /// A log for people; the file is made by `open`.
    public init(output: LogOutput = .standardError()) { self.output = output }

    /// From here on all lines go to a file too.
    /// - Parameters:
    ///   - path: `log.jsonl` in the run folder; replaced for a new run.
    ///   - update: for a resumed run the updates that its checkpoint has done: later lines are dropped, new
    ///     ones appended.
    ///   - repeatsValidation: drop the line of a validation after that update: it will be made again.
    ///   - events: folder in which a file for TensorBoard begins; nil for none.
    /// - Throws: `TrainingError` or `FileError` that names the file.
    public func open(
        _ path: String, resumingAfter update: Int? = nil, repeatsValidation: Bool = false,
        events folder: String? = nil
    ) throws {
        file = try LogFile(
            path, keeping: update.map { .init(update: $0, withoutValidation: repeatsValidation) })
        // TensorBoard forgets whole updates: with the validation also the training before it, which is told again.
        let toldAgain = repeatsValidation ? file?.lastTraining ?? [] : []
        events = try folder.map {
            try EventFile(folder: $0, from: update.map { toldAgain.isEmpty ? $0 + 1 : $0 } ?? 0)
        }
        for line in toldAgain { try show(line, type: "train", update: update ?? 0) }
    }

    /// What the run goes on with from here: a line of the file alone.
    /// - Throws: `TrainingError` that names the file.
    public func report(_ environment: RunEnvironment) throws {
        try file?.append(environment, type: "environment")
    }

    /// - Throws: `TrainingError` that names the file, for instance on a full disk.
    public func report(_ progress: TrainingProgress) throws {
        output.show(progress.line) { progress.line(width: $0) }
        try append(progress, type: "train", update: progress.update)
        if let warning = divergence.observe(progress.figures) { try warn(warning, update: progress.update) }
    }

    /// - Throws: `TrainingError` that names the file.
    public func report(_ result: ValidationResult) throws {
        output.print(result.line)
        try append(result, type: "validation", update: result.update)
    }

    /// Histograms, pictures and sounds, for TensorBoard alone.
    /// - Throws: `FileError`.
    public func show(_ values: [(tag: String, value: EventValue)], update: Int) throws {
        try events?.append(values, step: update)
    }

    /// Adds a line to the file, and its numbers to the events.
    private func append(_ record: some Encodable, type: String, update: Int) throws {
        if let line = try file?.append(record, type: type) { try show(line, type: type, update: update) }
    }

    /// The numbers of a line of the file as events.
    private func show(_ line: Data, type: String, update: Int) throws {
        guard let events else { return }
        if case .object(let object) = try LogFile.value(of: line) {
            try events.append(EventScalars.values(of: object, kind: type), step: update)
        }
    }

    /// A warning, printed and in the file.
    /// - Throws: `TrainingError` that names the file.
    public func warn(_ text: String, update: Int) throws {
        struct Warning: Encodable { let update: Int, message: String }
        output.print(messageLine("warning: \(text)"))
        try file?.append(Warning(update: update, message: text), type: "warning")
    }

    /// A line for people alone, such as the name of a checkpoint that was saved.
    public func note(_ text: String) { output.print(text) }

    /// Ends the live line. Further lines may follow.
    public func finish() { output.finish() }
}
