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
    /// - Throws: `AudioError` that names `path` where the rates are out of range.
    public static func convert(
        _ samples: UnsafeBufferPointer<Float>, from: Int, to: Int, path: String
    ) throws -> [Float] {
        let converter = try RateConverter(from: from, to: to, path: path)
        var converted: [Float] = []
        try converter.convert(samples) { converted += $0 }
        try converter.finish { converted += $0 }
        return converted
    }

    /// The same of an array.
    public static func convert(_ samples: [Float], from: Int, to: Int, path: String) throws -> [Float] {
        try samples.withUnsafeBufferPointer { try convert($0, from: from, to: to, path: path) }
    }

    /// Whether a recording can be meant to be converted: below a 32nd of the rate that is needed there is no speech,
    /// and a few bytes would become hours.
    package static func isReasonable(from: Int, to: Int) -> Bool { from >= to / 32 && from / 1024 <= to }
}

/// Converts a recording, block by block: the result does not depend on the blocks.
final class RateConverter {
    private let from: Int
    private let to: Int
    private let path: String
    private let resampler: OpaquePointer
    private let output: UnsafeMutableBufferPointer<Float>
    private var consumed = 0
    private var produced = 0

    /// - Throws: `AudioError` that names `path` where the rates are out of range.
    init(from: Int, to: Int, path: String) throws {
        (self.from, self.to, self.path) = (from, to, path)
        guard from > 0, to > 0 else {
            throw AudioError.unsuitable(
                path, "cannot be converted from \(from) Hz to \(to) Hz: rates are positive")
        }
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        var runtime = soxr_runtime_spec(1)
        var error: soxr_error_t?
        guard let resampler = soxr_create(Double(from), Double(to), 1, &error, &format, &quality, &runtime),
            error == nil
        else {
            throw AudioError.unsuitable(
                path,
                "cannot be converted from \(from) Hz to \(to) Hz: "
                    + (error.map { String(cString: $0) } ?? "no memory"))
        }
        self.resampler = resampler
        output = .allocate(capacity: 1 << 16)
    }

    deinit {
        soxr_delete(resampler)
        output.deallocate()
    }

    /// - Parameter body: gets the samples that are ready.
    /// - Throws: `AudioError`, and what `body` throws.
    func convert(
        _ samples: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        consumed += samples.count
        var rest = samples
        repeat {
            let (used, made) = try process(rest.baseAddress, rest.count, body)
            rest = UnsafeBufferPointer(rebasing: rest[used...])
            if used == 0 && made == 0 { break }
        } while !rest.isEmpty
    }

    /// Hands over what the filter still holds.
    func finish(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        let count = Resampler.outputCount(consumed, from: from, to: to)
        guard count > 0 else {
            throw AudioError.unsuitable(
                path, "cannot be converted: \(from) Hz to \(to) Hz makes \(count) samples")
        }
        while try process(nil, 0, body).made > 0 {}
        guard produced == count else {
            throw AudioError.unsuitable(
                path,
                "was not converted whole from \(from) Hz to \(to) Hz: libsoxr made \(produced) of "
                    + "\(count) samples")
        }
    }

    private func process(
        _ input: UnsafePointer<Float>?, _ count: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws -> (used: Int, made: Int) {
        var (used, made) = (0, 0)
        let error = soxr_process(
            resampler, input, count, &used, output.baseAddress, output.count, &made)
        if let error {
            throw AudioError.unsuitable(
                path, "cannot be converted from \(from) Hz to \(to) Hz: \(String(cString: error))")
        }
        produced += made
        guard produced <= AudioFile.longest else {
            throw AudioError.unsuitable(
                path, "is longer than \(AudioFile.longest) samples at \(to) Hz: cut it into parts")
        }
        if made > 0 { try body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(output)[..<made])) }
        return (used, made)
    }
}
