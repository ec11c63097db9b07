import Foundation
import Testing

/// Files that belong together, or are none of an output's.
@Suite struct BesideOutputTests {
    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace(recordings: 3)
        model = try place.train()
    }

    private func run(_ line: String) throws -> Program.Result { try place.program.shell("$VQW2V \(line)") }

    /// What an output no longer has beside it would be taken for its own.
    @Test(arguments: [
        ("kaldi", "ids.durations.ark", "ids.scp"), ("gslm", "ids.dur", "ids"), ("fairseq", "ids.dur", "ids"),
    ])
    func durationsOfAnEarlierOutput(format: String, durations: String, units: String) throws {
        let line = "quantize -c \(model) -f \(format) -o ids"
        let more = format == "kaldi" ? "--ids combined --deduplicate" : "--deduplicate"
        #expect(try run("\(line) \(more) data").code == 0)
        #expect(place.exists(durations))
        let again = try run("\(line) data/0.wav")
        #expect(again.code == 0 && !place.exists(durations), "\(again.errors)")
        let recordings = format == "fairseq" ? "--recordings data/0.wav" : ""
        let judged = try run("evaluate --json -u \(units) --units-format \(format) \(recordings)")
        #expect(judged.code == 0 && judged.output.contains(/"utterances" ?: 1\b/), "\(judged.errors)")
        // Those of somebody else stay.
        try place.write("mine", to: durations.replacing("ids", with: "other"))
        let refused = try run("\(line.replacing("-o ids", with: "-o other")) data")
        #expect(refused.code == 1 && refused.errors.contains("is there already"), "\(refused.errors)")
    }

    @Test func combinationsOfAnEarlierCodebook() throws {
        #expect(try run("quantize -c \(model) -o ids.tsv data").code == 0)
        #expect(try run("convert \(model) book -f codebook --tokens ids.tsv").code == 0)
        #expect(place.exists("book/combinations.tsv"))
        #expect(try run("convert \(model) book -f codebook").code == 0)
        #expect(!place.exists("book/combinations.tsv"))
    }

    @Test func aVocabularyOfAnotherOutput() throws {
        let line = "quantize -c \(model) --vocabulary words"
        for _ in 0..<2 { #expect(try run("\(line) -o train.tsv data").code == 0) }
        let before = try place.bytes("words/dict.txt")
        let other = try run("\(line) -o test.tsv data/0.wav")
        #expect(
            other.code == 1 && other.errors.contains("is there already and not known to belong to test.tsv"))
        #expect(try place.bytes("words/dict.txt") == before && !place.exists("test.tsv"))
        // As after a kill between the names of the vocabulary and of the output, which has its description within.
        let inside = "quantize -c \(model) --vocabulary inside -f safetensors -o ids data"
        #expect(try run(inside).code == 0)
        try FileManager.default.removeItem(atPath: "\(place.path)/ids")
        let again = try run(inside)
        #expect(again.code == 0 && place.exists("ids"), "\(again.errors)")
    }

    /// Two outputs that are begun together, and are told to write one file: the second one is refused at its end.
    @Test func aDictionaryOfTwoOutputs() throws {
        let line = "$VQW2V quantize -c \(model) -f fairseq"
        let both = try place.program.shell(
            "{ until [ -e short.src ]; do sleep 0.05; done; cat data/1.wav; } | "
                + "\(line) -o long.src --name long - & "
                + "sleep 0.5; \(line) -o short.src data/0.wav; first=$?; wait $!; echo $first $?")
        #expect(both.output == "0 1\n", "\(both.errors)")
        #expect(both.errors.contains("dict.txt is there already"), "\(both.errors)")
        #expect(place.exists("short.src") && !place.exists("long.src") && !place.exists("long.src.json"))
    }

    /// The files of a model's folder are inputs.
    @Test func aModelOfHuggingFace() throws {
        try place.write(
            Workplace.configuration.replacing(
                /(?s)encoder:.*steps: 2, negatives: 3}/,
                with: """
                    family: wav2vec2
                    extractor: {layers: [[8, 10, 5], [8, 8, 4]]}
                    quantizer: {groups: 2, variables: 8}
                    transformer: {layers: 1, width: 16, inner_width: 8, heads: 2, position_kernel: 2, position_groups: 2}
                    prediction: {width: 8, negatives: 3}
                    """), to: "tiny.yaml")
        let model = try place.train("other")
        #expect(try run("convert \(model) hf -f hf").code == 0)
        let before = try place.bytes("hf/model.safetensors")
        for line in [
            "quantize -c hf data -o hf/model.safetensors", "quantize -c hf data -o hf/config.json",
            "extract -c hf --layer z -f safetensors data -o hf/model.safetensors",
            "evaluate -c hf data --csv hf/model.safetensors",
            "convert hf hf/model.safetensors -f safetensors",
        ] {
            let result = try run(line)
            #expect(result.code == 1 && result.errors.contains("is an input"), "\(line): \(result.errors)")
            #expect(try place.bytes("hf/model.safetensors") == before)
        }
        // What else is in the folder of a model or a run is none, a table of an earlier evaluation for one.
        for folder in ["hf", "other"] {
            for line in ["evaluate --no-baseline --csv \(folder)/each.csv", "quantize -o \(folder)/ids.tsv"] {
                for _ in 0..<2 {
                    let result = try run("\(line) -c \(folder) data")
                    #expect(result.code == 0, "\(line): \(result.errors)")
                }
            }
        }
    }

    /// What is read beside what is named.
    @Test func inputsBesideOthers() throws {
        try place.writeArchive(recordings: 3)
        try place.write("u a-0 0 0.05\n", to: "segments")
        #expect(try run("quantize -c \(model) -f kaldi --ids combined --deduplicate -o k/x data").code == 0)
        #expect(try run("quantize -c \(model) -f npy -o n data").code == 0)
        for name in 0..<3 { try place.write("L\n", to: "data/\(name).ltr") }
        for line in [
            "evaluate -u k/x.ark --csv k/x.durations.ark", "evaluate -u k/x.scp --csv k/x.durations.scp",
            "evaluate -u n --csv n/0.npy", "report k/x.scp -o k/x.durations.ark",
            "quantize -c \(model) -o segments wav.scp",
            "quantize -c \(model) -f fairseq --labels ltr -o l.src --dictionary data/1.ltr data",
        ] {
            let result = try run(line)
            #expect(result.code == 1 && result.errors.contains("is an input"), "\(line): \(result.errors)")
        }
    }

    /// By whichever name its description stands.
    @Test func descriptionsByAnyName() throws {
        try place.write(
            Workplace.configuration.replacing("[8, 8, 4]", with: "[8, 8, 8]"), to: "tiny.yaml")
        let model = try place.train("other")
        #expect(try run("quantize -c \(model) -f kaldi -o x data").code == 0)
        #expect(try run("quantize -c \(model) -f safetensors -o y data").code == 0)
        let known = try run("evaluate --json -u x.scp")
        for (units, format) in [("x", "kaldi"), ("x.ark", "kaldi"), ("y", "safetensors")] {
            let result = try run("evaluate --json -u \(units) --units-format \(format)")
            #expect(result.code == 0, "\(result.errors)")
            let names = [known.output, result.output].map { $0.replacing(/"name" ?: "[^"]*"/, with: "") }
            #expect(names[0] == names[1], "\(units)")
        }
    }

    @Test func aRateThatIsNoneOfSpeech() throws {
        for index in 0..<5 {
            try place.write(waveFile(sweep(1500, start: index), rate: 500), to: "slow/\(index).wav")
        }
        let run = try place.program.run(
            "train", "slow", "--config", "tiny.yaml", "-o", "slow-run", "--set", "data.sample_rate=500")
        #expect(run.code == 0, "\(run.errors)")
    }
}
