/// Why a run cannot start or go on, in one line with the file and the remedy.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
