import Tensors

extension Communicator {
    /// Hands what each process has to the first, as bytes, one process after the other.
    ///
    /// An error of one process is thrown by all, as by `together`.
    /// - Parameters:
    ///   - count: bytes that this process has; those of the first stay where they are.
    ///   - piece: bytes that are on their way at once.
    ///   - read: copies bytes of this process from a place on.
    ///   - take: on the first alone, the next bytes of a process.
    /// - Throws: `ProcessFailure`, `CommunicationError`.
    public func deliver(
        count: Int, piece: Int = 1 << 24,
        read: (_ start: Int, _ into: UnsafeMutableRawBufferPointer) throws -> Void,
        take: (_ rank: Int, _ bytes: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard size > 1 else { return }
        let counts = try collect { count }
        let nothing = [Int](repeating: 0, count: size)
        var outcome = Result<Void, any Error> {}
        for sender in 1..<size {
            for start in stride(from: 0, to: counts[sender], by: piece) {
                let bytes = min(piece, counts[sender] - start)
                // They travel as values of four bytes, whatever these mean.
                let values = Tensor(zeros: [isFirst || rank == sender ? (bytes + 3) / 4 : 0])
                let content = UnsafeMutableRawBufferPointer(start: values.pointer, count: bytes)
                try together {
                    try outcome.get()
                    if rank == sender { try read(start, content) }
                }
                var (sent, received) = (nothing, nothing)
                if rank == sender { sent[0] = values.count }
                if isFirst { received[sender] = values.count }
                let none = Tensor(uninitialized: [0])
                let (source, target) = rank == sender ? (values, none) : (none, values)
                let arrival = try beginExchange(
                    UnsafeBufferPointer(start: source.pointer, count: source.count), sentCounts: sent,
                    into: UnsafeMutableBufferPointer(start: target.pointer, count: target.count),
                    receivedCounts: received)
                try arrival()
                if isFirst { outcome = Result { try take(sender, UnsafeRawBufferPointer(content)) } }
            }
        }
        try together { try outcome.get() }
    }
}
