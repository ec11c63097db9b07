import Autodiff
import Checkpoints
import GoldenSupport
import Tensors
import Testing
import Training
import VQWav2Vec

/// Adam, clipping and schedules against fairseq's, update by update.
@Suite struct OptimizerParityTests {
    static let cases = GoldenCase.all.filter { $0.info.optim != nil }

    @Test func someCasesHaveTrajectories() {
        #expect(Self.cases.count >= 2)
    }

    /// The stored gradients fed to Adam alone give the stored parameters.
    @Test(arguments: cases)
    func adamAlone(_ golden: GoldenCase) throws {
        print("parity, Adam: \(golden.name)")
        let settings = try #require(golden.info.optim)
        let model = try golden.model()
        let file = try golden.tensors("optim")
        let without = Set(golden.info.train.parametersWithoutGrad)
        let parameters = model.parameters.filter { !without.contains($0.name) }
        var adam = Adam(configuration(settings), parameters: parameters)
        for update in 0..<settings.updates {
            for parameter in parameters {
                let gradient = try file.tensor("step\(update).grad.\(parameter.name)")
                parameter.variable.clearGradient()
                let tape = Tape()
                // A leaf gets its gradient from a backward pass, here that of the identity.
                let same = tape.reshape(parameter.variable, parameter.variable.shape)
                tape.backward(from: same, seed: parameter.fromFairseq(gradient))
            }
            adam.update(parameters, learningRate: settings.perUpdate[update].lr)
            for parameter in parameters {
                let expected = try file.tensor("step\(update).param.\(parameter.name)")
                let actual = parameter.toFairseq(parameter.variable.value)
                let difference = zip(actual.values, expected.values).map { abs($0 - $1) }.max() ?? 0
                let scale = expected.values.reduce(1) { max($0, abs($1)) }
                #expect(
                    difference <= 1e-6 * scale, "\(golden.name) step\(update).param.\(parameter.name)")
            }
        }
    }

    /// The whole loop: schedules, forward, backward, clipping, Adam.
    @Test(arguments: cases)
    func trajectory(_ golden: GoldenCase) throws {
        print("parity, trajectory: \(golden.name)")
        let settings = try #require(golden.info.optim)
        let model = try golden.model()
        let inputs = try golden.tensors("optim_inputs")
        let compare = try golden.comparison("optim")
        let parameters = model.parameters
        var adam = Adam(configuration(settings), parameters: parameters)
        let rates = LearningRateSchedule(schedule(settings), maxUpdates: settings.maxUpdate)
        let temperatures = TemperatureSchedule(
            model.configuration.quantizer.temperature, maxUpdates: settings.maxUpdate)
        for update in 0..<settings.updates {
            let stored = settings.perUpdate[update]
            #expect(abs(rates.rate(at: update) - stored.lr) <= 1e-12 * stored.lr)
            let temperature = temperatures.temperature(at: update)
            if let expected = stored.temp { #expect(abs(temperature - expected) <= 1e-12) }
            let tape = Tape()
            let output = try model.step(
                inputs.tensor("step\(update).source"), temperature: temperature, losses: golden.losses(),
                noise: golden.noise(training: true, prefix: "step\(update).", in: inputs), on: tape)
            tape.backward(from: output.loss)
            #expect(output.positives == stored.sampleSize)
            let norm = prepareGradients(
                parameters, positives: output.positives, clipNorm: settings.clipNorm)
            try compare.check("step\(update).loss", output.loss.value.scalarDouble)
            try compare.check("step\(update).gnorm", norm)
            for parameter in parameters {
                let gradient = parameter.variable.gradient ?? Tensor(zeros: parameter.variable.shape)
                try compare.check("step\(update).grad.\(parameter.name)", parameter.toFairseq(gradient))
            }
            adam.update(parameters, learningRate: rates.rate(at: update))
            for parameter in parameters {
                try compare.check(
                    "step\(update).param.\(parameter.name)", parameter.toFairseq(parameter.variable.value))
                parameter.variable.clearGradient()
            }
        }
        compare.finish()
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

    private func schedule(_ settings: CaseInfo.Optimizer) -> ScheduleConfiguration {
        var schedule = ScheduleConfiguration()
        schedule.learningRate = settings.lr
        schedule.minimumLearningRate = settings.minLr
        schedule.warmupInitialLearningRate = settings.warmupInitLr
        schedule.warmupUpdates = settings.warmupUpdates
        return schedule
    }
}
