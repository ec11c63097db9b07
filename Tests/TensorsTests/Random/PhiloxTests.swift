import OperationSupport
import Tensors
import Testing

@Suite struct PhiloxTests {
    /// The known answers published with the paper's code (Random123, `kat_vectors`): zeros, ones, digits of π.
    @Test func knownAnswers() {
        let ones = UInt32.max
        #expect(
            philox4x32(counter: (0, 0, 0, 0), key: (0, 0))
                == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            philox4x32(counter: (ones, ones, ones, ones), key: (ones, ones))
                == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            philox4x32(
                counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0)
            )
                == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    /// The words of a stream are those of successive counters.
    @Test func aStreamCountsBlocks() {
        var stream = RandomStream(seed: 12, purpose: .test, update: 34, item: 56)
        let key: (UInt32, UInt32) = (12, RandomStream.Purpose.test.number << 24)
        for block in 0..<5 as Range<UInt32> {
            let words = philox4x32(counter: (block, 34, 56, 0), key: key)
            #expect((stream.nextWord(), stream.nextWord(), stream.nextWord(), stream.nextWord()) == words)
        }
    }
}
