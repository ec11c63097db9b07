import ArgumentParser
import Communication
import Foundation

/// Runs a command that `mpirun` or `srun` may have started several times, to share its work. Started once it adds
/// nothing.
///
/// An error that all know of (`ProcessFailure`) is told by the first process; one that the others cannot know of ends
/// them all at once.
func amongProcesses(_ command: (any Communicator) throws -> Void) throws {
    let communicator: any Communicator
    // OpenMPI gives each process that knows of no others the rank 0, in its environment too.
    let rank = Launcher.rank()
    do {
        communicator = try Launcher.join()
    } catch {
        // All fail alike.
        guard rank != 0 else { throw error }
        // A launcher ends all processes when one has failed: the first is to tell of it before.
        Thread.sleep(forTimeInterval: 1)
        throw ExitCode.failure
    }
    do {
        try command(communicator)
        communicator.end()
    } catch let code as ExitCode {
        communicator.end()
        throw code
    } catch let failure as ProcessFailure {
        throw exit(of: communicator, with: failure.rank == nil ? failure.own ?? failure : failure)
    } catch let error as CommunicationError where error.isKnownToAll {
        throw exit(of: communicator, with: error)
    } catch {
        guard communicator.size > 1 else { throw error }
        let place =
            error is CommunicationError ? "" : "process \(communicator.rank) of \(communicator.size): "
        printError(errorLine("\(place)\(sentence(of: error))"))
        communicator.abort(code: EXIT_FAILURE)
        throw ExitCode.failure
    }
}

/// Ends the work of processes with an error that all know of: the first tells of it while the others wait, because a
/// launcher ends all processes when one has failed.
private func exit(of communicator: any Communicator, with error: any Error) -> ExitCode {
    if communicator.isFirst { Command.tell(of: error) }
    communicator.end()
    return communicator.isFirst ? Command.exitCode(for: error) : .failure
}
