import Speech

/// What people should know of the recordings of some batches.
struct BatchFindings: Codable {
    /// A recording, and what there is to say of it in a line.
    struct Finding: Codable {
        var path: String
        var message: String
    }

    /// Passed over, because they cannot be used.
    var unusable: [Finding] = []
    /// Without sound.
    var silent: [Finding] = []

    init() {}

    init(_ batch: Batch) {
        unusable = batch.unusable.map { Finding(path: $0.path, message: "skipped: \($0.problem)") }
        silent = batch.silent.map {
            Finding(path: $0.path, message: "\($0.path): \($0.silence.explanation)")
        }
    }

    mutating func add(_ other: BatchFindings) {
        unusable += other.unusable
        silent += other.silent
    }
}

extension Trainer {
    /// Warns of what was found in a batch: at once where nobody else writes the log, else when all tell each other.
    func find(_ batch: Batch, _ findings: inout BatchFindings) throws {
        try find(BatchFindings(batch), &findings)
    }

    /// The same for what was found already.
    func find(_ found: BatchFindings, _ findings: inout BatchFindings) throws {
        if communicator.size == 1 { try warn(found) } else { findings.add(found) }
    }

    /// Each recording once, as they are found: from zeros nothing can be learned, but they do no harm.
    func warn(_ findings: BatchFindings) throws {
        var messages: [String] = []
        for finding in findings.unusable where !unusablePaths.contains(finding.path) {
            unusablePaths.append(finding.path)
            messages.append(finding.message)
        }
        for finding in findings.silent where silentPaths.insert(finding.path).inserted {
            messages.append(finding.message)
        }
        guard !messages.isEmpty else { return }
        try communicator.together {
            for message in messages { try log.warn(message, update: state.update + 1) }
        }
    }

    /// After which the run can be saved: the model is that of the last whole update.
    static func isOfRecording(_ error: any Error) -> Bool { error is AudioError }
}
