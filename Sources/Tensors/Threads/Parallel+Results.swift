extension Parallel {
    /// What `body` makes of 0..<count, on all threads.
    public static func map<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { results, initialized in
            initialized = count
            guard let base = results.baseAddress else { return }
            let places = SharedPointer(base)
            forEach(count) { (places + $0).initialize(to: body($0)) }
        }
    }

    /// The same for calls that can fail: see `tryForEach`.
    package static func tryMap<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int) throws -> Result
    ) throws -> [Result] {
        var results = [Result?](repeating: nil, count: count)
        try results.withUnsafeMutableBufferPointer { results in
            guard let base = results.baseAddress else { return }
            let places = SharedPointer(base)
            try tryForEach(count) { places[$0] = try body($0) }
        }
        return results.compactMap { $0 }
    }

    /// Sums of tiles, [count, width]: `add` gets the zeros of its tile to add to.
    package static func sums(
        _ count: Int, width: Int, _ add: @Sendable (_ tile: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: count * width)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let base = sums.baseAddress else { return }
            let places = SharedPointer(base)
            forEach(count) { add($0, places + $0 * width) }
        }
        return sums
    }
}
