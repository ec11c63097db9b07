import Foundation
import Testing

@Suite struct InspectTests {
    @Test func jsonHoldsWhatTheTextTells() throws {
        let place = try Workplace()
        let model = try place.train()
        let result = try place.program.run("inspect", "--json", model)
        #expect(result.code == 0 && result.errors.isEmpty)
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["checkpoint"] as? String == model)
        #expect(object["update"] as? Int == 6 && object["max_updates"] as? Int == 6)
        #expect((object["data"] as? [String: Any])?["utterances"] as? Int == 4)
        let codebook = try #require(object["codebook"] as? [String: Any])
        #expect(codebook["groups"] as? Int == 2 && codebook["codewords"] as? Int == 8)
        #expect((codebook["usage"] as? [[String: Any]])?.count == 2)
        let parts = try #require(object["parts"] as? [[String: Any]])
        #expect(parts.compactMap { $0["parameters"] as? Int }.reduce(0, +) == object["parameters"] as? Int)
        let text = try place.program.run("inspect", model).output.replacing(",", with: "")
        #expect(text.contains("parameters    \(try #require(object["parameters"] as? Int))\n"), "\(text)")
        // Keys are those of files.
        let configuration = try #require(object["configuration"] as? [String: Any])
        try place.write(
            Array(try JSONSerialization.data(withJSONObject: configuration)), to: "configuration.yaml")
        let config = try place.program.run("config", "--config", "configuration.yaml")
        #expect(config.output == String(decoding: try place.bytes("run/config.yaml"), as: UTF8.self))
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let place = try Workplace()
        try place.train()
        #expect(try place.program.run("convert", "run/last.safetensors", "model.pt").code == 0)
        let result = try place.program.run("inspect", "--json", "model.pt")
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        for key in ["data", "best_loss", "initialized_from", "max_updates"] { #expect(object[key] == nil) }
        #expect((object["codebook"] as? [String: Any])?["usage"] == nil)
    }
}
