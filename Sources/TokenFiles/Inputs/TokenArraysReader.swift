import Files

/// Reads the tokens of formats of arrays: npy folders, npz, safetensors, Kaldi's archives.
struct TokenArraysReader {
    private let path: String
    private let format: ArrayFormat

    init(path: String, format: ArrayFormat) { (self.path, self.format) = (path, format) }

    /// - Throws: `FileError`, `SafetensorsError` or `TokenInputError` that names the array.
    func tokens() throws -> [RawTokens] {
        var arrays: [(name: ByteString, shape: [Int], ids: [Int32])] = []
        try ArrayInput(path: path, format: format).read { array in
            guard let values = array.integers else {
                throw TokenInputError.malformed(path: path, at: .name(array.name), .notIDs("an element"))
            }
            let ids = values.compactMap { Int32(exactly: $0) }
            guard ids.count == values.count else {
                throw TokenInputError.malformed(path: path, at: .name(array.name), .notIDs("an element"))
            }
            arrays.append((array.name, array.shape, ids))
        }
        let names = Set(arrays.map(\.name))
        let ending = Array(EncodedTokens.durationsEnding.utf8)
        var durations: [ByteString: [Int32]] = [:]
        var tokens: [RawTokens] = []
        for (name, shape, ids) in arrays {
            let owner = ByteString(name.bytes.dropLast(ending.count))
            if name.bytes.suffix(ending.count).elementsEqual(ending), names.contains(owner) {
                durations[owner] = ids
                continue
            }
            guard shape.count == 1 || shape.count == 2 && shape[1] > 0 else {
                throw TokenInputError.malformed(path: path, at: .name(name), .shape(shape))
            }
            tokens.append(RawTokens(name: name, values: ids, columns: shape.count == 2 ? shape[1] : 1))
        }
        return tokens.map { tokens in
            var tokens = tokens
            tokens.durations = durations[tokens.name]
            return tokens
        }
    }
}
