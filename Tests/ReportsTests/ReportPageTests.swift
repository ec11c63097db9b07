import Evaluation
import Files
import Foundation
import Reports
import Speech
import TestSupport
import Testing

@Suite struct ReportPageTests {
    private static let log = """
        {"type":"train","update":10,"max_updates":20,"loss_bits":5.5,"chance_bits":4.83,"first_step":3,"accuracy_per_step":[0.2,"nan",0.1],"perplexity_per_group":[2,3],"distinct_codes_per_group":[4,5],"codebook_size":64,"learning_rate":0.001,"temperature":2,"gradient_norm":3}
        {"type":"validation","update":10,"loss_bits":4.5,"accuracy_per_step":[0.3,0.1]}
        {"type":"warning","update":12,"message":"careful <b>"}
        {"type":"train","update":20,"loss_bits":3.5,"chance_bits":4.83,"accuracy_per_step":[0.4,0.3,0.2],"perplexity_per_group":[9,8],"gradient_norm":"inf"}

        """

    private func run(_ name: String, _ text: String = log, configuration: String? = nil) throws -> RunReport {
        let folder = try TemporaryFolder()
        let log = try RunLog(path: try folder.write(text, to: "log.jsonl"))
        return RunReport(name: name, log: log, configuration: configuration, facts: [], chanceAccuracy: 0.1)
    }

    private func page(_ runs: [RunReport], _ units: [UnitsReport] = []) -> String {
        ReportPage(program: "vqw2v 0", runs: runs, units: units).html
    }

    @Test func theLogIsReadByKind() throws {
        let log = try run("a").log
        #expect(log.points("loss_bits", "train").map(\.y) == [5.5, 3.5])
        #expect(log.accuracies("validation").map(\.y) == [0.2])
        let mean = try #require(log.accuracies("train").first?.y)
        #expect(abs(mean - 0.15) < 1e-12)
        #expect(log.listPoints("perplexity_per_group", "train").map { $0.map(\.y) } == [[2, 9], [3, 8]])
        #expect(log.points("gradient_norm", "train").count == 1)
        #expect(log.updates == 20 && log.last("codebook_size") == 64)
    }

    @Test func aLastLineThatWasCutOffIsLeftOutAndOthersAreRefused() throws {
        let folder = try TemporaryFolder()
        let cut = try folder.write(Self.log + #"{"type":"tr"#, to: "cut")
        #expect(try RunLog(path: cut).updates == 20)
        let bad = try folder.write("{}\n" + Self.log, to: "bad")
        #expect(message { try RunLog(path: bad) }.hasPrefix("\(bad):1: is no line of a training log"))
        let empty = try folder.write("", to: "empty")
        #expect(message { try RunLog(path: empty) }.hasPrefix("\(empty): tells of no update yet"))
    }

    @Test func aRunHasAFigureForWhatItsLogTells() throws {
        let html = page([try run("first", configuration: "a:\n  b: 1\n")])
        for title in [
            "Loss", "Accuracy", "Accuracy by step ahead", "Codebook perplexity", "Codewords in use",
            "Learning rate",
            "Temperature", "Gradient norm",
        ] { #expect(html.contains("<h3>\(title)</h3>"), "\(title)") }
        #expect(!html.contains("<h3>Speed</h3>"))
        #expect(html.contains("careful &lt;b&gt;") && !html.contains("careful <b>"))
        #expect(html.contains("data-name=\"chance\" data-points=\"48,0,4.83;410,20,4.83\""))
        #expect(html.contains("<pre tabindex=\"0\">a:\n  b: 1\n</pre>"))
        #expect(html.hasPrefix("<!DOCTYPE html>") && !html.contains("http://") && !html.contains("https://"))
    }

    /// Logs of earlier versions do not tell.
    @Test func theEnvironmentIsThatOfTheLastStart() throws {
        let first = #"{"type":"environment","update":0,"processor":"old","threads":1}"# + "\n"
        let last =
            #"{"type":"environment","update":20,"processor":"<P>","instructions":"AVX2","threads":4,"processes":2,"#
            + #""operating_system":"Debian"}"# + "\n"
        let html = page([try run("a", first + Self.log + last)])
        for (label, value) in [
            ("processor", "&lt;P&gt;"), ("instructions", "AVX2"), ("threads", "4"), ("processes", "2"),
            ("operating system", "Debian"),
        ] { #expect(html.contains("<tr><th scope=\"row\">\(label)</th><td>\(value)</td></tr>"), "\(label)") }
        #expect(!page([try run("a")]).contains(">processor<"))
        #expect(message { try run("a", first) }.contains("tells of no update yet"))
    }

    @Test func severalRunsStandSideBySide() throws {
        let html = page([
            try run("one", configuration: "a:\n  b: 1\n  c: 2\n"),
            try run("two", configuration: "a:\n  b: 3\n  c: 2\n"),
        ])
        #expect(
            html.contains("data-name=\"one, validation\"") && html.contains("data-name=\"two, validation\""))
        #expect(html.contains("<tr><th scope=\"row\">a.b</th><td>1</td><td>3</td></tr>"))
        #expect(!html.contains("a.c</th>"))
    }

    @Test func unitsHaveATableOfPhonesAndTimelines() throws {
        let centres = FrameCentres.usual
        let intervals = [LabelledInterval(0, 0.05, "p&"), LabelledInterval(0.05, 0.1, "q")]
        let ids: [Int32] = [0, 0, 0, 1, 1, 1, 1, 2]
        var units = LabelledUnits(centres: centres, groups: 1)
        units.add(name: "u", ids: ids, intervals: intervals, seconds: 0.1)
        let report = try UnitReport(units: units, codewords: 4, isLabelled: true, silence: [], resamples: 0)
        let timeline = UnitTimeline(
            name: "u", samples: (0..<1600).map { Float(sin(Double($0) / 5)) }, centres: centres, units: ids,
            unitName: { "unit\($0)" }, intervals: intervals)
        let html = page([], [UnitsReport(name: "ids", report: report, timelines: [timeline])])
        #expect(html.contains("Phones against units: ids") && html.contains("svg class=\"heatmap\""))
        #expect(html.contains("data-seconds=\"0.1\"") && html.contains("src=\"data:audio/wav;base64,UklGR"))
        // 3, 4 and 1 of 8 frames.
        #expect(html.contains("<th scope=\"row\">entropy, bits</th><td>1.406</td>"))
        #expect(html.contains("<title>unit0</title>") && html.contains("<title>p&amp;</title>"))
        #expect(html == page([], [UnitsReport(name: "ids", report: report, timelines: [timeline])]))
    }

    @Test func evaluationsHaveABarForEachSystem() throws {
        let folder = try TemporaryFolder()
        let text = """
            {"systems":[{"name":"model","sequence":{"joint":{"entropy_bits":2.5}},"phones":{"all":{"PNMI":0.4}},"intervals":{"PNMI":{"lower":0.3,"upper":0.5}},
            "abx":[{"of":"ids","speakers":"within","error":0.125}]},{"name":"<mfcc>","phones":{"all":{"PNMI":0.2}}}]}
            """
        let evaluation = try EvaluationReport(path: try folder.write(text, to: "e.json"))
        let html = ReportPage(program: "", runs: [], units: [], evaluations: [evaluation]).html
        #expect(html.contains("<th scope=\"row\">PNMI</th><td>0.4 [0.3, 0.5]</td><td>0.2</td>"))
        #expect(html.contains("<th scope=\"row\">entropy, bits</th><td>2.5</td><td>–</td>"))
        #expect(html.contains("ABX error of ids, within speakers</th><td>12.5 %</td><td>–</td>"))
        #expect(html.contains("width=\"278.4\" height=\"14\"") && html.contains("&lt;mfcc&gt;</text>"))
        let other = try folder.write("{}", to: "other.json")
        #expect(
            message { try EvaluationReport(path: other) }.hasPrefix("\(other): holds no figures of systems"))
    }

    @Test func settingsAreFoundByTheirPath() {
        let yaml = "# c\nmodel:\n  kind: gumbel\n  layers:\n    - [1, 2]\n    - [3]\nseed: 1\n"
        let settings = ConfigurationLines.settings(of: yaml)
        #expect(settings.map(\.key) == ["model.kind", "model.layers", "seed"])
        #expect(settings.map(\.value) == ["gumbel", " - [1, 2] - [3]", "1"])
    }
}
