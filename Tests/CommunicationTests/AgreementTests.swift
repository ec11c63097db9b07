import Communication
import TestSupport
import Testing

@Suite struct AgreementTests {
    private struct Trouble: Error, CustomStringConvertible { var description: String }

    @Test func anErrorOfOneIsThrownByAll() throws {
        let results = ThreadCommunicator.run(3) { communicator in
            try communicator.together(isOfRecording: { $0 is Trouble }) {
                if communicator.rank == 1 { throw Trouble(description: "a.wav: is damaged") }
            }
        }
        for (rank, result) in results.enumerated() {
            let failure = try #require(throws: ProcessFailure.self) { try result.get() }
            #expect("\(failure)" == "process 1 of 3: a.wav: is damaged")
            #expect(failure.isOfRecording && (failure.own is Trouble) == (rank == 1))
        }
    }

    @Test func anErrorOfAllNamesNone() throws {
        let results = ThreadCommunicator.run(2) { communicator in
            try communicator.together { throw Trouble(description: "no data") }
        }
        for result in results {
            let failure = try #require(throws: ProcessFailure.self) { try result.get() }
            #expect("\(failure)" == "no data" && failure.rank == nil)
        }
    }

    @Test func oneProcessThrowsItsOwnError() {
        #expect(throws: Trouble.self) { try SingleProcess().together { throw Trouble(description: "no") } }
    }

    @Test func valuesComeInTheOrderOfRanks() throws {
        for result in ThreadCommunicator.run(
            4, { communicator in try communicator.collect { communicator.rank } })
        {
            #expect(try result.get() == [0, 1, 2, 3])
        }
    }

    @Test func whatDiffersIsNamed() throws {
        let results = ThreadCommunicator.run(3) { communicator in
            try communicator.requireAlike([("a program", "1"), ("data", communicator.rank == 2 ? "b" : "a")])
        }
        for result in results {
            let error = try #require(throws: CommunicationError.self) { try result.get() }
            #expect(error == .differs(what: "data", ranks: [2], size: 3))
            #expect("\(error)".hasPrefix("process 2 of 3 has data other than process 0: "))
        }
    }

    @Test func whoDoesNotComeIsNotWaitedForLong() throws {
        let results = ThreadCommunicator.run(2, deadline: 0.2) { communicator in
            if communicator.rank == 0 { try communicator.barrier() }
        }
        let error = try #require(throws: CommunicationError.self) { try results[0].get() }
        #expect("\(error)".hasPrefix("process 0 of 2: waited "))
    }

    @Test func thingsAreDividedEvenly() {
        let results = ThreadCommunicator.run(3) { $0.share(of: 8) }
        #expect(results.compactMap { try? $0.get() } == [0..<2, 2..<5, 5..<8])
    }

    @Test func processesOfALauncherAreCounted() {
        #expect(Launcher.processes([:]) == 1)
        #expect(Launcher.processes(["OMPI_COMM_WORLD_SIZE": "4"]) == 4)
        #expect(Launcher.processes(["SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4"]) == 1)
        #expect(Launcher.rank([:]) == 0 && Launcher.rank(["SLURM_PROCID": "3"]) == 3)
        #expect(Launcher.rank(["PMIX_RANK": "2", "SLURM_PROCID": "2"]) == 2)
        #expect(Launcher.processes(["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"]) == 4)
    }

    #if !MPI
        @Test func aProgramWithoutMPIDoesNotTrainSeveralTimes() {
            #expect(throws: CommunicationError.notConnected(launched: 2, isBuiltWithMPI: false)) {
                _ = try Launcher.join(["PMI_SIZE": "2"])
            }
        }
    #endif
}
