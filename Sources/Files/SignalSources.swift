import Dispatch
import Foundation
import Synchronization

/// Signals that a program handles itself, on a queue, where their default action would end it.
package final class SignalSources: Sendable {
    /// `@unchecked`: only kept alive here.
    private struct Source: @unchecked Sendable { let source: any DispatchSourceSignal }
    private let sources = Mutex<[Source]>([])

    package init() {}

    /// Begins to listen, for as long as the process lives. A signal has its default action before this returns, and reaches the
    /// handler afterwards: none is lost in between.
    /// - Parameters:
    ///   - numbers: signals; SIGHUP stays ignored where `nohup` has asked for that.
    ///   - handler: is given the signal.
    package func listen(to numbers: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
        let begun = DispatchSemaphore(value: 0)
        let queue = DispatchQueue.global(qos: .userInteractive)
        let listened = numbers.filter { $0 != SIGHUP || Self.action($0) != Self.ignoring }
        for number in listened {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handler(number) }
            source.setRegistrationHandler {
                // Linux's Dispatch has an action of its own by now. Where it has not, the default one would end the process.
                if Self.action(number) == Self.standard { signal(number, SIG_IGN) }
                begun.signal()
            }
            source.activate()
            sources.withLock { $0.append(Source(source: source)) }
        }
        for _ in listened { begun.wait() }
    }

    /// What a signal does now: handlers of C cannot be compared; the numbers of their addresses can.
    private static func action(_ number: Int32) -> Int {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    }

    private static var ignoring: Int { unsafeBitCast(SIG_IGN, to: Int.self) }
    private static var standard: Int { unsafeBitCast(SIG_DFL, to: Int.self) }
}
