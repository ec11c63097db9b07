import Foundation

/// The reader that is tried, and the folder of the file that it reads. Set once, before libFuzzer's loop.
nonisolated(unsafe) private var reader = Reader.all[0]
nonisolated(unsafe) private var folder = ""

/// Called by libFuzzer, which has the program's main function, before anything else. `FUZZ_READER` names the reader and
/// `FUZZ_FOLDER` the folder; without them the readers are listed.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafePointer<Int32>?, _: UnsafeRawPointer?) -> Int32 {
    let environment = ProcessInfo.processInfo.environment
    guard let name = environment["FUZZ_READER"], let found = Reader.all.first(where: { $0.name == name }),
        let place = environment["FUZZ_FOLDER"]
    else {
        for reader in Reader.all { print(reader.name) }
        exit(environment["FUZZ_READER"] == nil ? 0 : 64)
    }
    (reader, folder) = (found, place)
    // No decoder is a program of its own here.
    setenv("PATH", "", 1)
    return 0
}

/// Called by libFuzzer with every input. Errors are what readers are for; anything else ends the program.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = UnsafeRawBufferPointer(start: bytes, count: count)
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
    return 0
}
