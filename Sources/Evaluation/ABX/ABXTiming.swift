import Files

/// How times become frames.
public enum ABXTiming: Sendable {
    /// Frame i stands for (i + ½) / f, f = `numerator` / `denominator` per second, as in ZeroSpeech's and fastabx's
    /// evaluations, whatever the model sees.
    case nominal(numerator: Int128, denominator: Int128)
    /// Frame i of a recording stands for the i-th of these times in seconds, rounded as the times of the items are.
    case centres([ByteString: [Double]], decimals: Int)

    /// f as a decimal number, such as 50 or 12.5; nil where it is none.
    public static func nominal(_ frequency: String) -> ABXTiming? {
        guard let decimal = DecimalTime(frequency), decimal.digits > 0 else { return nil }
        return .nominal(numerator: decimal.digits, denominator: pow10(decimal.decimals))
    }

    /// The frames in an item, both ends included: those whose time lies in it.
    /// - Returns: perhaps of frames that there are not.
    func frames(of item: ABXItems.Item) -> Range<Int>? {
        switch self {
        case .nominal(let numerator, let denominator):
            // ⌈onset · f − ½⌉ and ⌊offset · f − ½⌋ + 1, exactly.
            func doubled(_ time: DecimalTime) -> (value: Int128, unit: Int128) {
                let unit = pow10(time.decimals) * denominator
                return (2 * time.digits * numerator - unit, 2 * unit)
            }
            let (onset, offset) = (doubled(item.onset), doubled(item.offset))
            let start = -Self.floor(-onset.value, onset.unit)
            let end = Self.floor(offset.value, offset.unit) + 1
            return end > start ? Int(start)..<Int(end) : Int(start)..<Int(start)
        case .centres(let times, let decimals):
            guard let times = times[item.recording] else { return nil }
            let scale = Double(pow10(decimals))
            func rounded(_ time: Double) -> Double { (time * scale).rounded(.toNearestOrEven) / scale }
            let start = times.firstIndex { rounded($0) >= item.onset.seconds } ?? times.count
            let end = (times.lastIndex { rounded($0) <= item.offset.seconds } ?? -1) + 1
            return start..<max(start, end)
        }
    }

    private static func floor(_ a: Int128, _ b: Int128) -> Int128 {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

private func pow10(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
