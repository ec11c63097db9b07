import Checkpoints
import Files
import Foundation
import Layers
import Speech
import Tokenizers
import Training

/// Text on stderr: everything that is not a result goes there. Where nobody can read it, the command goes on.
func printError(_ line: String, terminator: String = "\n") {
    StandardError.write(line + terminator)
}

/// How every command tells of an error.
func errorLine(_ error: some Any) -> String { messageLine("error: \(sentence(of: error))") }

/// What an error says, with the option that does what it asks for: the library does not know of these.
func sentence(of error: some Any) -> String { "\(error)" + (option(for: error).map { " (\($0))" } ?? "") }

/// The option by which a command does what an error asks for.
func option(for error: some Any) -> String? {
    switch error as? any Error {
    case AudioError.rate?: "--resample"
    case AudioError.tooLarge?: "--max-samples of quantize, extract and cluster"
    case TokenizerError.modelNeeded?: "--checkpoint"
    default: nil
    }
}

/// 34063488 as 34,063,488.
func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.map { index in
        index > 0 && (digits.count - index).isMultiple(of: 3) ? ",\(digits[index])" : "\(digits[index])"
    }.joined()
}

func decimal(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
}

extension DataFingerprint {
    var summary: String { "\(grouped(utterances)) utterances, \(decimal(hours * 60, 1)) minutes" }
}
