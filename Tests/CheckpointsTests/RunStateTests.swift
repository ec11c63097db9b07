import Checkpoints
import Foundation
import Testing

struct RunStateTests {
    /// Checkpoints of every version hold it so.
    @Test func positionIsStoredAsTwoNumbers() throws {
        let position = RunState.Position(epoch: 4, batch: 17)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(position)
        #expect(String(decoding: json, as: UTF8.self) == #"{"batch":17,"epoch":4}"#)
        #expect(try JSONDecoder().decode(RunState.Position.self, from: json) == position)
    }
}
