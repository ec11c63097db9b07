import ArgumentParser
import CProcess
import Files
import Foundation
import SystemPackage

/// The program's arguments as bytes, which names of files are. ArgumentParser takes strings, in which whatever is not
/// UTF-8 would be replaced: such bytes pass through it as private characters.
enum RawArguments {
    /// Of the program, without its own name, encoded.
    ///
    /// Swift's `CommandLine` reads them from `/proc`, and has none where that is not mounted: it is asked only where
    /// the C library does not hand them over.
    static var encoded: [String] {
        let (count, arguments) =
            vq_argument_count() > 0
            ? (vq_argument_count(), vq_arguments()) : (CommandLine.argc, CommandLine.unsafeArgv)
        return (1..<max(Int(count), 1)).compactMap { index in
            arguments?[index].map { encode([UInt8](UnsafeRawBufferPointer(start: $0, count: strlen($0)))) }
        }
    }

    /// The first of the 256 characters that stand for bytes.
    private static let base: UInt32 = 0x10FF00

    private static func isPrivate(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= base }

    /// A string from which `decode` makes the same bytes: their text where they are text.
    static func encode(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: isPrivate)
        {
            return text
        }
        var (text, parser) = (String.UnicodeScalarView(), Unicode.UTF8.ForwardParser())
        var (rest, position) = (bytes.makeIterator(), 0)
        while true {
            switch parser.parseScalar(from: &rest) {
            case .emptyInput: return String(text)
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if isPrivate(scalar) {
                    text.append(contentsOf: bytes[position..<position + encoded.count].compactMap(standIn))
                } else {
                    text.append(scalar)
                }
                position += encoded.count
            case .error(let length):
                text.append(contentsOf: bytes[position..<position + length].compactMap(standIn))
                position += length
            }
        }
    }

    private static func standIn(_ byte: UInt8) -> Unicode.Scalar? { Unicode.Scalar(base + UInt32(byte)) }

    static func decode(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar in
            isPrivate(scalar) ? [UInt8(scalar.value - base)] : Array(String(scalar).utf8)
        }
    }
}

// Both are packages of Apple's, of which neither knows the other.
// swift-format-ignore: AvoidRetroactiveConformances
extension FilePath: @retroactive ExpressibleByArgument {
    public init?(argument: String) { self.init(RawArguments.decode(argument)) }

    public static var defaultCompletionKind: CompletionKind { .file() }
}
