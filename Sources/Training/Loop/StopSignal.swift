import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as a request to finish the update, save and stop. A second signal ends the process.
public final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .relaxed) }

    public func request() { requested.store(true, ordering: .relaxed) }

    /// Begins to listen. Once per process.
    public func listen() {
        for number in [SIGINT, SIGTERM] {
            // The default action would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                if isRequested { exit(128 + number) }
                request()
            }
            source.activate()
            sources.withLock { $0.append(Source(source: source)) }
        }
    }

    private struct Source: @unchecked Sendable { let source: any DispatchSourceSignal }
    private let sources = Mutex<[Source]>([])
}
