/// The sizes of a quantizer.
package struct QuantizerSizes: Sendable {
    /// C, of the encoder's output z.
    package let inputChannels: Int
    /// Of ẑ, all groups together.
    package let outputChannels: Int
    /// G.
    package let groups: Int
    /// V, codewords per group.
    package let variables: Int
    /// Whether all groups look up the same codewords.
    package let sharesCodebook: Bool

    package init(
        inputChannels: Int, outputChannels: Int, groups: Int, variables: Int, sharesCodebook: Bool
    ) {
        (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
        (self.groups, self.variables, self.sharesCodebook) = (groups, variables, sharesCodebook)
    }

    /// G'.
    var codebooks: Int { sharesCodebook ? 1 : groups }

    /// d.
    var codewordChannels: Int { outputChannels / groups }
}
