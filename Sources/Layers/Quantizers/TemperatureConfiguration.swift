/// The temperature τ(n) at update n.
public struct TemperatureConfiguration: Codable, Equatable, Sendable {
    public enum Schedule: String, Codable, Sendable, CaseIterable {
        /// max(start · decayⁿ, end). fairseq: `vq_temp`.
        case exponential
        /// From start to end in equal steps over the first `linearFraction` of all updates. Paper: 0.7.
        case linear
    }

    public var schedule: Schedule = .exponential
    /// Paper and fairseq: 2.
    public var start = 2.0
    /// Paper and fairseq: 0.5.
    public var end = 0.5
    /// Exponential: factor per update. fairseq: 0.999995.
    public var decay = 0.999995
    /// Linear: share of all updates until `end`. Paper: 0.7.
    public var linearFraction = 0.7

    public init() {}
}
