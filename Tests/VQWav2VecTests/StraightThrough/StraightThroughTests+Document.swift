import Foundation
import Layers
import Testing
import straight_through_example

extension StraightThroughTests {
    @Suite("docs/straight-through.md says what the code does")
    struct Document {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let text: String

        init() throws {
            let file = folder.appending(path: "../../../docs/straight-through.md")
            text = try String(contentsOf: file, encoding: .utf8)
        }

        /// The lines of the block of numbers.
        private var block: [String] {
            get throws {
                let parts = text.components(separatedBy: "```text\n")
                try #require(parts.count == 2, "one block of output")
                let block = try #require(parts[1].components(separatedBy: "\n```").first)
                return block.components(separatedBy: "\n")
            }
        }

        /// The numbers behind a label, in its first line.
        private func numbers(_ label: String) throws -> [Double] {
            let line = try #require(try block.first { $0.hasPrefix(label + "  ") }, "\(label)")
            return line.dropFirst(label.count).split(separator: " ").compactMap { Double($0) }
        }

        @Test("The worked example prints what docs/straight-through.md shows")
        func output() throws {
            let (shown, printed) = (try block, WorkedExample().lines())
            try #require(shown.count == printed.count)
            for (shown, printed) in zip(shown, printed) {
                let words = (shown.split(separator: " "), printed.split(separator: " "))
                #expect(words.0.count == words.1.count, "\(printed)")
                for (a, b) in zip(words.0, words.1) where a != b {
                    // One unit of the last decimal: processors may round differently.
                    let numbers = (Double(a) ?? .nan, Double(b) ?? .nan)
                    #expect(abs(numbers.0 - numbers.1) < 1.01e-4, "\(shown) is now \(printed)")
                }
            }
        }

        @Test("The numbers are those of the equations, in double precision")
        func equations() throws {
            let (l, n, tau, h) = ([0.8, 0.5, -0.2], [-0.3, 0.6, 0.4], 2.0, [1, -0.5])
            let codebook = [[1, 0.2], [0.1, 0.9], [-0.6, -0.4]]
            let noisy = zip(l, n).map { $0 + $1 }
            let p = softmax(noisy, temperature: tau)
            let chosen = codebook[noisy.indexOfMaximum]
            let score = h[0] * chosen[0] + h[1] * chosen[1]
            let g = h.map { $0 * (1 / (1 + exp(-score)) - 1) }
            let slopes = codebook.map { $0[0] * g[0] + $0[1] * g[1] }
            let gradient = throughSoftmax(slopes, p: p, temperature: tau)
            let noiseFree = softmax(l, temperature: 1)
            let perplexity = exp(-noiseFree.reduce(0) { $0 + $1 * log($1) })
            let diversity = throughSoftmax(
                noiseFree.map { perplexity * (log($0) + 1) }, p: noiseFree, temperature: 1)
            for (label, expected) in [
                ("l + n", noisy), ("p = softmax((l + n)/tau)", p), ("zhat = E[i]", chosen),
                ("i = argmax p", [Double(noisy.indexOfMaximum)]),
                ("L = -log sigmoid<h, zhat>", [log(1 + exp(-score))]), ("g = dL/dzhat", g), ("E g", slopes),
                ("dL/dl", gradient), ("  differences of <g, E'p>", gradient),
                ("  differences of L", [0, 0, 0]), ("dL/dE[0]", [0, 0]), ("dL/dE[1]", g),
                ("dL/dE[2]", [0, 0]), ("d(L + D)/dl", diversity),
            ] {
                let shown = try numbers(label)
                #expect(shown.count == expected.count, "\(label)")
                #expect(zip(shown, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(label): \(expected)")
            }
        }

        @Test("Each test that it names exists")
        func testNames() throws {
            let folders = [folder, folder.appending(path: "../../Wav2Vec2Tests")]
            let files = try folders.flatMap {
                try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
            }.filter { $0.pathExtension == "swift" }
            let sources = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
            let table = try #require(text.components(separatedBy: "## Claims and their tests").last)
            let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("\"") }
            #expect(rows.count > 20)
            for row in rows {
                let name = row.split(separator: "\"")[1]
                let exists = sources.contains("\"\(name)\"")
                #expect(exists, "\(name)")
            }
        }
    }
}
