import Checkpoints
import Tensors

/// What a run is trained with, from one of its starts on. Times and rounding depend on it, and nothing else does, so it
/// stands in the log and in no checkpoint.
public struct RunEnvironment: Encodable, Sendable {
    /// Updates done when the run was begun or resumed.
    public var update: Int
    public var program: String
    public var processor: String
    public var instructions: String
    /// By which products of bf16 are made, or `none` where float32 takes their place; nil for a run in float32.
    public var bf16: String?
    /// Of each process.
    public var threads: Int
    public var processes: Int
    public var operatingSystem: String

    /// This process and machine.
    public init(update: Int, processes: Int, precision: Precision) {
        (self.update, self.processes) = (update, processes)
        program = Checkpoint.programVersion
        (processor, instructions) = (Machine.processor, Machine.instructions)
        bf16 = BFloat16.used(for: precision)
        (threads, operatingSystem) = (Parallel.threads, Machine.operatingSystem)
    }
}
