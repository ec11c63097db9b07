import CVqw2v
import Files
import Foundation
import Layers
import Speech
import Tokenizers

/// Why a call fails that neither a file nor a waveform is to blame for.
struct CallError: Error, CustomStringConvertible {
    let status: vqw2v_status
    let description: String

    static func invalid(_ text: String) -> CallError { CallError(status: VQW2V_INVALID, description: text) }
}

/// Runs the body of a C function: errors become a status, and their sentence what `vqw2v_last_error` tells.
/// - Parameter paths: of files that the call reads.
func call(paths: UnsafePointer<CChar>?..., body: () throws -> Void) -> vqw2v_status {
    do {
        try CallsAtWork.shared.run(body)
        return VQW2V_OK
    } catch {
        LastError.set(messageLine(sentence(of: error)))
        return status(of: error, paths: paths.compactMap { $0 })
    }
}

private func sentence(of error: any Error) -> String {
    "\(error)" + ((error as? AudioError)?.remedy ?? "")
}

extension AudioError {
    /// What a C program gives for what the sentence asks for.
    var remedy: String { if case .rate = self { " (VQW2V_RESAMPLE)" } else { "" } }
}

/// What C is told of an error.
/// - Parameter paths: of files that the call reads, as the bytes that they are.
package func status(of error: any Error, paths: [UnsafePointer<CChar>] = []) -> vqw2v_status {
    if let error = error as? CallError { return error.status }
    for path in paths where path.pointee != 0 && access(path, F_OK) != 0 && errno == ENOENT {
        return VQW2V_NOT_FOUND
    }
    switch error {
    case FileError.emptyPath, FileError.zeroByte: return VQW2V_INVALID
    case FileError.system(_, _, let code):
        return [EISDIR, ENOTDIR, ENAMETOOLONG].contains(code) ? VQW2V_UNUSABLE : VQW2V_SYSTEM
    case AudioError.missing: return VQW2V_NOT_FOUND
    case is SpillError, ModelError.tooLarge, AudioError.unreadable, AudioError.storage, AudioError.tooLarge:
        return VQW2V_SYSTEM
    case is ModelError: return VQW2V_INVALID
    case let error as TokenizerError: return error.isOfArguments ? VQW2V_INVALID : VQW2V_UNUSABLE
    default: return VQW2V_UNUSABLE
    }
}

/// A text that a caller hands over.
/// - Throws: `CallError` for a null pointer, and for what is no text.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
    guard let pointer else { throw CallError.invalid("\(name) is a null pointer") }
    guard let text = String(validatingCString: pointer) else {
        throw CallError.invalid("\(name) is not UTF-8: \(String(cString: pointer))")
    }
    return text
}

/// A place that a caller hands over for a result.
/// - Throws: `CallError` for a null pointer.
func place<Value>(
    _ pointer: UnsafeMutablePointer<Value>?, _ name: String
) throws -> UnsafeMutablePointer<Value> {
    guard let pointer else { throw CallError.invalid("\(name) is a null pointer") }
    return pointer
}

/// Memory for a caller, who gives it back with `free`.
/// - Throws: `CallError` where there is none.
func copied<Value: BitwiseCopyable>(
    _ values: UnsafeBufferPointer<Value>
) throws -> UnsafeMutablePointer<Value> {
    let size = values.count * MemoryLayout<Value>.stride
    guard let memory = malloc(max(size, 1)) else {
        throw CallError(
            status: VQW2V_SYSTEM, description: "not enough memory: \(size) bytes more cannot be had")
    }
    let copy = memory.bindMemory(to: Value.self, capacity: values.count)
    if let base = values.baseAddress { copy.update(from: base, count: values.count) }
    return copy
}

/// The sentence of each thread's last error.
enum LastError {
    static func set(_ sentence: String) {
        free(pthread_getspecific(key))
        pthread_setspecific(key, strdup(sentence))
    }

    /// There until the next error of the thread.
    static var sentence: UnsafePointer<CChar> {
        UnsafePointer(pthread_getspecific(key)?.assumingMemoryBound(to: CChar.self)) ?? pointer("")
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { free($0) }
        return key
    }()
}

/// A literal as C has it.
func pointer(_ literal: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
