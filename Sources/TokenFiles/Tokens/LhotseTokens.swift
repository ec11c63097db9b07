import Files
import TensorFiles

extension TokenFormat {
    /// A line for each recording as `lhotse.CutSet.from_jsonl` reads it: a cut of the whole recording with one
    /// supervision, and the tokens in the cut's custom fields, where Python finds them as `cut.tokens`. It is a
    /// `MonoCut`, and a `MultiCut` of all channels where the recording has several, whose mean was tokenized.
    public static let lhotse = TokenFormat(
        rawValue: "lhotse", summary: "cuts, an object per line", describesAudioFiles: true,
        check: { try NameRule(format: "lhotse", needsText: true).check($0) },
        content: .lines(
            TokenLines { tokens, line in try OrderedJSONEncoder().encode(LhotseCut(tokens), to: &line) }))
}

/// A cut in lhotse's terms. Properties, or keys where there are any, stand in the order in which they are written.
private struct LhotseCut: Encodable {
    let id: String
    let start = 0
    let duration: Double
    let channel: Channels
    let supervisions: [Supervision]
    let recording: Recording
    let custom: Custom
    let type: String

    struct Supervision: Encodable {
        let id: String
        let recordingID: String
        let start = 0
        let duration: Double
        let channel: Channels

        enum CodingKeys: String, CodingKey {
            case id
            case recordingID = "recording_id"
            case start, duration, channel
        }
    }

    struct Recording: Encodable {
        let id: String
        let sources: [Source]
        let samplingRate: Int
        let sampleCount: Int
        let duration: Double
        let channels: [Int32]

        enum CodingKeys: String, CodingKey {
            case id, sources
            case samplingRate = "sampling_rate"
            case sampleCount = "num_samples"
            case duration
            case channels = "channel_ids"
        }
    }

    struct Source: Encodable {
        let type = "file"
        let channels: [Int32]
        let source: String
    }

    struct Custom: Encodable {
        let tokens: TokenRows
        let durations: [Int32]?
    }

    /// The number of the only channel, or a list.
    enum Channels: Encodable {
        case one
        case all([Int32])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one: try container.encode(0)
            case .all(let channels): try container.encode(channels)
            }
        }
    }

    init(_ tokens: EncodedTokens) {
        let name = tokens.name.description
        let seconds = Double(tokens.samples) / Double(tokens.sampleRate)
        let channels = (0..<tokens.channels).map { Int32(truncatingIfNeeded: $0) }
        let isMono = tokens.channels == 1
        (id, duration, channel) = (name, seconds, isMono ? .one : .all(channels))
        supervisions = [Supervision(id: name, recordingID: name, duration: seconds, channel: channel)]
        recording = Recording(
            id: name, sources: [Source(channels: channels, source: tokens.path.description)],
            samplingRate: tokens.sampleRate, sampleCount: tokens.samples, duration: seconds,
            channels: channels)
        custom = Custom(tokens: TokenRows(tokens), durations: tokens.durations)
        type = isMono ? "MonoCut" : "MultiCut"
    }
}
