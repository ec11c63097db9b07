import Dispatch
import Foundation
import Synchronization

/// Signals that a program handles itself, on a queue, where their default action would end it.
package final class SignalSources: Sendable {
    /// `@unchecked`: only kept alive here.
    private struct Source: @unchecked Sendable { let source: any DispatchSourceSignal }
    private let sources = Mutex<[Source]>([])

    package init() {}

    /// Begins to listen, for as long as the process lives.
    /// - Parameters:
    ///   - numbers: signals; SIGHUP stays ignored where `nohup` has asked for that.
    ///   - handler: is given the signal.
    package func listen(to numbers: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
        for number in numbers {
            // The default action would end the process before the source sees the signal.
            let previous = signal(number, SIG_IGN)
            // Handlers of C cannot be compared; the numbers of their addresses can.
            if number == SIGHUP, unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
            {
                continue
            }
            let queue = DispatchQueue.global(qos: .userInteractive)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handler(number) }
            source.activate()
            sources.withLock { $0.append(Source(source: source)) }
        }
    }
}
