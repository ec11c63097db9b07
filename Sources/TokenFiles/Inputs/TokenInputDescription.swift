import Files
import Foundation
import SystemPackage
import TensorFiles

/// What stands with a token file about its ids and frames: our outputs' descriptions.
struct TokenInputDescription {
    var format: TokenFormat?
    var ids: TokenIDs?
    var groups: Int?
    var codewords: Int?
    var timing: TokenInput.Timing?

    /// - Throws: `FileError` where it cannot be read or understood, and for numbers that no model has.
    init(path: String) throws {
        guard let record = try Self.record(path) else { return }
        func number(_ key: String) throws -> Int? {
            guard let number = record[key].flatMap({ Int($0) }), number > 0 else { return nil }
            guard number <= TokenInput.largest else {
                throw FileError.unusable(
                    path: path,
                    problem: "is described with \(key) \(number), which no model has; make it anew")
            }
            return number
        }
        format = record["format"].flatMap(TokenFormat.init)
        ids = record["ids"].flatMap(TokenIDs.init)
        (groups, codewords) = (try number("groups"), try number("codewords"))
        if let hop = try number("hop_samples"), let window = try number("window_samples"),
            let rate = try number("sample_rate")
        {
            timing = TokenInput.Timing(hop: hop, window: window, sampleRate: rate)
        }
    }

    /// The description beside a file, by whichever of the names that an output has, or within it.
    private static func record(_ path: String) throws -> OutputDescription.Record? {
        // Whatever a safetensors file is called, an object follows the length of its header.
        if FilePath(path).isFile, let file = try? InputFile(path: path), file.count > 8,
            try file.bytes(8..<9) == [UInt8(ascii: "{")],
            let record = try OutputDescription.Record(safetensors: path)
        {
            return record
        }
        if path.hasSuffix(".safetensors") { return nil }
        let names = [path, ArkPaths(of: path).archive]
        for sidecar in Set(names.map(OutputLocation.sidecar)).sorted() {
            if let record = try OutputDescription.Record(path: sidecar) { return record }
            try OutputDescription.Record.requireWhole(sidecar)
        }
        return nil
    }

    /// The format that a name tells, or the first line.
    /// - Throws: `TokenInputError` where neither does, `FileError` where the file cannot be read.
    static func format(of path: String) throws -> TokenFormat {
        if FilePath(path).isFolder { return .npy }
        let ending = FilePath(path).extension?.lowercased() ?? ""
        switch ending {
        case "npz": return .npz
        case "safetensors": return .safetensors
        case "ark", "scp": return .kaldi
        case "src": return .fairseq
        default: break
        }
        let file = try InputFile(path: path)
        let head = try file.bytes(0..<min(file.count, 1 << 16))
        let first = head.prefix { $0 != UInt8(ascii: "\n") }
        if first.first == UInt8(ascii: "{") {
            return String(decoding: first, as: UTF8.self).contains("\"custom\"") ? .lhotse : .jsonl
        }
        if first.contains(UInt8(ascii: "\t")) { return .tsv }
        if first.contains(UInt8(ascii: "|")) { return .gslm }
        let isFairseq = first.allSatisfy {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-") || $0 == 0x0D
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard isFairseq, !head.isEmpty else {
            throw head.isEmpty ? TokenInputError.empty(path: path) : TokenInputError.unknownFormat(path: path)
        }
        return .fairseq
    }
}
