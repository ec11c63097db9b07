import Autodiff
import Checkpoints
import Communication
import Layers
import Speech
import Tensors
import VQWav2Vec

/// What one update was made with.
struct UpdateReport {
    /// Samples that were trained on.
    var samples = 0
    var schedules: [ScheduleValue] = []
    var learningRate = 0.0
    /// After the division by the number of positives, before clipping.
    var gradientNorm = 0.0
    /// Nil for one process.
    var exchange: ExchangeTimes?
}

extension Trainer {
    /// One update: forward and backward over `training.accumulate_batches` batches, divided among the processes, then
    /// Adam.
    func update(_ batches: UpdateBatches, counter: inout any FigureCounter) throws -> UpdateReport {
        if state.update == 0, state.initializedFrom == nil || model.hasNewParts { try begin(batches) }
        var report = UpdateReport()
        report.schedules = model.schedules(at: state.update)
        report.learningRate = learningRates.rate(at: state.update)
        var (pass, shares, times) = try exchanged { pass in
            try compute(&pass) { findings in
                guard communicator.size > 1 else { return try nextBatch(&findings, batches.next) }
                guard let batch = try batches.next() else { return nil }
                try find(batch, &findings)
                return batch
            }
        }
        // Those that cannot be used may be all of a batch: the ones behind move up, which changes whose is which.
        var position: BatchPosition?
        if shares.contains(where: \.hasEmptyBatch) {
            (pass, shares, times, position) = try passOverEmpty(batches)
        }
        report.exchange = times
        for share in shares {
            report.samples += share.samples
            try warn(share.findings)
        }
        pass.gradients.give(
            isPresent: parameters.indices.map { index in shares.contains { $0.hasGradient[index] } })
        report.gradientNorm = prepareGradients(
            parameters, positives: shares.reduce(0) { $0 + $1.positives },
            clipNorm: configuration.optimizer.clipNorm)
        if let last = pass.last, !report.gradientNorm.isFinite {
            try communicator.together { throw nonFinite(last, pass.paths) }
        }
        adam.update(parameters, learningRate: report.learningRate)
        // Here and not in the next update, which may come after a save.
        if let last = pass.last, firstBadParameter != nil {
            try communicator.together { throw nonFinite(last, pass.paths) }
        }
        state.update += 1
        if let position { try batches.complete(at: position) } else { batches.complete() }
        state.position = RunState.Position(batches.position)
        try complete(shares.flatMap(\.counters), counter: &counter)
        average?.add(parameters, updates: state.update)
        return report
    }

    /// Lets the model begin on the first batch, in the first process; the others take over its weights.
    private func begin(_ batches: UpdateBatches) throws {
        try communicator.together(isOfRecording: Self.isOfRecording) {
            guard communicator.isFirst else { return }
            let loader = try batches.all()
            var findings = BatchFindings()
            if let batch = try nextBatch(&findings, loader.next) { model.begin(on: batch) }
        }
        try shareWeights(of: 0)
    }

    /// Adds what the batches have counted, in their order.
    private func complete(_ counters: [[UInt64]], counter: inout any FigureCounter) throws {
        var total = model.emptyCounter()
        for sums in counters.map({ $0.map(Double.init(bitPattern:)) }) {
            counter.add(sums)
            total.add(sums)
        }
        let completion = model.completeUpdate(state.update, counting: total)
        // The process with the last batch has the frames of which the model has made new weights.
        let last = communicator.size - 1
        if completion.movedWeights { try shareWeights(of: last) }
        let notes =
            completion.movedWeights
            ? try communicator.collect { completion.notes }[last] : completion.notes
        for note in notes { log.note(note) }
    }

    /// Replaces the weights everywhere by those of one process.
    private func shareWeights(of root: Int) throws {
        guard communicator.size > 1 else { return }
        for parameter in parameters {
            let value = parameter.variable.value
            try communicator.broadcast(
                UnsafeMutableBufferPointer(start: value.pointer, count: value.count), from: root)
        }
    }

    /// What this process computes of an update, its gradients exchanged, and what all tell of theirs.
    private func exchanged(
        _ compute: (inout TrainingPass) throws -> Void
    ) throws -> (TrainingPass, [TrainingPass.Share], ExchangeTimes?) {
        for parameter in parameters { parameter.variable.clearGradient() }
        var pass = TrainingPass(
            parameters, batches: configuration.training.accumulateBatches, communicator: communicator)
        let result = Result { try compute(&pass) }
        // The others exchange theirs before they hear of an error.
        let times = try pass.gradients.finishExchange()
        let shares = try communicator.collect(isOfRecording: Self.isOfRecording) {
            try result.get()
            return pass.share
        }
        return (pass, shares, times)
    }

    /// Forward and backward over this process's batches of an update.
    /// - Parameter next: the next of them; adds what there is to say of it.
    private func compute(
        _ pass: inout TrainingPass, next: (inout BatchFindings) throws -> Batch?
    ) throws {
        for index in communicator.share(of: configuration.training.accumulateBatches) {
            guard let batch = try next(&pass.share.findings) else { break }
            if batch.batchSize == 0 {
                pass.share.hasEmptyBatch = true
                return
            }
            let tape = Tape(precision: configuration.training.precision)
            let step = try model.step(
                batch, at: StepPlace(update: state.update, index: index, isTraining: true), on: tape)
            guard step.loss.value.scalar.isFinite else { throw nonFinite(step, batch.paths) }
            pass.add(step, on: tape, of: batch, index: index)
        }
    }

    /// The update again, where a process has found a batch of which nothing can be used: each looks for its batches
    /// among all.
    private func passOverEmpty(
        _ batches: UpdateBatches
    ) throws -> (TrainingPass, [TrainingPass.Share], ExchangeTimes?, BatchPosition) {
        let loader = try batches.all()
        let (pass, shares, times) = try exchanged { pass in
            for _ in 0..<batches.own.lowerBound { _ = try nextBatch(&pass.share.findings, loader.next) }
            try compute(&pass) { try nextBatch(&$0, loader.next) }
            for _ in batches.own.upperBound..<configuration.training.accumulateBatches {
                _ = try nextBatch(&pass.share.findings, loader.next)
            }
        }
        return (pass, shares, times, loader.position)
    }

    /// The next batch that has recordings left: those that cannot be used may be passed over.
    /// - Throws: `TrainingError` where a whole epoch has none.
    private func nextBatch(_ findings: inout BatchFindings, _ next: () throws -> Batch?) throws -> Batch? {
        for _ in 0...data.training.batchesPerEpoch {
            guard let batch = try next() else { return nil }
            try find(batch, &findings)
            if batch.batchSize > 0 { return batch }
        }
        throw TrainingError.noUsableRecording(place: "update \(state.update + 1)")
    }

    /// The first number that is not finite ends the run: the last checkpoint stays as it was.
    /// - Parameters:
    ///   - paths: the recordings that led to it: those of one batch, or of all whose gradients were summed.
    ///   - place: nil for the update that is being made.
    func nonFinite(_ step: TrainingStep, _ paths: [String], in place: String? = nil) -> TrainingError {
        .notFinite(
            place: place ?? "update \(state.update + 1)",
            tensor: firstBadTensor(step) ?? "sum of the gradients", recordings: paths,
            left: folder.hasRun ? folder.last : nil)
    }

    /// The first tensor, in the order of the computation, with a NaN or an infinity: of the forward pass,
    /// else of the gradients; nil where all are finite.
    private func firstBadTensor(_ step: TrainingStep) -> String? {
        if let bad = firstBadParameter { return "parameter \(bad.name)" }
        if let bad = step.tensors.first(where: { $0.tensor.firstNonFinite != nil }) { return bad.name }
        return parameters.first { $0.variable.gradient?.firstNonFinite != nil }.map {
            "gradient of \($0.name)"
        }
    }

    private var firstBadParameter: Parameter? {
        parameters.first { $0.variable.value.firstNonFinite != nil }
    }

    /// The line of the log after an update.
    func progress(
        _ update: UpdateReport, counter: any FigureCounter, meter: inout SpeedMeter
    ) -> TrainingProgress {
        let left = configuration.training.maxUpdates - state.update
        let clip = configuration.optimizer.clipNorm
        let (rate, sampleRate) = (meter.takeRates(), Double(configuration.data.sampleRate))
        return TrainingProgress(
            update: state.update, maxUpdates: configuration.training.maxUpdates, epoch: state.position.epoch,
            elapsedSeconds: meter.elapsed, secondsLeft: meter.secondsPerUpdate.map { $0 * Double(left) },
            audioSecondsPerSecond: rate.perSecond / sampleRate,
            audioSecondsPerUpdate: rate.perUpdate / sampleRate,
            figures: counter.figures, schedules: update.schedules,
            learningRate: update.learningRate, gradientNorm: update.gradientNorm,
            gradientClipped: clip > 0 && update.gradientNorm > clip,
            exchangeSeconds: update.exchange?.seconds, exchangeWaitedSeconds: update.exchange?.waited)
    }
}
