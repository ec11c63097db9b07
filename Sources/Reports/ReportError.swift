import Files

/// What no report can be made of: which file, and what to do, in one line.
public enum ReportError: Error, Equatable {
    /// A line of a log is none.
    case notALogLine(path: String, line: Int)
    /// A log that says nothing of any update.
    case emptyLog(path: String)
    /// Neither the folder of a run nor a token file.
    case notARun(path: String)
    /// A file that `evaluate --json` has not written.
    case notAnEvaluation(path: String)
    /// The same input twice.
    case twice(path: String)
    /// Recordings that belong to no unit.
    case noUnitsForRecordings(units: String)
}

extension ReportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notALogLine(let path, let line):
            "\(path):\(line): is no line of a training log; give the folder that vqw2v train wrote"
        case .emptyLog(let path):
            "\(path): tells of no update yet; wait for the first lines of the log"
        case .notARun(let path):
            "\(path): is a folder without log.jsonl; give the folder of a run, or a token file"
        case .notAnEvaluation(let path):
            "\(path): holds no figures of systems; give what vqw2v evaluate --json wrote"
        case .twice(let path): "\(path): is named twice; name every input once"
        case .noUnitsForRecordings(let units):
            "\(units): has units of none of the recordings; give the recordings that it was made of (--audio)"
        }
    }
}
