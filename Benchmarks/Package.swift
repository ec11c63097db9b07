// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that a user's build does not pay for it.

/// What all executables here work on: the paper's model, its inputs, and the limits of the machine.
let workloads: [Target.Dependency] = [
    "Workloads",
    .product(name: "Tensors", package: "vqw2v"),
    .product(name: "Autodiff", package: "vqw2v"),
    .product(name: "Layers", package: "vqw2v"),
    .product(name: "VQWav2Vec", package: "vqw2v"),
    .product(name: "Wav2Vec2", package: "vqw2v"),
    .product(name: "Training", package: "vqw2v"),
]

/// Benchmarks that `swift package benchmark` finds and runs, each in a process of its own.
func suite(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: workloads + ["Measuring", .product(name: "Benchmark", package: "benchmark")],
        path: "Benchmarks/\(name)",
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vqw2v", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Without its traits it counts no allocations, and needs no library of its own.
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CReferenceBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(
            name: "Workloads",
            dependencies: [
                "CReferenceBLAS",
                .product(name: "Tensors", package: "vqw2v"),
                .product(name: "Autodiff", package: "vqw2v"),
                .product(name: "Layers", package: "vqw2v"),
                .product(name: "VQWav2Vec", package: "vqw2v"),
                .product(name: "Wav2Vec2", package: "vqw2v"),
                .product(name: "Training", package: "vqw2v"),
            ]),

        .target(
            name: "Measuring",
            dependencies: workloads + [.product(name: "Benchmark", package: "benchmark")]),

        suite("Kernels"),
        suite("Update"),
        suite("Tokens"),
        suite("Program"),
        suite("Scaling"),

        // Our side of `make benchmark-peers`.
        .executableTarget(
            name: "PeerTimings",
            dependencies: workloads + [
                .product(name: "Evaluation", package: "vqw2v"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
