import Files
import TensorFiles
import Tensors

/// Centroids on disk, and what they are clusters of: a safetensors file with the tensor `centroids` [K, D] and a
/// description in its metadata.
public struct ClusterFile: Sendable {
    /// Metadata by their keys.
    public private(set) var metadata: [String: String]
    public let kmeans: KMeans
    public let path: String

    /// Keys of the metadata.
    public enum Key {
        public static let format = "format"
        /// What the frames are: `mfcc`, `z`.
        public static let layer = "layer"
        public static let iteration = "iteration"
        public static let inertia = "inertia"
        /// `true` where the fit has ended.
        public static let finished = "finished"
        static let version = "format_version"
    }

    private static let formatName = "vqw2v clusters"
    /// Files without a version can be without checksums.
    private static let version = 1
    private static let tensor = "centroids"
    /// In double precision, for a fit that goes on.
    private static let exact = "centroids_exact"

    /// Open for the hash; nil for clusters that were not read.
    private let source: SafetensorsFile?

    public init(path: String, kmeans: KMeans, metadata: [String: String]) {
        (self.path, self.kmeans, self.metadata, source) = (path, kmeans, metadata, nil)
        self.metadata[Key.format] = Self.formatName
        self.metadata[Key.version] = "\(Self.version)"
    }

    /// - Throws: `FileError` or `SafetensorsError` where the file cannot be read, or holds no centroids.
    public init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        guard file.metadata[Key.format] == Self.formatName, file.contains(Self.tensor) else {
            throw FileError.unusable(path: path, problem: "holds no clusters; give a file that cluster wrote")
        }
        if let version = file.metadata[Key.version] {
            guard version == "\(Self.version)" else {
                throw FileError.unusable(
                    path: path,
                    problem: "has the format version \(quoted(version)), this program knows \(Self.version); "
                        + "use a newer program, or another copy")
            }
            guard file.hasChecksums else {
                throw FileError.unusable(
                    path: path,
                    problem:
                        "is damaged: it has lost its checksums (crc32 in its metadata); use another copy")
            }
        }
        let shape = try file.entry(Self.tensor).shape
        let values =
            file.contains(Self.exact)
            ? try file.integers(Self.exact).map { Double(bitPattern: UInt64(bitPattern: $0)) }
            : try file.floats(Self.tensor).map(Double.init)
        guard shape.count == 2, shape[0] > 0, shape[1] > 0, values.count == shape[0] * shape[1],
            values.allSatisfy(\.isFinite)
        else {
            throw FileError.unusable(
                path: path, problem: "has centroids of shape \(shape), or that are not finite; make it anew")
        }
        (self.path, source) = (path, file)
        kmeans = KMeans(centroids: values, clusters: shape[0], dimensions: shape[1])
        metadata = file.metadata
    }

    /// SHA-256 of the bytes that were read, whatever has the file's name since.
    /// - Throws: `FileError` where clusters that were not read have no file.
    public func hash() throws -> FileHash { try source?.hash() ?? FileHash(path: path) }

    public var isFinished: Bool { metadata[Key.finished] != "false" }
    public var iteration: Int { metadata[Key.iteration].flatMap { Int($0) } ?? 0 }
    public var inertia: Double { metadata[Key.inertia].flatMap { Double($0) } ?? .infinity }
    public var layer: String? { metadata[Key.layer] }

    /// Writes the file: whole or not at all.
    /// - Throws: `FileError`.
    public func write() throws {
        var tensors = [
            SafetensorsTensor(
                name: Self.tensor, shape: [kmeans.clusters, kmeans.dimensions],
                floats: kmeans.centroids.map { Float($0) })
        ]
        if !isFinished {
            tensors.append(
                SafetensorsTensor(
                    name: Self.exact, shape: [kmeans.clusters, kmeans.dimensions],
                    integers: kmeans.centroids.map { Int64(bitPattern: $0.bitPattern) }))
        }
        try SafetensorsWriter.write(path, tensors: tensors, metadata: metadata, checksums: true)
    }
}
