import Foundation
import Tensors

/// Changes of crops in the time domain, so that a model hears more speakers, rooms and microphones than were recorded
/// (WavAugment: Kharitonov et al., "Data augmenting contrastive learning of speech representations in the time domain",
/// 2020).
public struct Augmentation: Sendable, Equatable {
    /// Crops are played up to this share faster or slower, and so higher or lower.
    public var speed = 0.0
    /// Share of crops in a synthetic room.
    public var reverberation = 0.0
    /// Share of crops that lose a band of frequencies.
    public var bandRejection = 0.0
    /// Share of crops with coloured noise.
    public var noise = 0.0

    public init() {}

    /// Whether nothing is changed.
    var isNone: Bool { self == Augmentation() }
}

/// The changes of one crop: a function of the settings and of the crop's place in the training.
public struct CropAugmentation: Sendable, Equatable {
    let settings: Augmentation
    let seed: Int
    let epoch: Int
    let utterance: Int
    /// Counts the crops of the utterance in the epoch.
    let crop: Int

    /// A changed crop of a waveform.
    /// - Parameters:
    ///   - start: where the crop begins, if it is not played faster than the waveform has samples for.
    ///   - samples: of the result.
    ///   - sampleRate: in Hz.
    /// - Returns: [samples]
    /// - Throws: `AudioError` that names `path`.
    func apply(
        to waveform: [Float], start: Int, samples: Int, sampleRate: Int, path: String
    ) throws -> [Float] {
        var stream = RandomStream(
            seed: seed, purpose: .augmentation, update: epoch, item: utterance, draw: crop)
        var x = try played(
            waveform, start: start, samples: samples,
            speed: 1 + settings.speed * Double(2 * stream.nextUniform() - 1), sampleRate: sampleRate,
            path: path)
        // Drawn in any case, so that one change does not decide about the others.
        let (room, band, noise) = (stream.nextUniform(), stream.nextUniform(), stream.nextUniform())
        let power = x.power
        let (hasRoom, losesBand) = (
            Double(room) < settings.reverberation, Double(band) < settings.bandRejection
        )
        if hasRoom { Reverberation(from: &stream, sampleRate: sampleRate).apply(to: &x) }
        if losesBand { BandRejection(from: &stream, sampleRate: sampleRate).apply(to: &x) }
        if hasRoom || losesBand {
            let changed = x.power
            // As loud as before.
            if changed > 0 { x.scale(by: (power / changed).squareRoot()) }
        }
        if Double(noise) < settings.noise { addNoise(to: &x, power: power, from: &stream) }
        return x
    }

    /// As many samples, of more or of less of the waveform.
    private func played(
        _ waveform: [Float], start: Int, samples: Int, speed: Double, sampleRate: Int, path: String
    ) throws -> [Float] {
        let fastest = Double(waveform.count) / Double(samples)
        let rate = Int((Double(sampleRate) * min(speed, fastest)).rounded(.down))
        guard rate != sampleRate else { return Array(waveform[start..<start + samples]) }
        // One sample more than are needed, where there is one: the number of results is rounded.
        let needed = min(waveform.count, samples * rate / sampleRate + 2)
        let first = min(start, waveform.count - needed)
        var x = try waveform.withUnsafeBufferPointer {
            try Resampler.convert(
                UnsafeBufferPointer(rebasing: $0[first..<first + needed]), from: rate, to: sampleRate,
                path: path)
        }
        if x.count < samples { x += Array(repeating: 0, count: samples - x.count) }
        return Array(x.prefix(samples))
    }

    /// White noise through a filter of one pole, 5 to 25 dB below the crop.
    private func addNoise(to x: inout [Float], power: Double, from stream: inout RandomStream) {
        let level = (power * pow(10, -0.5 - 2 * Double(stream.nextUniform()))).squareRoot()
        let pole = 0.95 * Double(stream.nextUniform())
        let gain = level * (1 - pole * pole).squareRoot()
        var state = 0.0
        for index in x.indices {
            state = pole * state + gain * Double(stream.nextNormal())
            x[index] += Float(state)
        }
    }
}

extension [Float] {
    /// Mean square.
    fileprivate var power: Double {
        reduce(0) { $0 + Double($1) * Double($1) } / Double(Swift.max(1, count))
    }

    fileprivate mutating func scale(by factor: Double) {
        for index in indices { self[index] *= Float(factor) }
    }
}

extension RandomStream.Purpose {
    static let augmentation = RandomStream.Purpose(14)
}
