import Foundation

/// What `mpirun` or `srun` has started.
public enum Launcher {
    /// Processes of the job, by the environment that the launcher gives each; 1 without one.
    ///
    /// `SLURM_NTASKS` is that of a batch script too, which is one process: it does not count.
    public static func processes(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Int
    {
        var counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].compactMap { environment[$0].flatMap { Int($0) } }
        if environment["SLURM_STEP_ID"].flatMap({ Int($0) }) != nil {
            if let count = environment["SLURM_STEP_NUM_TASKS"].flatMap({ Int($0) }) { counts.append(count) }
        }
        return max(1, counts.max() ?? 1)
    }

    /// Which process of the job this one is, by the same environment.
    public static func rank(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Int {
        ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"].lazy
            .compactMap { environment[$0].flatMap { Int($0) } }.first ?? 0
    }

    /// Joins the other processes of the job, where there are any.
    /// - Parameter environment: of this process. `VQW2V_DEADLINE` is the number of seconds that an exchange waits for
    ///   the slowest process, 600 unless it is given.
    /// - Throws: `CommunicationError` where there are others that this process cannot reach.
    public static func join(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> any Communicator {
        let launched = processes(environment)
        // To begin MPI takes most of a second.
        guard launched > 1 else { return SingleProcess() }
        #if MPI
            // `srun --mpi=none`: MPI itself would end the process with a page of text.
            let marks = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
            guard marks.contains(where: { environment[$0] != nil })
            else { throw CommunicationError.notConnected(launched: launched, isBuiltWithMPI: true) }
            let seconds = environment["VQW2V_DEADLINE"].flatMap { Int($0) } ?? 600
            let communicator = try MPICommunicator(deadline: .seconds(max(1, seconds)))
            guard communicator.size > 1 else {
                throw CommunicationError.notConnected(launched: launched, isBuiltWithMPI: true)
            }
            return communicator
        #else
            throw CommunicationError.notConnected(launched: launched, isBuiltWithMPI: false)
        #endif
    }
}
