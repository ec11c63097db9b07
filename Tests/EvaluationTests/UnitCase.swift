import Evaluation
import Files
import Speech
import SystemPackage
import TensorFiles
import TokenFiles

/// The units and phones of a system of `units/`.
struct UnitCase {
    let system: JSONValue
    let input: TokenInput
    let alignments: AlignmentSet
    let centres: FrameCentres

    init(_ golden: GoldenCase) throws {
        system = try golden.json("system.json")
        input = try TokenInput(path: golden.path("units.jsonl"))
        alignments = try AlignmentSet([FilePath(golden.path("phones.tsv"))])
        var centres = FrameCentres(
            hop: system["hop_samples"].integer, window: 1, sampleRate: system["rate"].integer)
        centres.offset = system["offset_samples"].number
        self.centres = centres
    }

    var silence: Set<String> { Set(system["silence"].items.compactMap(\.string)) }
    var codewords: [Int] { system["codes_per_group"].items.map(\.integer) }

    func units(tolerance: Double = 0.02) throws -> LabelledUnits {
        var units = LabelledUnits(centres: centres, groups: input.groups, tolerance: tolerance)
        for utterance in input.utterances {
            let samples = utterance.samples ?? 0
            units.add(
                name: utterance.name, ids: utterance.ids,
                intervals: try alignments[utterance.name]?.tier(nil) ?? [],
                seconds: Double(samples) / Double(centres.sampleRate))
        }
        return units
    }
}
