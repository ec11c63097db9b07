/// A time in seconds as a decimal number, which a binary one is not: at 100 frames a second 0.285 s lies between frames
/// exactly.
public struct DecimalTime: Equatable, Sendable {
    /// The time is `digits` · 10^−`decimals`.
    public let digits: Int128
    public let decimals: Int
    public let seconds: Double

    /// Nil for what is no plain decimal number of at most 6 digits before and 20 behind the point.
    public init?(_ text: String) {
        let isNegative = text.first == "-"
        let parts = text.dropFirst(isNegative ? 1 : 0).split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let (whole, fraction) = (parts[0], parts.count > 1 ? parts[1] : "")
        let all = whole + fraction
        guard !all.isEmpty, whole.count <= 6, fraction.count <= 20,
            all.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let digits = Int128(all), let seconds = Double("\(whole.isEmpty ? "0" : whole).\(fraction)0")
        else { return nil }
        decimals = fraction.count
        (self.digits, self.seconds) = isNegative ? (-digits, -seconds) : (digits, seconds)
    }

    /// A time rounded to 0.1 ms; one beyond all recordings can be less far beyond them.
    public init(rounding seconds: Double) {
        let possible = min(max(seconds, -1e12), 1e12)
        (digits, decimals) = (Int128((possible * 1e4).rounded()), 4)
        self.seconds = Double(digits) / 1e4
    }
}
