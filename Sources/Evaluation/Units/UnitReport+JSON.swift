import TensorFiles

extension SystemReport {
    /// The figures as JSON, entropies in bits, times in seconds.
    public var json: JSONValue {
        var object = JSONObject()
        object["name"] = .string(name)
        if let units { object = object.merging(units.json) }
        if !abx.isEmpty { object["abx"] = .array(abx.map(\.json)) }
        for (name, figures) in others { object[name] = figures.json }
        return .object(object)
    }
}

extension UnitReport {
    var json: JSONObject {
        var object = JSONObject()
        object["groups"] = .integer(groups)
        if let codewords { object["codewords"] = .integer(codewords) }
        object["sequence"] = units.sequences.json(
            codewords: codewordsOfGroups, isEstimate: lengthsAreEstimates)
        if let scores {
            var phones = JSONObject()
            phones["unlabelled_frames"] = .integer(units.unlabelledFrames)
            phones["all"] = scores.phones.json
            phones["without_silence"] = scores.phonesWithoutSilence.json
            object["phones"] = .object(phones)
            var boundaries = scores.boundaries.json
            boundaries["tolerance_s"] = .number(units.tolerance)
            var merged = scores.mergedBoundaries.json
            merged["shorter_than_frames"] = .integer(units.shortestRun)
            boundaries["merged"] = .object(merged)
            object["boundaries"] = .object(boundaries)
        }
        if !intervals.isEmpty {
            object["intervals"] = .object(
                JSONObject(
                    intervals.mapValues { interval in
                        .object([
                            ("lower", .number(interval.lower)), ("upper", .number(interval.upper)),
                            ("standard_error", .number(interval.standardError)),
                        ])
                    }))
        }
        return object
    }
}

extension JSONValue {
    package static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(ordered: members))
    }
}

extension JSONObject {
    package init(ordered members: [(String, JSONValue)]) {
        self.init()
        for (key, value) in members { self[key] = value }
    }
}

extension ABXFigure {
    var json: JSONValue {
        .object([
            ("of", .string(content)), ("speakers", .string(speakers)),
            ("distance", .string(distance.rawValue)), ("error", .number(error)),
            ("error_weighted", .number(scores.weightedError)), ("cells", .integer(scores.task.cells.count)),
            ("triples", .integer(scores.triples)), ("items", .integer(scores.task.items.items.count)),
        ])
    }
}

extension PhoneScores {
    /// Shares of no frames are null.
    var json: JSONValue {
        func share(_ value: Double) -> JSONValue { frames > 0 ? .number(value) : .null }
        return .object([
            ("frames", .integer(frames)), ("phones", .integer(phones)), ("units", .integer(units)),
            ("phone_purity", share(phonePurity)), ("cluster_purity", share(clusterPurity)),
            ("majority_phone", share(majorityPhone)), ("H_phone_bits", .number(phoneEntropy)),
            ("H_unit_bits", .number(unitEntropy)), ("MI_bits", .number(mutualInformation)),
            ("PNMI", share(phoneNormalizedMutualInformation)),
            ("homogeneity", share(phoneNormalizedMutualInformation)),
            ("completeness", share(completeness)), ("v_measure", share(vMeasure)), ("NMI", share(vMeasure)),
        ])
    }
}

extension BoundaryScores {
    var json: JSONObject {
        JSONObject(ordered: [
            ("hits", .integer(hits)), ("reference", .integer(reference)), ("units", .integer(units)),
            ("precision", .number(precision)), ("recall", .number(recall)), ("F1", .number(f1)),
            ("over_segmentation", .number(overSegmentation)), ("R_value", .number(rValue)),
        ])
    }
}

extension SequenceCounts {
    func json(codewords: [Int]?, isEstimate: Bool) -> JSONValue {
        var object = JSONObject(ordered: [
            ("utterances", .integer(utterances)), ("frames", .integer(frames)), ("seconds", .number(seconds)),
            ("seconds_are_estimates", .boolean(isEstimate)),
        ])
        if let codewords {
            object["nominal_bitrate"] = .number(nominalBitrate(codewords: codewords))
            object["nominal_bits_per_frame"] = .number(Self.nominalBits(codewords: codewords))
        }
        object["groups"] = .array(
            zip(groupUsage, fairseqPerplexities).map { usage, perplexity in
                .object(usage.members + [("fairseq_code_perplexity", .number(perplexity))])
            })
        object["joint"] = .object(usage.members)
        object["bitrate"] = .number(bitrate)
        object["runs"] = .object([
            ("count", .integer(runs)), ("mean_frames", .number(meanRun)),
            ("median_frames", .number(medianRun)),
            ("max_frames", .integer(longestRun)), ("change_rate", .number(changeRate)),
            (
                "histogram",
                .object(runLengths.sorted { $0.key < $1.key }.map { ("\($0.key)", .integer($0.value)) })
            ),
        ])
        object["deduplicated"] = .object([
            ("units", .integer(runs)), ("units_per_second", .number(runsPerSecond)),
            ("entropy_bits", .number(runUsage.entropy)), ("bitrate", .number(runBitrate)),
        ])
        object["bigram"] = framePairStatistics.json
        object["bigram_deduplicated"] = runPairStatistics.json
        return .object(object)
    }
}

extension SequenceCounts.Usage {
    var members: [(String, JSONValue)] {
        [
            ("used", .integer(used)), ("entropy_bits", .number(entropy)), ("perplexity", .number(perplexity)),
        ]
    }
}

extension SequenceCounts.PairStatistics {
    var json: JSONValue {
        .object([
            ("pairs", .integer(pairs)), ("distinct", .integer(distinct)), ("entropy_bits", .number(entropy)),
            ("conditional_entropy_bits", .number(conditionalEntropy)),
        ])
    }
}
