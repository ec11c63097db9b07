/// Colours for numbers from 0 to 1: from a dark blue to a light yellow, ever lighter, so that prints without colour and
/// people who see few colours can tell them apart.
public enum ColorScale {
    private static let anchors: [(Double, Double, Double)] = [
        (12, 10, 40), (70, 22, 104), (142, 38, 110), (208, 72, 78), (246, 134, 40), (252, 206, 74),
        (255, 255, 214),
    ]

    /// - Parameter value: beyond 0 and 1, and where it is no number, the end of the scale.
    public static func color(_ value: Double) -> [UInt8] {
        let place = (value > 0 ? min(value, 1) : 0) * Double(anchors.count - 1)
        let index = min(Int(place), anchors.count - 2)
        let (low, high, share) = (anchors[index], anchors[index + 1], place - Double(index))
        func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + share * (b - a)).rounded()) }
        return [mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2)]
    }

    /// A colour of its own for each of many units: neighbours in number are far apart in hue.
    public static func color(ofUnit number: Int) -> [UInt8] {
        // Steps by the golden ratio leave no two close.
        let hue = (Double(number) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
        let light = number / 7 % 2 == 0 ? 1.0 : 0.72
        return [0.0, 1.0 / 3, 2.0 / 3].map { offset in
            let distance = abs((hue + offset).truncatingRemainder(dividingBy: 1) - 0.5) * 6
            return UInt8((255 * light * (0.35 + 0.6 * max(0, min(1, distance - 1)))).rounded())
        }
    }
}
