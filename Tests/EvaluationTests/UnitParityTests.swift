import Evaluation
import TensorFiles
import Testing

/// Purities, V-measure, boundaries and sequences as scikit-learn, mir_eval and the definitions give them.
@Suite struct UnitParityTests {
    private func check(
        _ actual: Double, _ expected: JSONValue, _ label: String, within tolerance: Double = 1e-9,
        location: SourceLocation = #_sourceLocation
    ) {
        let difference = abs(actual - expected.number)
        #expect(
            difference <= tolerance * max(1, abs(expected.number)), "\(label): \(actual), not \(expected)",
            sourceLocation: location)
    }

    @Test(arguments: GoldenFolder.cases("units"))
    func jointCounts(_ golden: GoldenCase) throws {
        let units = try UnitCase(golden).units()
        let counts = units.counts
        var actual: [String: Int] = [:]
        for (phone, name) in units.phones.enumerated() {
            for unit in 0..<units.table.count where counts[phone, unit] > 0 {
                actual["\(name),\(units.table.name(unit))"] = counts[phone, unit]
            }
        }
        var expected: [String: Int] = [:]
        for row in try golden.table("joint_counts.csv") {
            expected["\(row["phone"] ?? ""),\(row["unit"] ?? "")"] = Int(row["frames"] ?? "")
        }
        #expect(actual == expected)
    }

    @Test(arguments: GoldenFolder.cases("units"))
    func phones(_ golden: GoldenCase) throws {
        let system = try UnitCase(golden)
        let units = try system.units()
        let expected = try golden.json("expected.json")["phones"]
        #expect(units.unlabelledFrames == expected["unlabelled_frames"].integer)
        let silent = units.numbers(ofPhones: system.silence)
        for (key, scores) in [
            ("all", units.counts.scores()), ("without_silence", units.counts.scores(leavingOut: silent)),
        ] {
            let expected = expected[key]
            #expect(scores.frames == expected["frames"].integer, "\(key)")
            #expect(scores.phones == expected["phones"].integer, "\(key)")
            #expect(scores.units == expected["units"].integer, "\(key)")
            check(scores.phonePurity, expected["phone_purity"], "\(key) phone purity")
            check(scores.clusterPurity, expected["cluster_purity"], "\(key) cluster purity")
            check(scores.majorityPhone, expected["majority_phone"], "\(key) majority phone")
            check(scores.phoneEntropy, expected["H_phone_bits"], "\(key) H(phone)")
            check(scores.unitEntropy, expected["H_unit_bits"], "\(key) H(unit)")
            check(scores.mutualInformation, expected["MI_bits"], "\(key) MI")
            check(scores.phoneNormalizedMutualInformation, expected["PNMI"], "\(key) PNMI")
            check(scores.phoneNormalizedMutualInformation, expected["homogeneity"], "\(key) homogeneity")
            check(scores.completeness, expected["completeness"], "\(key) completeness")
            check(scores.vMeasure, expected["v_measure"], "\(key) V-measure")
            check(scores.vMeasure, expected["NMI"], "\(key) NMI")
        }
    }

    @Test(arguments: GoldenFolder.cases("units"))
    func boundaries(_ golden: GoldenCase) throws {
        let system = try UnitCase(golden)
        let expected = try golden.json("expected.json")["boundaries"]
        for (key, tolerance) in [
            ("", expected["tolerance_s"].number), ("tolerance_10_ms", 0.01), ("tolerance_30_ms", 0.03),
            ("tolerance_40_ms", 0.04),
        ] {
            let units = try system.units(tolerance: tolerance)
            let scores = units.boundaries
            let values = key.isEmpty ? expected : expected[key]
            #expect(scores.hits == values["hits"].integer, "\(key)")
            #expect(scores.reference == values["reference"].integer, "\(key)")
            #expect(scores.units == values["units"].integer, "\(key)")
            check(scores.precision, values["precision"], "\(key) precision")
            check(scores.recall, values["recall"], "\(key) recall")
            check(scores.f1, values["F1"], "\(key) F1")
            check(scores.overSegmentation, values["over_segmentation"], "\(key) over-segmentation")
            check(scores.rValue, values["R_value"], "\(key) R-value")
            guard key.isEmpty else { continue }
            for (utterance, values) in zip(units.utterances, values["per_utterance"].items) {
                #expect(utterance.name.description == values["name"].string)
                #expect(utterance.boundaries.hits == values["hits"].integer, "\(utterance.name)")
                #expect(utterance.boundaries.reference == values["reference"].integer, "\(utterance.name)")
                #expect(utterance.boundaries.units == values["units"].integer, "\(utterance.name)")
            }
        }
    }

    @Test(arguments: GoldenFolder.cases("units"))
    func sequences(_ golden: GoldenCase) throws {
        let system = try UnitCase(golden)
        let counts = try system.units().sequences
        let expected = try golden.json("expected.json")["sequence"]
        #expect(counts.frames == expected["frames"].integer)
        check(counts.seconds, expected["seconds"], "seconds")
        check(counts.nominalBitrate(codewords: system.codewords), expected["nominal_bitrate"], "nominal")
        check(
            100 * SequenceCounts.nominalBits(codewords: system.codewords), expected["nominal_bitrate_100Hz"],
            "nominal at 100 Hz")
        let groups = expected["groups"].items
        #expect(counts.groupUsage.count == groups.count)
        for ((usage, perplexity), group) in zip(zip(counts.groupUsage, counts.fairseqPerplexities), groups) {
            #expect(usage.used == group["used"].integer)
            check(usage.entropy, group["entropy_bits"], "group's entropy")
            check(usage.perplexity, group["perplexity"], "group's perplexity")
            check(perplexity, group["fairseq_code_perplexity"], "fairseq's perplexity")
        }
        #expect(counts.usage.used == expected["joint"]["used"].integer)
        check(counts.usage.entropy, expected["joint"]["entropy_bits"], "entropy")
        check(counts.usage.perplexity, expected["joint"]["perplexity"], "perplexity")
        check(counts.bitrate, expected["bitrate"], "bitrate")
        let runs = expected["runs"]
        #expect(counts.runs == runs["count"].integer)
        check(counts.meanRun, runs["mean_frames"], "mean run")
        check(counts.medianRun, runs["median_frames"], "median run")
        #expect(counts.longestRun == runs["max_frames"].integer)
        check(counts.changeRate, runs["change_rate"], "change rate")
        let histogram = Dictionary(
            uniqueKeysWithValues: runs["histogram"].members.map { (Int($0), $1.integer) })
        #expect(Dictionary(uniqueKeysWithValues: counts.runLengths.map { (Optional($0), $1) }) == histogram)
        let once = expected["deduplicated"]
        #expect(counts.runs == once["units"].integer)
        check(counts.runsPerSecond, once["units_per_second"], "runs per second")
        check(counts.runUsage.entropy, once["entropy_bits"], "entropy of runs")
        check(counts.runBitrate, once["bitrate"], "bitrate of runs")
        for (pairs, key) in [
            (counts.framePairStatistics, "bigram"), (counts.runPairStatistics, "bigram_deduplicated"),
        ] {
            #expect(pairs.pairs == expected[key]["pairs"].integer)
            #expect(pairs.distinct == expected[key]["distinct"].integer)
            check(pairs.entropy, expected[key]["entropy_bits"], key)
            check(pairs.conditionalEntropy, expected[key]["conditional_entropy_bits"], "conditional \(key)")
        }
    }

    @Test(arguments: GoldenFolder.cases("bootstrap"))
    func bootstrap(_ golden: GoldenCase) throws {
        let expected = try golden.json("expected.json")
        let name = expected["system"].string?.split(separator: "/").last.map(String.init) ?? ""
        let folder = golden.folder.deletingLastPathComponent().deletingLastPathComponent()
        let system = try UnitCase(GoldenCase(folder: folder.appendingPathComponent("units/\(name)")))
        let units = try system.units()
        #expect(units.utterances.map(\.name.description) == expected["utterances"].items.map(\.string))
        let indices = try NumpyArray(path: golden.path("indices.npy"))
        let draws = try #require(indices.integers)
        let count = units.utterances.count
        #expect(indices.shape == [expected["resamples"].integer, count])
        let bootstrap = Bootstrap(
            draws: stride(from: 0, to: draws.count, by: count).map { Array(draws[$0..<$0 + count]) },
            utterances: count)
        let figures = bootstrap.figures(of: units, silence: system.silence)
        let point = units.scores(silence: system.silence)
        for (place, figure) in UnitScores.figures.enumerated() where expected["point"][figure.name] != .null {
            check(figure.value(point), expected["point"][figure.name], figure.name)
            check(figures[0][place], expected["first_resample"][figure.name], "first \(figure.name)")
            let interval = Bootstrap.Interval(figures.map { $0[place] })
            let bounds = expected["interval"][figure.name].items
            check(interval.lower, bounds[0], "lower \(figure.name)")
            check(interval.upper, bounds[1], "upper \(figure.name)")
            check(interval.standardError, expected["standard_error"][figure.name], "error of \(figure.name)")
        }
        #expect(expected["point"].members.count == UnitScores.figures.count - 1)
    }
}
