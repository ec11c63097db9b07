import Layers
import Tensors

/// A decoded recording of any length: one channel, finite samples, in memory or, where it is long, in a temporary
/// file without a name.
public final class Sound: Sendable {
    /// Samples.
    public let count: Int
    /// In samples per second.
    public let sampleRate: Int
    /// Where it was read from.
    public let path: String
    /// Channels of the recording, of which the samples are the mean.
    public let channels: Int
    /// What is wrong with a recording whose every sample is zero; nil where one is not.
    public let silence: Silence?
    private let place: Place

    private enum Place: Sendable {
        case memory([Float])
        case file(SpillFile)
    }

    /// Samples of a recording that is kept in memory: 35 minutes at 16 kHz, 128 MiB.
    public static let longestInMemory = 1 << 25

    /// Decodes a recording: see `AudioFile.read`.
    /// - Parameters:
    ///   - longestInMemory: samples beyond which it goes to a temporary file.
    ///   - temporaryFolder: for this file. By default that of `TMPDIR`, else `/var/tmp`.
    /// - Throws: `AudioError`.
    public init(
        _ source: AudioSource, sampleRate: Int, resample: Bool = false,
        longestInMemory: Int = Sound.longestInMemory,
        temporaryFolder: String? = nil
    ) throws {
        path = "\(source)"
        let stream = try SampleStream(source, sampleRate: sampleRate, resample: resample)
        var samples: [Float] = []
        samples.reserveCapacity(min(stream.count ?? 0, 1 << 20, longestInMemory))
        var (count, file) = (0, SpillFile?.none)
        try AudioError.naming(path) {
            try stream.forEachBlock { block in
                if file == nil, samples.count + block.count > longestInMemory {
                    let spill = try SpillFile(
                        folder: temporaryFolder ?? StoragePlan.temporaryFolder, count: AudioFile.longest,
                        block: nil)
                    try samples.withUnsafeBufferPointer { try spill.append($0, at: 0) }
                    (file, samples) = (spill, [])
                }
                if let file { try file.append(block, at: count) } else { samples += block }
                count += block.count
            }
        }
        (self.count, self.sampleRate, channels) = (count, sampleRate, stream.channels)
        silence = stream.silence
        place = file.map { .file($0) } ?? .memory(samples)
    }

    /// Some of the samples.
    /// - Throws: `AudioError` where the temporary file cannot be read.
    public func samples(_ range: Range<Int>) throws -> [Float] {
        switch place {
        case .memory(let samples): return Array(samples[range])
        case .file(let file):
            return try AudioError.naming(path) {
                try file.read(range) { Array(UnsafeBufferPointer(start: $0, count: range.count)) }
            }
        }
    }

    /// Hands over all of the samples, [N, 1], which are there as long as `body` runs.
    package func withFrames<Result>(_ body: (FrameStore) throws -> Result) throws -> Result {
        switch place {
        case .memory(let samples): try samples.withUnsafeBufferPointer { try body(FrameStore(borrowing: $0)) }
        case .file(let file): try body(FrameStore(file, frames: count))
        }
    }
}

/// Why there is nothing to be heard in a recording.
public enum Silence: Sendable, Equatable {
    /// Every sample of every channel is zero.
    case nothingRecorded
    /// The channels are each other's negative, and their mean is zero.
    case channelsCancel

    /// For people, and what to do.
    public var explanation: String {
        switch self {
        case .nothingRecorded: "every sample is zero: nothing was recorded, leave it out"
        case .channelsCancel:
            "its channels cancel each other: their mean is zero throughout; take one of them, as in: "
                + "ffmpeg -i INPUT -af pan=mono|c0=c0 OUTPUT"
        }
    }
}

extension SampleStream {
    /// Of what was decoded so far.
    var silence: Silence? { isSilent ? (hasSound ? .channelsCancel : .nothingRecorded) : nil }
}

extension SpillFile {
    fileprivate func append(_ samples: UnsafeBufferPointer<Float>, at start: Int) throws {
        guard let base = samples.baseAddress else { return }
        try write(start..<start + samples.count) { $0.update(from: base, count: samples.count) }
    }
}
