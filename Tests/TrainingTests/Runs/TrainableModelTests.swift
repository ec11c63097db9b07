import Autodiff
import Checkpoints
import Foundation
import Layers
import Speech
import Tensors
import Testing
import Training
import VQWav2Vec

/// A model of another family: one number, the loudness that it learns of the recordings, with a masking rate that
/// falls, figures and a warning of its own. The trainer needs no more than `TrainableModel` of it.
private final class LoudnessModel: TrainableModel {
    struct Figures: TrainingFigures {
        var lossBits: Double
        var loudness: Double
        var chanceBits: Double { 0 }
        var accuracy: Double { .nan }
        var fields: [FigureField] { [FigureField("loudness \(loudness)", short: "\(loudness)")] }
        var minorFields: [FigureField] { [FigureField("steady")] }
        var details: [(label: String, value: String)] { [] }
        enum CodingKeys: CodingKey { case lossBits, meanLoudness }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(lossBits, forKey: .lossBits)
            try container.encode(loudness, forKey: .meanLoudness)
        }
    }

    struct Counter: FigureCounter {
        var (loss, loudness, count) = (0.0, 0.0, 0.0)
        var sums: [Double] { [loss, loudness, count] }
        mutating func add(_ sums: [Double]) {
            (loss, loudness, count) = (loss + sums[0], loudness + sums[1], count + sums[2])
        }
        var figures: any TrainingFigures { Figures(lossBits: loss / count, loudness: loudness / count) }
    }

    let parts: [ModelPart]
    private let carrier: Model
    private let configuration: RunConfiguration
    private(set) var places: [StepPlace] = []
    private(set) var begun = 0
    private(set) var updates: [Int] = []
    private(set) var counted = 0.0
    private(set) var validations = 0
    var warning: String?

    /// Its number lives in the bias of another model, for checkpoints are still that model's.
    init(_ configuration: RunConfiguration) throws {
        self.configuration = configuration
        carrier = try Model(configuration.model)
        parts = [carrier.parts[carrier.parts.count - 1]]
    }

    func begin(on batch: Batch) { begun += 1 }

    func step(_ batch: Batch, at place: StepPlace, on tape: Tape) throws -> TrainingStep {
        places.append(place)
        let loudness = batch.waveforms.reduce(0) { $0 + abs(Double($1)) } / Double(batch.waveforms.count)
        let one = Variable.constant(Tensor([Float](repeating: 1, count: 8), shape: [1, 8]))
        let sum = tape.linear(one, weight: tape.reshape(parts[0].parameters[1].variable, [1, 8]))
        let loss = tape.reshape(sum, [1])
        return TrainingStep(
            loss: loss, positives: 1, tensors: [("loudness", loss.value)],
            counter: Counter(loss: Double(loss.value.scalar), loudness: loudness, count: 1))
    }

    func completeUpdate(_ updates: Int, counting counter: any FigureCounter) -> UpdateCompletion {
        self.updates.append(updates)
        counted += (counter as? Counter)?.count ?? 0
        return UpdateCompletion(notes: updates == 2 ? ["two updates"] : [])
    }

    func completeValidation(_ counter: any FigureCounter) { validations += 1 }
    func emptyCounter() -> any FigureCounter { Counter() }
    func schedules(at update: Int) -> [ScheduleValue] {
        [ScheduleValue(key: "maskRate", value: 1 / Double(update + 1), text: "mask 1/\(update + 1)")]
    }
    func warning(after figures: any TrainingFigures, gradientNorm: Double) -> String? { warning }
    var validationUsage: CodebookUsage? { nil }
    var quantizer: (any Quantizer)? { nil }
    func units(of waveform: [Float]) throws -> TokenSequence { throw ModelError.noQuantizer }
    func save(to path: String, state: RunState, optimizer: OptimizerState) throws {
        try Checkpoint.write(
            path, model: carrier, configuration: configuration, state: state, optimizer: nil)
    }
}

@Suite struct TrainableModelTests {
    @Test func theTrainerTrainsAnotherModel() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 4)
        run.training.accumulateBatches = 2
        run.training.validateEvery = 2
        let model = try LoudnessModel(run)
        model.warning = "too loud"
        let data = try TrainingData([runs.data], configuration: run)
        let (screen, folder) = (RunScreen(), runs.folder("run"))
        let trainer = try Trainer(
            model, configuration: run, data: data, folder: folder, output: screen.output())
        #expect(try trainer.run() == .finished)

        #expect(model.begun == 1 && model.updates == [1, 2, 3, 4] && model.validations == 2)
        #expect(model.counted == 8)
        let training = model.places.filter(\.isTraining)
        #expect(
            training.map(\.update) == [0, 0, 1, 1, 2, 2, 3, 3]
                && training.map(\.index) == [0, 1, 0, 1, 0, 1, 0, 1])
        let lines = try folder.logLines("train")
        let third = 1.0 / 3
        #expect(lines.map { $0["mask_rate"] as? Double } == [1, 0.5, third, 0.25])
        #expect(lines.allSatisfy { $0["mean_loudness"] is Double && $0["temperature"] == nil })
        let warnings = try folder.logLines("warning").map { $0["message"] as? String }
        #expect(warnings == Array(repeating: "too loud", count: 4))
        #expect(screen.text.contains(" | loudness 0.") && screen.text.contains(" | mask 1/3 | lr "))
        #expect(screen.text.contains(" | steady\n") && screen.text.contains("\ntwo updates\n"))
        #expect(folder.hasRun && FileManager.default.fileExists(atPath: folder.best))
    }
}
