/// Which frames are scored against which: frame t predicts, in step i, frame t + firstStep + i.
public struct PredictionGeometry: Sendable {
    /// B.
    public let batch: Int
    /// T, frames per item.
    public let frames: Int
    /// Steps that exist, min(S, T − firstStep): short utterances have fewer than the model predicts.
    public let steps: Int
    /// S, steps that the model predicts.
    public let predictedSteps: Int
    /// Frames between t and its first target.
    public let firstStep: Int
    /// The true frame and its N negatives.
    public let copies: Int

    public init(batch: Int, frames: Int, predictedSteps: Int, firstStep: Int, negatives: Int) {
        precondition(
            batch >= 0 && frames >= 0 && predictedSteps >= 0 && firstStep >= 0 && negatives >= 0,
            "sizes of a prediction are not negative")
        (self.batch, self.frames, self.predictedSteps) = (batch, frames, predictedSteps)
        self.firstStep = firstStep
        steps = max(0, min(predictedSteps, frames - firstStep))
        copies = negatives + 1
    }

    /// Predictions of step i, over the batch.
    public func rows(step: Int) -> Int { batch * (frames - firstStep - step) }

    /// First row of step i.
    public func firstRow(step: Int) -> Int {
        batch * (step * (frames - firstStep) - step * (step - 1) / 2)
    }

    /// All predictions: the number of positives.
    public var rows: Int { firstRow(step: steps) }

    /// The row of frame t's prediction in a step that exists.
    func row(step: Int, item: Int, frame: Int) -> Int {
        firstRow(step: step) + item * (frames - firstStep - step) + frame
    }

    /// The steps in which a frame is the target.
    func steps(target: Int) -> Range<Int> { 0..<max(0, min(steps, target - firstStep + 1)) }
}
