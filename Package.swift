// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "vqw2v",
    products: [
        .executable(name: "vqw2v", targets: ["vqw2v"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "Speech", targets: ["Speech"]),
        .library(name: "VQWav2Vec", targets: ["VQWav2Vec"]),
        .library(name: "Interchange", targets: ["Interchange"]),
        .library(name: "Training", targets: ["Training"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CMpg123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),

        // The library, lowest layer first: a target imports only targets above it in this list.
        .target(name: "CKernels"),
        .target(name: "Tensors", dependencies: ["COpenBLAS", "CKernels"]),
        .target(name: "Speech", dependencies: ["CSndFile", "CMpg123", "CSoxr", "Tensors"]),
        .target(name: "VQWav2Vec", dependencies: ["Tensors"]),
        .target(
            name: "Interchange",
            dependencies: [
                "CZlib", "CNettle", "VQWav2Vec",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["ONNX/onnx.proto"]),
        .target(
            name: "Training",
            dependencies: [
                "Tensors", "Speech", "VQWav2Vec", "Interchange", .product(name: "Yams", package: "Yams"),
            ]),
        .executableTarget(
            name: "vqw2v",
            dependencies: [
                "Tensors", "Speech", "VQWav2Vec", "Interchange", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // docs/straight-through.md, with numbers.
        .executableTarget(
            name: "straight-through-example", dependencies: ["Tensors"], path: "Examples/StraightThrough"),

        // The README's section on the library.
        .executableTarget(
            name: "library-example", dependencies: ["Tensors", "VQWav2Vec", "Training"],
            path: "Examples/Library"),

        .testTarget(
            name: "InterchangeTests",
            dependencies: [
                "Interchange", "VQWav2Vec", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "CKernels"]),
        .testTarget(
            name: "VQWav2VecTests", dependencies: ["Tensors", "VQWav2Vec", "straight-through-example"]),
        .testTarget(
            name: "GoldenTests",
            dependencies: ["Tensors", "Speech", "VQWav2Vec", "Interchange", "Training"],
            exclude: ["Cases"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Tensors", "Speech", "VQWav2Vec", "Interchange", "Training"]),
        .testTarget(
            name: "SpeechTests", dependencies: ["Speech", "CSndFile", "CSoxr"], exclude: ["Fixtures"]),
        .testTarget(name: "CommandTests", dependencies: ["vqw2v"]),
    ],
    swiftLanguageModes: [.v6]
)
