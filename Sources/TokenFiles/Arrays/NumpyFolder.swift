import Files
import Foundation
import SystemPackage
import TensorFiles

extension ArrayFormat {
    /// A folder with one array per recording, `NAME.npy`: int32 or float32. Each appears as soon as it is whole.
    public static let npy = ArrayFormat(
        rawValue: "npy", summary: "an array per recording in a folder",
        needs: "writes one file per input; name an output folder for them (--output)",
        check: { try NumpyFolder.names(endings: $1).check($0) },
        location: OutputLocation.folder,
        files: { _, _ in [] },
        open: { try NumpyFolder($0) })
}

/// A folder of arrays. Its description appears before the first of them, so that no array is ever without.
private final class NumpyFolder: ArrayWriter {
    private let folder: FilePath
    private let location: OutputLocation
    private let description: OutputDescription
    /// Begun at once, to notice one that cannot be written; nil once it is there.
    private var descriptionFile: AtomicFile?
    private let isNew: Bool

    /// Makes the folder where it is missing.
    /// - Throws: `FileError` where the folder cannot be written to.
    init(_ request: ArrayFormat.Request) throws {
        folder = FilePath(request.output)
        location = .folder(request.output)
        description = request.description
        isNew = !folder.isFolder
        try OutputFiles.makeFolder(folder)
        descriptionFile = try AtomicFile(path: OutputLocation.sidecar(request.output), followsLinks: false)
    }

    deinit {
        // A folder that looks like an output of nothing; one with files stays.
        if isNew, descriptionFile != nil { _ = folder.withPlatformString { rmdir($0) } }
    }

    func add(_ arrays: [OutputArray]) throws {
        try describe()
        // Where the first is there, so are the others.
        for array in arrays.reversed() { try add(array) }
    }

    private func add(_ array: OutputArray) throws {
        let name = array.name + array.ending + ".npy"
        let path = folder.appending(name)
        // Names with slashes are in folders below.
        if name.bytes.contains(UInt8(ascii: "/")) { try OutputFiles.makeFolders(to: path, below: folder) }
        let file = try AtomicFile(path: path, followsLinks: false)
        switch array.elements {
        case .floats(let values): try NumpyFile.write(path, to: file, shape: array.shape, elements: values)
        case .integers(let values, _):
            try values.withUnsafeBufferPointer {
                try NumpyFile.write(path, to: file, shape: array.shape, elements: $0)
            }
        }
    }

    func finish() throws { try describe() }

    private func describe() throws {
        guard let file = descriptionFile else { return }
        let claims = FolderClaim.claims(forNaming: [FilePath(file.path)])
        defer { withExtendedLifetime(claims) {} }
        // Another program may have begun in the meantime.
        try location.requireUnmixed(description, names: [])
        try description.write(to: file)
        try file.commit()
        descriptionFile = nil
    }

    /// Names that become files of a folder, those with slashes in folders of it.
    static func names(endings: [String]) -> NameRule {
        NameRule(format: "npy", endings: endings) { name in
            let path = FilePath(name)
            let isBelow = path.isRelative && path.isLexicallyNormal && path.components.first?.kind == .regular
            return isBelow && path.bytes == name.bytes ? nil : "is no name for a file"
        }
    }
}
