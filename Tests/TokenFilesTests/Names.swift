import Files
import SystemPackage
import TensorFiles
import TokenFiles

// For paths and names that are strings.
extension NumpyFile {
    static func write<Element: NumpyElement>(_ path: String, shape: [Int], elements: [Element]) throws {
        try write(FilePath(path), shape: shape, elements: elements)
    }
}

extension RecordingName {
    init(path: String, name: String? = nil) {
        self.init(path: ByteString(path), name: name.map { ByteString($0) })
    }
}

extension TokenizedUtterance {
    init(path: String, samples: Int, sampleRate: Int, channels: Int = 1, groups: Int, ids: [Int32]) {
        self.init(
            path: ByteString(path), samples: samples, sampleRate: sampleRate, channels: channels,
            groups: groups, ids: ids)
    }
}

extension TokenOutput {
    func skip(path: String) throws { try skip(path: ByteString(path)) }
}
