import Tensors

/// Where a run stands: one line of the log. Figures are those since the line before.
public struct TrainingProgress: Encodable, Sendable {
    /// Updates done.
    public var update: Int
    public var maxUpdates: Int
    public var epoch: Int
    /// Wall time in training so far, in seconds; without that of earlier runs which this one resumes.
    public var elapsedSeconds: Double
    /// Wall time to the last update, in seconds; nil before it can be told.
    public var secondsLeft: Double?
    /// Seconds of audio per second of wall time.
    public var audioSecondsPerSecond: Double
    /// Seconds of audio that an update was made of, in the mean.
    public var audioSecondsPerUpdate: Double
    public var figures: any TrainingFigures
    /// What follows a schedule of the model's own.
    public var schedules: [ScheduleValue]
    public var learningRate: Double
    /// Norm of the gradient in the last update, before clipping.
    public var gradientNorm: Double
    /// Whether that gradient was scaled down.
    public var gradientClipped: Bool
    /// Of several processes: seconds of the last update in which gradients were exchanged, and those of them in which
    /// nothing else was left to do.
    public var exchangeSeconds: Double?
    public var exchangeWaitedSeconds: Double?
    /// Largest resident size of the process so far, in bytes.
    public var memoryBytes: Int

    public init(
        update: Int, maxUpdates: Int, epoch: Int, elapsedSeconds: Double, secondsLeft: Double?,
        audioSecondsPerSecond: Double, audioSecondsPerUpdate: Double, figures: any TrainingFigures,
        schedules: [ScheduleValue], learningRate: Double, gradientNorm: Double, gradientClipped: Bool,
        exchangeSeconds: Double? = nil, exchangeWaitedSeconds: Double? = nil,
        memoryBytes: Int = ProcessMemory.peakBytes
    ) {
        (self.update, self.maxUpdates, self.epoch) = (update, maxUpdates, epoch)
        (self.elapsedSeconds, self.secondsLeft) = (elapsedSeconds, secondsLeft)
        self.audioSecondsPerSecond = audioSecondsPerSecond
        self.audioSecondsPerUpdate = audioSecondsPerUpdate
        self.figures = figures
        (self.schedules, self.learningRate) = (schedules, learningRate)
        (self.gradientNorm, self.gradientClipped) = (gradientNorm, gradientClipped)
        (self.exchangeSeconds, self.exchangeWaitedSeconds) = (exchangeSeconds, exchangeWaitedSeconds)
        self.memoryBytes = memoryBytes
    }

    private enum CodingKeys: CodingKey {
        case update, maxUpdates, epoch, elapsedSeconds, secondsLeft
        case audioSecondsPerSecond, audioSecondsPerUpdate
        case learningRate, gradientNorm, gradientClipped, memoryBytes
        case exchangeSeconds, exchangeWaitedSeconds
    }

    /// The figures' keys stand beside the others.
    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(update, forKey: .update)
        try container.encode(maxUpdates, forKey: .maxUpdates)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
        try container.encodeIfPresent(secondsLeft, forKey: .secondsLeft)
        try container.encode(audioSecondsPerSecond, forKey: .audioSecondsPerSecond)
        try container.encode(audioSecondsPerUpdate, forKey: .audioSecondsPerUpdate)
        try container.encode(learningRate, forKey: .learningRate)
        try container.encode(gradientNorm, forKey: .gradientNorm)
        try container.encode(gradientClipped, forKey: .gradientClipped)
        try container.encodeIfPresent(exchangeSeconds, forKey: .exchangeSeconds)
        try container.encodeIfPresent(exchangeWaitedSeconds, forKey: .exchangeWaitedSeconds)
        try container.encode(memoryBytes, forKey: .memoryBytes)
        var named = encoder.container(keyedBy: Name.self)
        for schedule in schedules {
            try named.encode(schedule.value, forKey: Name(stringValue: schedule.key))
        }
    }

    /// A key that only a model knows.
    private struct Name: CodingKey {
        let stringValue: String
        init(stringValue: String) { self.stringValue = stringValue }
        var intValue: Int? { nil }
        init?(intValue: Int) { nil }
    }
}

/// What a validation found.
public struct ValidationResult: Encodable, Sendable {
    /// Updates done.
    public var update: Int
    public var maxUpdates: Int
    /// Utterances that were long enough to be used.
    public var utterances: Int
    public var figures: any TrainingFigures
    /// Whether the loss is the lowest of the run so far.
    public var isBest: Bool

    public init(update: Int, maxUpdates: Int, utterances: Int, figures: any TrainingFigures, isBest: Bool) {
        (self.update, self.maxUpdates, self.utterances) = (update, maxUpdates, utterances)
        (self.figures, self.isBest) = (figures, isBest)
    }

    private enum CodingKeys: CodingKey {
        case update, maxUpdates, utterances, isBest
    }

    /// The figures' keys stand beside the others.
    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(update, forKey: .update)
        try container.encode(maxUpdates, forKey: .maxUpdates)
        try container.encode(utterances, forKey: .utterances)
        try container.encode(isBest, forKey: .isBest)
    }
}
