#if MPI
    import CMPI
    import Foundation

    /// The processes that `mpirun` or `srun` has started.
    public final class MPICommunicator: Communicator {
        public let rank: Int
        public let size: Int
        public var deadline: Duration

        /// Joins the others. Once per process.
        /// - Parameter deadline: how long an exchange waits for the slowest process.
        /// - Throws: `CommunicationError`.
        public init(deadline: Duration) throws {
            self.deadline = deadline
            var (rank, size): (Int32, Int32) = (0, 1)
            var code = vq_mpi_begin()
            if code == 0 { code = vq_mpi_place(&rank, &size) }
            (self.rank, self.size) = (Int(rank), Int(size))
            try check(code, "to begin MPI")
        }

        /// Leaves the others; without this call the launcher takes the end of the process for a crash.
        public func end() { _ = vq_mpi_end() }

        public func abort(code: Int32) {
            if size > 1 { vq_mpi_abort(code) }
        }

        public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
            let each = [Int](repeating: MemoryLayout<Int64>.size, count: size)
            var counts = [Int64](repeating: 0, count: size)
            try withUnsafeBytes(of: Int64(bytes.count)) { own in
                try counts.withUnsafeMutableBytes { try allGather(own, into: $0, counts: each) }
            }
            // Counts and places of MPI have 32 bits: so many bytes of each at a time.
            let piece = (1 << 30) / size
            var gathered = counts.map { _ in [UInt8]() }
            for start in stride(from: 0, to: Int(counts.max() ?? 0), by: piece) {
                let parts = counts.map { min(max(0, Int($0) - start), piece) }
                var all = [UInt8](repeating: 0, count: parts.reduce(0, +))
                try bytes.withUnsafeBytes { own in
                    let own = UnsafeRawBufferPointer(rebasing: own[min(start, own.count)...].prefix(piece))
                    try all.withUnsafeMutableBytes { try allGather(own, into: $0, counts: parts) }
                }
                var place = 0
                for (rank, part) in parts.enumerated() {
                    gathered[rank] += all[place..<place + part]
                    place += part
                }
            }
            return gathered
        }

        private func allGather(
            _ bytes: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int]
        ) throws {
            let layout = Layout(counts)
            let pending = try begin("to gather", holding: [layout]) {
                vq_mpi_all_gather(
                    $0, bytes.baseAddress, Int32(bytes.count), all.baseAddress, layout.counts, layout.starts)
            }
            try pending()
        }

        public func beginExchange(
            _ sent: UnsafeBufferPointer<Float>, sentCounts: [Int],
            into received: UnsafeMutableBufferPointer<Float>,
            receivedCounts: [Int]
        ) throws -> PendingExchange {
            let (own, others) = (Layout(sentCounts), Layout(receivedCounts))
            return try begin("to exchange gradients", holding: [own, others]) {
                vq_mpi_all_to_all(
                    $0, sent.baseAddress, own.counts, own.starts, received.baseAddress, others.counts,
                    others.starts)
            }
        }

        public func beginCompletion(
            of values: UnsafeMutableBufferPointer<Float>, counts: [Int]
        ) throws -> PendingExchange {
            let layout = Layout(counts)
            return try begin("to gather gradients", holding: [layout]) {
                vq_mpi_all_gather_in_place($0, values.baseAddress, layout.counts, layout.starts)
            }
        }

        public func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) throws {
            // A count of MPI has 32 bits.
            for start in stride(from: 0, to: values.count, by: 1 << 24) {
                let count = min(1 << 24, values.count - start)
                let pending = try begin("to broadcast", holding: []) {
                    vq_mpi_broadcast($0, values.baseAddress.map { $0 + start }, Int32(count), Int32(root))
                }
                try pending()
            }
        }

        /// Parts of a buffer, in memory that stays where it is: MPI reads it until an exchange is done.
        private final class Layout {
            let counts: UnsafeMutablePointer<Int32>
            let starts: UnsafeMutablePointer<Int32>

            init(_ sizes: [Int]) {
                counts = .allocate(capacity: sizes.count)
                starts = .allocate(capacity: sizes.count)
                var sum = 0
                for (index, size) in sizes.enumerated() {
                    (counts[index], starts[index]) = (Int32(size), Int32(sum))
                    sum += size
                }
            }

            deinit {
                counts.deallocate()
                starts.deallocate()
            }
        }

        /// Begins an exchange.
        private func begin(
            _ what: String, holding layouts: [Layout],
            _ call: (UnsafeMutablePointer<vq_mpi_exchange>) -> Int32
        ) throws -> PendingExchange {
            let exchange = UnsafeMutablePointer<vq_mpi_exchange>.allocate(capacity: 1)
            try check(call(exchange), what)
            return { [self] in
                defer { exchange.deallocate() }
                try withExtendedLifetime(layouts) { try wait(for: exchange, what) }
            }
        }

        /// Waits for the end of an exchange; others make their way meanwhile.
        private func wait(for exchange: UnsafeMutablePointer<vq_mpi_exchange>, _ what: String) throws {
            let clock = ContinuousClock()
            let start = clock.now
            var (isDone, tries): (Int32, Int) = (0, 0)
            while true {
                try check(vq_mpi_test(exchange, &isDone), what)
                if isDone != 0 { return }
                tries += 1
                // Whoever waits long waits for computing, which may need this core.
                if tries > 1000 { usleep(tries > 3000 ? 1000 : 20) } else { sched_yield() }
                if tries.isMultiple(of: 256), clock.now - start > deadline {
                    throw CommunicationError.deadline(
                        rank: rank, size: size, seconds: Int(deadline.components.seconds))
                }
            }
        }

        private func check(_ code: Int32, _ what: String) throws {
            guard code != 0 else { return }
            var text = [CChar](repeating: 0, count: Int(vq_mpi_error_text_length()) + 1)
            vq_mpi_error_text(code, &text)
            throw CommunicationError.failed(
                rank: rank, size: size, what: what,
                text: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
    }
#endif
