import Files
import Foundation

extension RunFolder {
    /// The copy of the last checkpoint that is kept of an update.
    public func kept(_ update: Int) -> String { "\(path)/\(Self.keptPrefix)\(update)\(Self.keptSuffix)" }

    private static let keptPrefix = "update_"
    private static let keptSuffix = ".safetensors"

    /// Keeps the last checkpoint under the name of its update, and of those that are kept the newest only. Copies of later
    /// updates are of a course that the run has left: it has gone on from an earlier state.
    ///
    /// It is a second name of one file, so it costs no room until the last checkpoint is replaced.
    /// - Throws: `TrainingError` where the name cannot be made.
    func keep(_ update: Int, atMost count: Int) throws {
        let name = kept(update)
        for later in keptUpdates where later >= update { unlink(kept(later)) }
        guard link(last, name) == 0 else {
            throw TrainingError.notMade(name, what: "a second name of last.safetensors", code: errno)
        }
        for old in keptUpdates.dropLast(count) { unlink(kept(old)) }
    }

    /// Updates whose checkpoints are kept, in order.
    var keptUpdates: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(Self.keptPrefix), name.hasSuffix(Self.keptSuffix) else { return nil }
            return Int(name.dropFirst(Self.keptPrefix.count).dropLast(Self.keptSuffix.count))
        }.sorted()
    }
}
