import CProcess
import Foundation
import Synchronization

/// Signals that a program handles itself, on a thread of their own, where their default action would end it.
///
/// Dispatch's sources are not used: they begin some time after they are activated, and end the process where no file can
/// be opened for them.
package enum SignalThread {
    private static let handlers = Mutex<[Int32: @Sendable (Int32) -> Void]>([:])

    private static let begun: Void = Thread.detachNewThread {
        while true {
            let number = vq_next_signal()
            handlers.withLock { $0[number] }?(number)
        }
    }

    /// Listens from here on, for as long as the process lives.
    /// - Parameters:
    ///   - numbers: signals; SIGHUP stays ignored where `nohup` has asked for that.
    ///   - handler: is given the signal. While it works, others wait.
    package static func listen(to numbers: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
        begun
        for number in numbers where number != SIGHUP || vq_is_ignored(number) == 0 {
            handlers.withLock { $0[number] = handler }
            _ = vq_listen(number)
        }
    }
}
