// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that a user's build does not pay for it: see docs/reliability.md. It only links with
// --sanitize fuzzer, as scripts/fuzz.sh builds it.

let package = Package(
    name: "Fuzzing",
    dependencies: [.package(name: "vqw2v", path: "..")],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Layers", "Files", "TensorFiles", "TokenFiles", "Checkpoints", "Speech", "Evaluation",
                "Reports", "Training",
            ]
            .map { .product(name: $0, package: "vqw2v") })
    ],
    swiftLanguageModes: [.v6]
)
