import CKernels
import Foundation
import Synchronization

/// What the operands of large products are rounded to. Sums are float32, and so is all else.
public enum Precision: String, Codable, Sendable, CaseIterable {
    case float32
    /// The upper half of a float32: its range, 8 bits of precision.
    case bf16

    /// This, or float32 where the processor has no products of bfloat16.
    package var supported: Precision {
        self == .bf16 && BFloat16.chosen == VQ_BFLOAT16_NONE ? .float32 : self
    }

    /// This, or float32 where a product is too small for rounding to pay.
    package func forProduct(depth: Int, columns: Int) -> Precision {
        min(depth, columns) < Panels.width ? .float32 : supported
    }
}

/// By which instructions bfloat16 is multiplied.
public enum BFloat16: String, CaseIterable, Sendable {
    /// `vdpbf16ps`.
    case avx512
    /// Tiles.
    case amx
    /// In plain C the bits of `avx512`: very slow, for tests.
    case emulated
    /// The same of `amx`.
    case emulatedAMX = "emulated-amx"

    /// Overrides the choice: one of these names, or `none`.
    public static let variable = "VQW2V_BF16"

    /// Those that products use: the fastest that processor and system have, nil for none.
    public package(set) static var instructions: BFloat16? {
        get { allCases.first { $0.code == chosen } }
        set { choice.store(newValue?.code.rawValue ?? 0, ordering: .relaxed) }
    }

    static var chosen: vq_bfloat16_instructions {
        vq_bfloat16_instructions(rawValue: choice.load(ordering: .relaxed))
    }

    private static let choice = Atomic<UInt32>(initial.rawValue)

    /// What processor and system lack cannot be asked for.
    private static var initial: vq_bfloat16_instructions {
        let fastest = vq_fastest_bfloat16_instructions()
        guard let wanted = ProcessInfo.processInfo.environment[variable], !wanted.isEmpty else {
            return fastest
        }
        switch BFloat16(rawValue: wanted) {
        case .avx512?: return fastest == VQ_BFLOAT16_NONE ? fastest : VQ_BFLOAT16_AVX512
        case .amx?: return fastest == VQ_BFLOAT16_AMX ? fastest : VQ_BFLOAT16_NONE
        case let emulated?: return emulated.code
        case nil: return VQ_BFLOAT16_NONE
        }
    }

    /// Those that products of a precision use, for logs and comparisons; nil for float32, which has no choice.
    package static func used(for precision: Precision) -> String? {
        precision == .bf16 ? instructions?.rawValue ?? "none" : nil
    }

    /// For people.
    public var name: String {
        switch self {
        case .avx512: "AVX512_BF16"
        case .amx: "AMX_BF16"
        case .emulated: "an emulation of AVX512_BF16, very slow"
        case .emulatedAMX: "an emulation of AMX_BF16, very slow"
        }
    }

    var code: vq_bfloat16_instructions {
        switch self {
        case .avx512: VQ_BFLOAT16_AVX512
        case .amx: VQ_BFLOAT16_AMX
        case .emulated: VQ_BFLOAT16_EMULATED_AVX512
        case .emulatedAMX: VQ_BFLOAT16_EMULATED_AMX
        }
    }
}
