// swift-tools-version: 6.1
import PackageDescription

/// The MPI of the trait of that name, as pkg-config calls it: `VQW2V_MPI=mpich` builds with MPICH.
let mpi = Context.environment["VQW2V_MPI"] ?? "ompi-c"

let package = Package(
    name: "vqw2v",
    products: [
        .executable(name: "vqw2v", targets: ["vqw2v"]),
        .library(name: "Tensors", targets: ["Tensors"]),
        .library(name: "Autodiff", targets: ["Autodiff"]),
        .library(name: "Layers", targets: ["Layers"]),
        .library(name: "Speech", targets: ["Speech"]),
        .library(name: "VQWav2Vec", targets: ["VQWav2Vec"]),
        .library(name: "Wav2Vec2", targets: ["Wav2Vec2"]),
        .library(name: "Files", targets: ["Files"]),
        .library(name: "TensorFiles", targets: ["TensorFiles"]),
        .library(name: "TokenFiles", targets: ["TokenFiles"]),
        .library(name: "Fairseq", targets: ["Fairseq"]),
        .library(name: "HuggingFace", targets: ["HuggingFace"]),
        .library(name: "ONNXFiles", targets: ["ONNXFiles"]),
        .library(name: "Checkpoints", targets: ["Checkpoints"]),
        .library(name: "Training", targets: ["Training"]),
        .library(name: "Evaluation", targets: ["Evaluation"]),
        .library(name: "Reports", targets: ["Reports"]),
        .library(name: "Communication", targets: ["Communication"]),
        .library(name: "Tokenizers", targets: ["Tokenizers"]),
        .library(name: "CInterface", type: .dynamic, targets: ["CInterface"]),
    ],
    traits: [
        .trait(
            name: "MPI", description: "Work with many processes under mpirun or srun: needs OpenMPI or MPICH."
        ),
        .default(enabledTraits: []),
    ],
    // The versions that the tests were run with.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CMpg123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CMPI", pkgConfig: mpi, providers: [.apt(["libopenmpi-dev"])]),

        // The library, lowest layer first: a target imports only targets above it in this list.
        .target(name: "CKernels"),
        .target(name: "CProcess"),
        .target(name: "CMemory", dependencies: ["CProcess"]),
        .target(name: "Tensors", dependencies: ["COpenBLAS", "CKernels", "CProcess"]),
        .target(
            name: "Communication",
            dependencies: ["CKernels", "Tensors", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),
        .target(name: "Autodiff", dependencies: ["CKernels", "Tensors"]),
        .target(name: "Layers", dependencies: ["CKernels", "Tensors", "Autodiff"]),
        .target(name: "VQWav2Vec", dependencies: ["CKernels", "Tensors", "Autodiff", "Layers"]),
        .target(name: "Wav2Vec2", dependencies: ["Tensors", "Autodiff", "Layers"]),
        .target(
            name: "Files",
            dependencies: ["CNettle", "CProcess", .product(name: "SystemPackage", package: "swift-system")]),
        .target(
            name: "TensorFiles",
            dependencies: ["CZlib", "Files", .product(name: "SystemPackage", package: "swift-system")]),
        .target(
            name: "TokenFiles",
            dependencies: ["Files", "TensorFiles", .product(name: "SystemPackage", package: "swift-system")]),
        .target(
            name: "Fairseq",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Wav2Vec2", "Files", "TensorFiles",
            ]),
        .target(
            name: "HuggingFace",
            dependencies: [
                "Autodiff", "Layers", "Wav2Vec2", "Files", "TensorFiles",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "ONNXFiles",
            dependencies: [
                "Autodiff", "Layers", "VQWav2Vec", "Wav2Vec2", "Files", "Fairseq",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["onnx.proto"]),
        .target(
            name: "Checkpoints",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Wav2Vec2", "Files", "TensorFiles", "Fairseq",
                "HuggingFace", .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Speech",
            dependencies: [
                "CSndFile", "CMpg123", "CSoxr", "Files", "Tensors", "Layers",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "Evaluation",
            dependencies: ["CKernels", "Tensors", "Communication", "Files", "TensorFiles", "Speech"]),
        .target(
            name: "Reports",
            dependencies: [
                "CKernels", "CZlib", "Files", "TensorFiles", "Speech", "Evaluation",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["TensorBoard/event.proto"]),
        .target(
            name: "Tokenizers",
            dependencies: ["Tensors", "Layers", "Files", "Checkpoints", "Evaluation"]),

        // The functions of vqw2v.h, which is in CVqw2v.
        .systemLibrary(name: "CVqw2v"),
        .target(
            name: "CInterface",
            dependencies: [
                "CVqw2v", "COpenBLAS", "Tensors", "Layers", "Files", "TensorFiles", "Checkpoints", "Speech",
                "Evaluation", "Tokenizers", .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["vqw2v.map"]),
        .target(
            name: "Training",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Wav2Vec2", "Files", "TensorFiles",
                "Checkpoints", "Speech", "Reports", "Communication",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .executableTarget(
            name: "vqw2v",
            dependencies: [
                "CMemory", "CProcess", "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Files", "TensorFiles",
                "TokenFiles", "Fairseq", "ONNXFiles", "Checkpoints", "Speech", "Training", "Evaluation",
                "Reports", "Communication", "Tokenizers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // docs/straight-through.md, with numbers.
        .executableTarget(
            name: "straight-through-example", dependencies: ["Tensors", "Autodiff", "Layers"],
            path: "Examples/StraightThrough"),

        // The README's section on the library.
        .executableTarget(
            name: "tokens-example", dependencies: ["Layers", "VQWav2Vec", "Checkpoints"],
            path: "Examples/Library/Tokens"),
        .executableTarget(
            name: "training-example",
            dependencies: ["Tensors", "Autodiff", "Layers", "VQWav2Vec", "Checkpoints", "Training"],
            path: "Examples/Library/Training"),

        // The exchange of gradients alone: see docs/scaling.md.
        .executableTarget(
            name: "exchange-benchmark", dependencies: ["Tensors", "Communication"],
            path: "Benchmarks/Exchange"),

        // What tests of several targets use.
        .target(
            name: "TestSupport",
            dependencies: ["Communication", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/TestSupport"),

        // References in double precision and finite differences.
        .target(
            name: "OperationSupport", dependencies: ["Tensors", "Autodiff", "Layers"],
            path: "Tests/OperationSupport"),

        // Stored tensors of a reference implementation, and how they are compared.
        .target(
            name: "GoldenSupport", dependencies: ["Tensors", "Layers", "TensorFiles"],
            path: "Tests/GoldenSupport"),

        .testTarget(
            name: "TensorsTests",
            dependencies: ["CKernels", "CProcess", "Tensors", "OperationSupport", "TestSupport"]),
        .testTarget(name: "CommunicationTests", dependencies: ["Communication", "TestSupport"]),
        .testTarget(name: "AutodiffTests", dependencies: ["Tensors", "Autodiff", "OperationSupport"]),
        .testTarget(
            name: "LayersTests",
            dependencies: ["Tensors", "Autodiff", "Layers", "OperationSupport", "TestSupport"]),
        .testTarget(
            name: "VQWav2VecTests",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "OperationSupport", "TestSupport",
                "straight-through-example",
            ]),
        .testTarget(
            name: "FilesTests",
            dependencies: [
                "CProcess", "Files", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "TensorFilesTests",
            dependencies: [
                "Files", "TensorFiles", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "TokenFilesTests",
            dependencies: [
                "Files", "TensorFiles", "TokenFiles", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "FairseqTests",
            dependencies: [
                "Tensors", "Layers", "VQWav2Vec", "Wav2Vec2", "TensorFiles", "Fairseq", "TestSupport",
            ]),
        .testTarget(
            name: "HuggingFaceTests",
            dependencies: [
                "Layers", "Files", "TensorFiles", "HuggingFace", "Checkpoints", "TestSupport",
            ]),
        .testTarget(
            name: "ONNXFilesTests",
            dependencies: [
                "Fairseq", "Layers", "ONNXFiles", "VQWav2Vec", "Wav2Vec2", "TestSupport",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: [
                "Tensors", "Layers", "VQWav2Vec", "Wav2Vec2", "Files", "TensorFiles", "Checkpoints",
                "Evaluation", "Tokenizers", "TestSupport",
            ],
            exclude: ["Cases", "Versions"]),
        .testTarget(
            name: "GoldenTests",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Speech", "Files", "TensorFiles", "TokenFiles",
                "Fairseq", "Checkpoints", "Training", "GoldenSupport", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Cases"]),
        .testTarget(
            name: "Wav2Vec2Tests",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "Wav2Vec2", "TensorFiles", "Fairseq", "Checkpoints",
                "Training", "GoldenSupport", "OperationSupport",
            ],
            exclude: ["Cases"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Tensors", "Autodiff", "Layers", "VQWav2Vec", "Wav2Vec2", "Speech", "Files", "TensorFiles",
                "Fairseq", "Checkpoints", "Training", "Communication", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "SpeechTests",
            dependencies: [
                "Files", "Speech", "CSndFile", "CSoxr", "Layers", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "Tensors", "Communication", "Files", "TensorFiles", "TokenFiles", "Speech", "Evaluation",
                "OperationSupport", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Cases"]),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["CZlib", "Files", "TensorFiles", "Speech", "Evaluation", "Reports", "TestSupport"]),
        .testTarget(
            name: "CInterfaceTests",
            dependencies: [
                "CVqw2v", "CInterface", "Tensors", "Layers", "Checkpoints", "Speech", "Evaluation",
                "TestSupport",
            ]),
        .testTarget(name: "CommandTests", dependencies: ["vqw2v", "Layers", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
