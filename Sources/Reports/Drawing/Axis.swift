import Foundation

/// Numbers along a side of a figure: their range, round numbers to mark, and where each lies.
public struct Axis: Sendable, Equatable {
    public let lower: Double
    public let upper: Double
    /// Where equal distances stand for equal factors.
    public let isLogarithmic: Bool

    /// The axis that holds all of some numbers. What cannot be drawn does not count: what is not finite or nearly so, and on a
    /// logarithmic axis not positive or nearly so.
    public init(_ values: some Sequence<Double>, includingZero: Bool = false, isLogarithmic: Bool = false) {
        let usable = values.filter { Self.canDraw($0, isLogarithmic: isLogarithmic) }
        var low = usable.min() ?? (isLogarithmic ? 1 : 0)
        var high = usable.max() ?? (isLogarithmic ? 10 : 1)
        if includingZero && !isLogarithmic { (low, high) = (min(low, 0), max(high, 0)) }
        if isLogarithmic {
            if high <= low * 1.0001 { (low, high) = (low / 2, high * 2) }
        } else if high - low <= 1e-9 * max(abs(low), abs(high)) {
            let margin = high == 0 ? 1 : abs(high) / 2
            (low, high) = (low - (includingZero && low >= 0 ? 0 : margin), high + margin)
        }
        (lower, upper, self.isLogarithmic) = (low, high, isLogarithmic)
    }

    /// From 0 at the lower end to 1 at the upper; nil for what cannot be drawn.
    public func position(of value: Double) -> Double? {
        guard Self.canDraw(value, isLogarithmic: isLogarithmic) else { return nil }
        return isLogarithmic
            ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
    }

    /// Beyond these sizes differences and quotients are no numbers any more.
    private static func canDraw(_ value: Double, isLogarithmic: Bool) -> Bool {
        abs(value) <= 1e150 && (!isLogarithmic || value >= 1e-150)
    }

    /// Round numbers within the range: multiples of 1, 2 or 5 times a power of ten, some `count` of them.
    public func ticks(_ count: Int) -> [Double] {
        guard isLogarithmic else { return Self.ticks(from: lower, to: upper, count: count) }
        let powers =
            Int(
                log10(lower).rounded(.up))...max(
                Int(log10(lower).rounded(.up)), Int(log10(upper).rounded(.down)))
        let decades = powers.map { pow(10, Double($0)) }.filter { $0 >= lower && $0 <= upper }
        if decades.count >= 2 {
            let step = max(1, decades.count / max(count, 1))
            return decades.enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
        }
        return Self.ticks(from: lower, to: upper, count: count)
    }

    private static func ticks(from lower: Double, to upper: Double, count: Int) -> [Double] {
        let rough = (upper - lower) / Double(max(count, 1))
        let power = pow(10, log10(rough).rounded(.down))
        let step = power * ([1, 2, 5].first { $0 * power >= rough * 0.999 } ?? 10)
        guard step > 0, step.isFinite else { return [] }
        let first = Int((lower / step - 1e-6).rounded(.up))
        let last = Int((upper / step + 1e-6).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// A number as it stands at a mark: `20k`, `0.05`, `3e-4`.
    public static func label(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e9 || (size > 0 && size < 1e-3) {
            let parts = String(format: "%.2e", value).split(separator: "e")
            guard parts.count == 2, let mantissa = Double(parts[0]), let exponent = Int(parts[1]) else {
                return "\(value)"
            }
            return String(format: "%g", mantissa) + "e\(exponent)"
        }
        if size >= 1e6 { return String(format: "%gM", value / 1e6) }
        if size >= 1e4 { return String(format: "%gk", value / 1e3) }
        return String(format: "%.4g", value)
    }
}
