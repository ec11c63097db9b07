import Layers

/// What is wrong with one recording: a line that names it, says what was found, and the remedy where there is one.
///
/// The first value of each case is the recording's name: its path, with the part of the file where it is one.
public enum AudioError: Error, CustomStringConvertible, Equatable {
    /// There is no such file.
    case missing(String)
    /// The system does not let it be read, for the reason given.
    case unreadable(String, String)
    /// It is empty, cut off or damaged.
    case unusable(String, String)
    /// It is sound, or a file, of a kind that is not read as it is.
    case unsupported(String, String)
    /// It has another sample rate than is needed; both in Hz.
    case rate(String, found: Int, needed: Int)
    /// It is whole, but not what the work at hand needs: too short, silent.
    case unsuitable(String, String)
    /// Its samples cannot be kept on the disk meanwhile.
    case storage(String, String)
    /// What is computed of it as a whole does not fit into memory.
    case tooLarge(String, String)

    public var description: String { "\(name): \(problem)" }

    /// The recording's.
    package var name: String {
        switch self {
        case .missing(let name), .unreadable(let name, _), .unusable(let name, _), .unsupported(let name, _),
            .rate(let name, _, _), .unsuitable(let name, _), .storage(let name, _), .tooLarge(let name, _):
            name
        }
    }

    /// Whether it is the system's, not the recording's: another time the recording can perhaps be used.
    package var isOfSystem: Bool {
        switch self {
        case .missing, .unreadable, .storage, .tooLarge: true
        case .unusable, .unsupported, .rate, .unsuitable: false
        }
    }

    /// What was found, and the remedy.
    package var problem: String {
        switch self {
        case .missing: "no such file"
        case .unreadable(_, let reason): "cannot be read: \(reason)"
        case .unusable(_, let problem): "\(problem); leave it out or fetch it again"
        case .rate(_, let found, let needed):
            "is sampled at \(found) Hz, needed are \(needed) Hz: convert it, or have it resampled"
        case .unsupported(_, let problem), .unsuitable(_, let problem), .storage(_, let problem),
            .tooLarge(_, let problem):
            problem
        }
    }
}

extension AudioError {
    /// Computes with a recording, and names it in the errors that it is to blame for, or the room that it takes.
    /// - Throws: `AudioError` in place of these; what else `body` throws as it is.
    package static func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as ModelError {
            switch error {
            case .tooShort, .tooFewMasked, .notFinite:
                throw AudioError.unsuitable(name, "\(error); leave it out")
            case .tooLarge: throw AudioError.tooLarge(name, "\(error), or leave it out")
            case .noQuantizer, .quantizerRemoved, .unitsAreClusters, .noLayer: throw error
            }
        } catch let error as SpillError {
            throw AudioError.storage(name, "\(error)")
        }
    }
}
