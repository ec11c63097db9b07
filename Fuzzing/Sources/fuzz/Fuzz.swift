import Foundation

/// libFuzzer's loop, which hands every input to a function.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The reader that is tried, and the file that it reads. Set once, before the loop.
nonisolated(unsafe) private var reader = Reader.all[0]
nonisolated(unsafe) private var folder = ""

/// `fuzz READER FOLDER [OPTIONS]`: hands inputs of libFuzzer to a reader, as a file in the folder. Without arguments it lists
/// the readers.
@main
struct Fuzz {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, let found = Reader.all.first(where: { $0.name == arguments[1] }) else {
            for reader in Reader.all { print(reader.name) }
            exit(arguments.count > 1 ? 64 : 0)
        }
        (reader, folder) = (found, arguments[2])
        // No decoder is a program of its own here.
        setenv("PATH", "", 1)
        var options = ([arguments[0]] + arguments.dropFirst(3)).map { strdup($0) as UnsafeMutablePointer<CChar>? }
        options.append(nil)
        var count = Int32(options.count - 1)
        let code = options.withUnsafeMutableBufferPointer { options in
            var first = options.baseAddress
            return runDriver(&count, &first) { bytes, count in
                Fuzz.tryInput(UnsafeRawBufferPointer(start: bytes, count: count))
                return 0
            }
        }
        exit(code)
    }

    /// Reads an input. Errors are what readers are for; anything else ends the program.
    private static func tryInput(_ input: UnsafeRawBufferPointer) {
        // Of a reader with several formats the first byte chooses one.
        let choice = Int(input.first ?? 0) % reader.files.count
        let content = reader.files.count > 1 ? UnsafeRawBufferPointer(rebasing: input.dropFirst()) : input
        let path = "\(folder)/\(reader.files[choice])"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0, write(descriptor, content.baseAddress, content.count) == content.count,
            close(descriptor) == 0
        else {
            perror(path)
            exit(1)
        }
        try? reader.read(path, choice)
    }
}
