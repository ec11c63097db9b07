import Communication

/// The frames that lie farthest from the centroids that are nearest to them, found in pieces: what clusters without frames take.
struct FarthestFrames {
    struct Frame: Codable {
        /// As bits: those of numbers that are not negative have the order of the numbers.
        var distance: UInt64
        /// The place in the source.
        var frame: Int
        var label: Int32

        /// Farther, and of equals the earlier one.
        func comesBefore(_ other: Frame) -> Bool {
            (other.distance, frame) < (distance, other.frame)
        }
    }

    /// So many are wanted at most.
    private let limit: Int
    private var found: [Frame] = []
    /// What is as near as this one or nearer comes too late.
    private var last: Frame?

    init(limit: Int) { self.limit = limit }

    mutating func add(_ piece: KMeans.Piece) {
        for (row, distance) in piece.distances.enumerated() {
            let frame = Frame(
                distance: distance.bitPattern, frame: piece.start + row, label: piece.labels[row])
            if let last, !frame.comesBefore(last) { continue }
            found.append(frame)
            if found.count >= 2 * limit { trim() }
        }
    }

    private mutating func trim() {
        found = Array(found.sorted { $0.comesBefore($1) }.prefix(limit))
        last = found.count == limit ? found.last : nil
    }

    /// The first of all processes, at most `limit`.
    /// - Throws: `CommunicationError`.
    func first(_ count: Int, of communicator: any Communicator) throws -> ArraySlice<Frame> {
        let own = found.sorted { $0.comesBefore($1) }.prefix(count)
        return try communicator.collect { Array(own) }.flatMap { $0 }.sorted { $0.comesBefore($1) }.prefix(
            count)
    }
}
