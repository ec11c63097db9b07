// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that a user's build does not pay for it.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "vqw2v", path: "..")],
    targets: [
        .executableTarget(
            name: "Speed",
            dependencies: [
                .product(name: "Tensors", package: "vqw2v"),
                .product(name: "VQWav2Vec", package: "vqw2v"),
                .product(name: "Training", package: "vqw2v"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
