/// How far apart two items are.
public enum ABXDistance: String, CaseIterable, Sendable {
    /// The angle of two frames over π, along the best path; `cosine` in other programs.
    case angular
    case euclidean
    /// Half the symmetric Kullback–Leibler divergence of frames that are distributions, with 10⁻⁶ inside logarithms.
    case symmetricKL = "kl"
    /// 0 for equal units, else 1, along the best path.
    case identical
    /// The edit distance of units over the length of the longer item.
    case edit

    /// Whether it compares units, and not frames of features.
    public var isOfUnits: Bool { self == .identical || self == .edit }
}

/// Distances of items.
protocol ABXComparison: Sendable {
    /// Items X are compared together until their sizes reach this: what stays in a cache.
    static var portion: Int { get }
    /// How much an item counts towards that.
    func size(of item: Int32) -> Int
    /// In the order in which items of about the same length are neighbours.
    func sorted(_ items: Set<Int32>) -> [Int32]
    /// [x, others], row-major.
    func distances(_ x: [Int32], to others: [Int32]) -> [Double]
}
