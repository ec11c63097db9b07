import Autodiff
import Checkpoints
import Foundation
import GoldenSupport
import Layers
import Tensors
import Testing
import Training
import Wav2Vec2

/// Adam, clipping and the learning rate against fairseq's, update by update.
@Suite struct OptimizerParityTests {
    static let cases = GoldenCase.all.filter { $0.info.optim != nil }

    @Test func someCasesHaveTrajectories() {
        #expect(!Self.cases.isEmpty)
    }

    @Test(arguments: cases)
    func trajectory(_ golden: GoldenCase) throws {
        print("wav2vec 2.0 parity, trajectory: \(golden.name)")
        let settings = try #require(golden.info.optim)
        let model = try golden.model()
        let parameters = model.parameters
        let compare = try golden.comparison("optim")
        var adam = Adam(configuration(settings), parameters: parameters)
        let rates = PolynomialDecay(
            peak: settings.lr, end: settings.endLearningRate ?? 0, warmupUpdates: settings.warmupUpdates,
            maxUpdates: settings.maxUpdate, power: settings.power ?? 1)
        for (index, update) in settings.perUpdate.enumerated() {
            let prefix = "step\(index)"
            let inputs = try GoldenInputs(
                golden, model.configuration, file: "optim_inputs", prefix: "\(prefix).")
            let tape = Tape()
            let task = try inputs.task()
            let output = try model.step(
                inputs.tensor("source"), samples: golden.paddedSamples(), task: task,
                temperature: update.temp ?? 1, losses: golden.losses(model),
                noise: inputs.noise(training: true), on: tape)
            tape.backward(from: output.loss)
            #expect(task.positives == update.sampleSize)
            let norm = prepareGradients(
                parameters, positives: task.positives, clipNorm: settings.clipNorm)
            try check(output, prefix, compare)
            try compare.check("\(prefix).gnorm", norm)
            for parameter in parameters {
                let gradient = parameter.variable.gradient ?? Tensor(zeros: parameter.variable.shape)
                try compare.check("\(prefix).grad.\(parameter.name)", parameter.toFairseq(gradient))
            }
            let rate = rates.rate(at: update.update)
            #expect(abs(rate - update.lr) <= 1e-12 * update.lr)
            adam.update(parameters, learningRate: rate)
            for parameter in parameters {
                try compare.check(
                    "\(prefix).param.\(parameter.name)", parameter.toFairseq(parameter.variable.value))
                parameter.variable.clearGradient()
            }
        }
        compare.finish()
    }

    private func check(_ output: Wav2Vec2Step, _ prefix: String, _ compare: Comparison) throws {
        let terms = [
            ("loss", Double(output.loss.value.scalar)),
            ("loss_contrastive", Double(output.contrastiveLoss.value.scalar)),
            ("loss_diversity", output.diversityLoss), ("loss_features", output.penaltyLoss),
        ]
        for (name, value) in terms where compare.has("\(prefix).\(name)") {
            try compare.check("\(prefix).\(name)", value)
        }
        guard let reported = output.reported else { return }
        var usage = CodebookUsage(groups: reported.groups, variables: reported.variables)
        usage.add(reported.noiseFreeIDs)
        try compare.check("\(prefix).code_perplexity", usage.perplexityPerGroup.reduce(0, +))
        try compare.check("\(prefix).prob_perplexity", try #require(reported.softmaxPerplexity))
        if let quantization = output.quantization {
            try compare.check("\(prefix).q_codes", quantization.ids)
        }
    }

    private func configuration(_ settings: CaseInfo.Optimizer) -> OptimizerConfiguration {
        var configuration = OptimizerConfiguration()
        configuration.beta1 = settings.adamBetas[0]
        configuration.beta2 = settings.adamBetas[1]
        configuration.epsilon = settings.adamEps
        configuration.weightDecay = settings.weightDecay
        configuration.clipNorm = settings.clipNorm
        return configuration
    }
}

/// Learning rates and temperatures of whole runs.
@Suite struct ScheduleParityTests {
    private struct Schedule: Decodable {
        struct Row: Decodable {
            let numUpdates: Int
            let lr, temp: Double
        }
        let name: String
        let lr, endLearningRate, power: Double
        let warmupUpdates, maxUpdate: Int
        let latentTemp: [Double]
        let rows: [Row]
    }

    @Test func schedulesAreTheReferenceImplementations() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let files = GoldenFolder.all.map { $0.appendingPathComponent("schedules.json") }
        let schedules = try files.filter { FileManager.default.fileExists(atPath: $0.path) }.flatMap {
            try decoder.decode([Schedule].self, from: Data(contentsOf: $0))
        }
        #expect(schedules.count >= 3 && schedules.allSatisfy { !$0.rows.isEmpty })
        for schedule in schedules {
            print("wav2vec 2.0 parity, schedule: \(schedule.name)")
            let rates = PolynomialDecay(
                peak: schedule.lr, end: schedule.endLearningRate, warmupUpdates: schedule.warmupUpdates,
                maxUpdates: schedule.maxUpdate, power: schedule.power)
            var temperature = TemperatureConfiguration()
            (temperature.start, temperature.end) = (schedule.latentTemp[0], schedule.latentTemp[1])
            temperature.decay = schedule.latentTemp[2]
            let temperatures = TemperatureSchedule(temperature, maxUpdates: schedule.maxUpdate)
            for row in schedule.rows {
                let (rate, tau) = (
                    rates.rate(at: row.numUpdates), temperatures.temperature(at: row.numUpdates)
                )
                #expect(
                    abs(rate - row.lr) <= 1e-12 * row.lr + 1e-16,
                    "\(schedule.name), \(row.numUpdates): \(rate)")
                #expect(
                    abs(tau - row.temp) <= 1e-12 * row.temp, "\(schedule.name), \(row.numUpdates): \(tau)")
            }
        }
    }
}
