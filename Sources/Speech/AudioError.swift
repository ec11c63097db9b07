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
    /// It is whole, but not what the work at hand needs: another rate, too short, silent.
    case unsuitable(String, String)
    /// Its samples cannot be kept on the disk meanwhile.
    case storage(String, String)

    public var description: String {
        switch self {
        case .missing(let name): "\(name): no such file"
        case .unreadable(let name, let reason): "\(name): cannot be read: \(reason)"
        case .unusable(let name, let problem): "\(name): \(problem); leave it out or fetch it again"
        case .unsupported(let name, let problem), .unsuitable(let name, let problem),
            .storage(let name, let problem):
            "\(name): \(problem)"
        }
    }
}
