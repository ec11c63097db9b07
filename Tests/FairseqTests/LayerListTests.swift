import Fairseq
import Layers
import TensorFiles
import Tensors
import TestSupport
import Testing
import VQWav2Vec

/// fairseq's lists of layers, which it evaluates and we only read.
@Suite struct LayerListTests {
    private func layers(_ source: String) throws -> [ConvolutionLayer] {
        try FairseqConfiguration.model(["conv_feature_layers": .string(source)]).encoder.layers
    }

    private let a = ConvolutionLayer(512, 10, 5)
    private let b = ConvolutionLayer(16, 3, 2)

    @Test func whatPythonWouldMakeOfThem() throws {
        for (source, expected) in [
            ("[(512, 10, 5)]", [a]), ("[(512,10,5),(16,3,2)]", [a, b]), ("[(512, 10, 5),]", [a]),
            ("[(512, 10, 5,), (16, 3, 2,), ]", [a, b]), ("[(512, 10, 5)] * 3", [a, a, a]),
            ("2*[(512, 10, 5)]", [a, a]), ("[(512, 10, 5)] * 2 * 2", [a, a, a, a]),
            ("[(512, 10, 5)] * 2 + [(16, 3, 2)]", [a, a, b]),
            ("[(16, 3, 2)] + [(512, 10, 5)] * 2", [b, a, a]),
            ("([(16, 3, 2)] + [(512, 10, 5)]) * 2", [b, a, b, a]), ("(([(16, 3, 2)]))", [b]),
            ("[((512, 10, 5)), (16, (3), 2)]", nil), ("[] + [(16,3,2)]", [b]), ("[(16,3,2)] * 0", []),
            ("[]", []),
            (" [ ( 512 ,\t10 , 5 ) ]\n* 2 ", [a, a]),
        ] as [(String, [ConvolutionLayer]?)] {
            #expect((try? layers(source)) == expected, "\(source)")
        }
    }

    @Test(arguments: [
        "", " ", "[", "[(", "[(512", "[(512,", "[(512,10,5)", "(512,10,5)", "3", "3 * 4", "[(512,10,5)] * ",
        "[] []",
        "[(512,10,5)] + ", "[(512,10,5)] + 3", "[(512,10,5)] * [(1,1,1)]", "[(512,10,5)] * (1,1,1)",
        "[(512,10)]",
        "[(512,10,5,1)]", "[512,10,5]", "[[512,10,5]]", "[(512,10,0)]", "[(512,10,-5)]", "[(512,10,5.0)]",
        "[(512,10,5)(1,1,1)]", "[(512 10 5)]", "[,]", "[(,)]", "[()]", "[(512,10,5)]]", "[(512,10,5)];",
        "[(70000,1,1)]",
        "[(99999999999999999999999,1,1)]", "__import__('os').system('x')", "[(x, 1, 1)]",
        "[(1, 1, 1) for i in (1, 2)]",
        "[(1,1,1)] ** 2", "[(1,1,1)] - 1", "[(é,1,1)]",
    ])
    func refused(_ source: String) {
        #expect(message { _ = try layers(source) }.hasPrefix("fairseq's conv_feature_layers: "))
    }

    @Test func sizesAreBounded() {
        func refusal(_ source: String) -> String { message { _ = try layers(source) } }
        let one = "[(1,1,1)]"
        #expect(refusal("\(one) * 1000") == "no error")
        #expect(refusal("\(one) * 1001").contains("more than 1000 layers"))
        #expect(refusal("\(one) * 65535 * 65535 * 65535").contains("more than 1000"))
        #expect(refusal("\(one) * 1000 + \(one)").contains("more than 1000"))
        #expect(refusal("[" + String(repeating: "(1,1,1),", count: 1001) + "]").contains("more than 1000"))
        #expect(refusal(String(repeating: "(", count: 20_000)).contains("too many brackets"))
        #expect(refusal(String(repeating: "[", count: 20_000)).contains("expected") == false)
        #expect(refusal(String(repeating: " ", count: 60_000)).contains("too long"))
        #expect(refusal("[(1,1,65535)] * 3").contains("strides multiply"))
        #expect(refusal("[(1,1,65535)] * 900").contains("strides multiply"))
    }

    @Test func messagesSayWhere() {
        let text = message { _ = try layers("[(512, 10, 5), (512, 8 4)]") }
        #expect(
            text
                == "fairseq's conv_feature_layers: expected , or ) at character 24 of \"[(512, 10, 5), (512, 8 4)]\""
        )
    }
}
