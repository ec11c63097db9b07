import Dispatch
import Foundation

/// Dispatch's threads, on which hashes are computed and most other work is done.
///
/// With the first of them Dispatch opens files of its own, and ends the process where it cannot. So it begins with the
/// program, while there are descriptors, and not at whatever moment a thread is first needed.
package enum BackgroundThreads {
    /// Begins one, unless that is done.
    /// - Throws: `FileError` where so many files cannot be opened.
    package static func begin() throws { try begun.get() }

    /// For events, to wake whoever waits for them, and for times.
    private static let descriptorCount = 3

    private static let begun = Result {
        try requireDescriptors()
        let isBegun = DispatchSemaphore(value: 0)
        DispatchQueue.global().async { isBegun.signal() }
        isBegun.wait()
    }

    private static func requireDescriptors() throws {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        for _ in 0..<descriptorCount {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileError("/dev/null", "cannot be opened", code: errno) }
            descriptors.append(descriptor)
        }
    }
}
