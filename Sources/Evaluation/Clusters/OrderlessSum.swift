import Foundation

/// Sums of double precision that are the same bits in any order, so that any number of processes may share them.
///
/// Values are rounded to multiples of a power of two that is so large that no sum of them needs more than 53 bits: all
/// additions are exact (Demmel and Nguyen 2013, with one bin).
struct OrderlessSum {
    /// 1.5 · 2⁵² times that power: what is added to it is rounded, and the difference is the rounded value.
    let rounder: Double

    /// - Parameters:
    ///   - largest: magnitude of the values.
    ///   - count: of the values, at most.
    init(largest: Double, count: Int) {
        guard largest > 0, largest.isFinite else {
            rounder = 0
            return
        }
        // count · largest < 2^exponents, which is 2⁵¹ units.
        let exponents = Int(largest.exponent) + Int(Double(max(count, 1)).exponent) + 2
        rounder = 1.5 * scalbn(1, exponents + 1)
    }

    func rounded(_ value: Double) -> Double { (value + rounder) - rounder }
}
