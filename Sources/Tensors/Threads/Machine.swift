import CKernels
import Foundation

/// The machine that a process runs on, for records.
public enum Machine {
    /// The model of the processor as the system names it; where it names none, as on many of Arm's, the architecture.
    public static var processor: String {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        let model = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces) ?? ""
        return model.isEmpty ? architecture : model
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }

    /// The widest instructions that products of matrices are written for and the processor has.
    public static var instructions: String {
        switch vq_widest_instructions() {
        case VQ_AVX512: "AVX-512"
        case VQ_AVX2: "AVX2"
        default: "those of every \(architecture)"
        }
    }

    /// `Debian GNU/Linux 12 (bookworm)`.
    public static var operatingSystem: String { ProcessInfo.processInfo.operatingSystemVersionString }
}
