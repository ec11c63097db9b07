import Files
import SystemPackage

extension OutputLocation {
    /// Whether the output of an earlier run is there, complete and made in the same way (`--skip-existing`).
    /// - Parameter companions: files that belong to it.
    /// - Throws: `OutputError` where it was made otherwise, or nothing tells how; `FileError` where the checkpoint
    ///   cannot be read.
    public func isComplete(as description: OutputDescription, companions: [String] = []) throws -> Bool {
        guard let lastFile, Self.exists(lastFile) else { return false }
        switch try record() {
        case .description(let record):
            try record.requireMade(as: description, output: path)
            return !record.lacksRecordings && companions.allSatisfy(Self.exists)
        case .none, .foreign: throw OutputError.unknownMaker(lastFile, of: path)
        }
    }

    /// Whether the file of one utterance is there (`--skip-existing` with a folder).
    public func holds(_ name: ByteString) -> Bool {
        guard let folder else { return false }
        return FilePath(folder).appending(name + ".npy").isFile
    }

    /// Refuses to mix files of different makes in a folder, and to replace what is not known to be an output.
    /// - Parameter names: under which files are to be written, without `.npy`.
    /// - Throws: `OutputError`; `FileError` where the checkpoint cannot be read.
    func requireUnmixed(_ description: OutputDescription, names: some Sequence<ByteString>) throws {
        guard let folder else { return }
        switch try record() {
        case .description(let record): try record.requireMade(as: description, output: path)
        case .foreign: break
        case .none:
            let base = FilePath(folder)
            guard base.isFolder else { return }
            for name in names {
                let file = base.appending(name + ".npy")
                if Self.exists(file) { throw OutputError.unknownMaker("\(file)", of: path) }
            }
        }
    }

    /// Refuses to replace files beside the output that it did not leave.
    /// - Parameter companions: files that go with the output, whose names follow from its own.
    /// - Throws: `OutputError`.
    func requireOwn(_ companions: [String]) throws {
        // What a safetensors file replaces is the user's choice, as for every output.
        guard case .beside(let sidecar) = description else { return }
        switch try record() {
        case .description: return
        // A folder of that name cannot be replaced anyway.
        case .foreign where !FilePath(sidecar).isFolder: throw OutputError.notOurs(sidecar, beside: path)
        case .foreign, .none:
            if let file = companions.first(where: Self.exists) {
                throw OutputError.notOurs(file, beside: path)
            }
        }
    }
}
