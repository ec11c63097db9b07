import CSoxr

/// Sample rate conversion by libsoxr at its high quality setting (20 bits, linear phase).
public enum Resampler {
    /// How many samples `count` of them become at another rate: count·to/from, rounded to the nearest.
    public static func outputCount(_ count: Int, from: Int, to: Int) -> Int {
        guard from != to, from > 0 else { return count }
        let (high, low) = count.multipliedFullWidth(by: to)
        guard from > high else { return .max }
        let (quotient, remainder) = from.dividingFullWidth((high, low))
        return remainder >= from - remainder ? quotient + 1 : quotient
    }

    /// Converts samples [N] to [outputCount(N)].
    ///
    /// - Throws: `AudioError` that names `path` where the rates are out of libsoxr's range.
    public static func convert(_ samples: [Float], from: Int, to: Int, path: String) throws -> [Float] {
        guard from > 0, to > 0 else {
            throw AudioError("\(path): cannot be converted from \(from) Hz to \(to) Hz: rates are positive")
        }
        let count = outputCount(samples.count, from: from, to: to)
        guard count > 0, count <= AudioFile.longest else {
            throw AudioError("\(path): cannot be converted: \(from) Hz to \(to) Hz makes \(count) samples")
        }
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var runtime = soxr_runtime_spec(1)
        // With room for no more than the result libsoxr would not take all of the input, nor flush its filter.
        let room = count + 8
        var consumed = 0
        var produced = 0
        var converted = [Float](repeating: 0, count: room)
        let error = soxr_oneshot(
            Double(from), Double(to), 1, samples, samples.count, &consumed, &converted, room, &produced,
            &format, &quality, &runtime)
        if let error {
            throw AudioError(
                "\(path): cannot be converted from \(from) Hz to \(to) Hz: \(String(cString: error))")
        }
        guard produced == count else {
            throw AudioError(
                "\(path): was not converted whole from \(from) Hz to \(to) Hz: libsoxr made \(produced) of "
                    + "\(count) samples")
        }
        converted.removeLast(room - count)
        return converted
    }
}
