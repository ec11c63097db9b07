import Speech
import SystemPackage

// For paths that are strings.
extension AudioFile {
    static func info(_ path: String) throws -> AudioInfo { try info(FilePath(path)) }

    static func read(_ path: String, sampleRate: Int, resample: Bool = false) throws -> Waveform {
        try read(FilePath(path), sampleRate: sampleRate, resample: resample)
    }
}

extension AudioSource {
    init(path: String, offset: Int? = nil, part: Part? = nil) {
        self.init(path: FilePath(path), offset: offset, part: part)
    }
}

extension Recording {
    init(path: String, listedSamples: Int? = nil) {
        self.init(path: FilePath(path), listedSamples: listedSamples)
    }
}

extension RecordingSearch {
    init(_ arguments: [String], naming: RecordingNaming = .file) {
        self.init(arguments.map { FilePath($0) }, naming: naming)
    }
}

extension UtteranceList {
    init(_ arguments: [String], sampleRate: Int, resample: Bool = false) throws {
        try self.init(arguments.map { FilePath($0) }, sampleRate: sampleRate, resample: resample)
    }
}

extension Manifest {
    static func read(_ path: String) throws -> Manifest { try read(FilePath(path)) }
}

extension KaldiTables {
    static func recordings(_ path: String) throws -> [Recording] { try recordings(FilePath(path)) }
}
