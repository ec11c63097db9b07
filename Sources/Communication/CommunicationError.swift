/// Why processes cannot work together. Its description is one line with the remedy.
public enum CommunicationError: Error, CustomStringConvertible, Equatable {
    /// An exchange was not complete in time.
    case deadline(rank: Int, size: Int, seconds: Int)
    /// MPI reports an error.
    case failed(rank: Int, size: Int, what: String, text: String)
    /// A launcher has started several processes, which know nothing of each other.
    case notConnected(launched: Int, isBuiltWithMPI: Bool)
    /// Some processes were given something else than the first.
    case differs(what: String, ranks: [Int], size: Int)

    /// Whether all processes throw it, at the same place.
    public var isKnownToAll: Bool { if case .differs = self { true } else { false } }

    public var description: String {
        switch self {
        case .deadline(let rank, let size, let seconds):
            "process \(rank) of \(size): waited \(seconds) s for another process, in vain: see whether a machine or "
                + "its network is down, then go on with --resume"
        case .failed(let rank, let size, let what, let text):
            "process \(rank) of \(size): \(what) failed: \(text); go on with --resume"
        case .notConnected(let launched, true):
            "\(launched) processes were started and each would work alone: start them with the mpirun of the MPI "
                + "that this program is built with, under Slurm with srun --mpi=pmix"
        case .notConnected(let launched, false):
            "\(launched) processes were started, and this program is built without MPI: build it with "
                + "swift build -c release --traits MPI, or start one process"
        case .differs(let what, let ranks, let size):
            "process \(ranks.prefix(8).map(String.init).joined(separator: ", ")) of \(size) has \(what) other than "
                + "process 0: start all with the same program, arguments and data, on processors of one kind"
        }
    }
}
