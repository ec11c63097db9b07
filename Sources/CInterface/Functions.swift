import CVqw2v
import Checkpoints
import Files
import Foundation
import Layers
import Tensors

// The functions of vqw2v.h, which documents them. Nothing may trap here: the host would end without a word.
// Pointers returned are optional, as the header's are when Swift imports it: 6.2 needs both declarations to agree.

@_cdecl("vqw2v_open")
public func openModel(
    _ checkpoint: UnsafePointer<CChar>?, _ clusters: UnsafePointer<CChar>?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> vqw2v_status {
    call(paths: checkpoint, clusters) {
        let target = try place(model, "model")
        // A child of a fork begins none.
        if !Parallel.staysOnCallingThread { try BackgroundThreads.begin() }
        let opened = try OpenModel(
            checkpoint: checkpoint.map { try text($0, "checkpoint") },
            clusters: clusters.map { try text($0, "clusters") })
        target.pointee = OpaquePointer(Unmanaged.passRetained(opened).toOpaque())
    }
}

@_cdecl("vqw2v_close")
public func closeModel(_ model: OpaquePointer?) {
    guard let model else { return }
    _ = call { Unmanaged<OpenModel>.fromOpaque(UnsafeRawPointer(model)).release() }
}

@_cdecl("vqw2v_get_info")
public func getInfo(
    _ model: OpaquePointer?, _ info: UnsafeMutablePointer<vqw2v_info>?
) -> vqw2v_status {
    call { try place(info, "info").pointee = try opened(model).info }
}

@_cdecl("vqw2v_describe")
public func describe(
    _ model: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> vqw2v_status {
    call {
        let target = try place(json, "json")
        let text = try opened(model).json()
        target.pointee = try text.utf8CString.withUnsafeBufferPointer { try copied($0) }
    }
}

@_cdecl("vqw2v_quantize")
public func quantize(
    _ model: OpaquePointer?, _ samples: UnsafePointer<Float>?, _ count: Int, _ sampleRate: Int32,
    _ flags: UInt32,
    _ ids: UnsafeMutablePointer<vqw2v_ids>?
) -> vqw2v_status {
    call {
        let (model, target) = (try opened(model), try place(ids, "ids"))
        target.pointee = try model.withFrames(samples, count, rate: sampleRate, flags: flags) {
            try vqw2v_ids(copying: model.quantize($0))
        }
    }
}

@_cdecl("vqw2v_quantize_file")
public func quantizeFile(
    _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ flags: UInt32,
    _ ids: UnsafeMutablePointer<vqw2v_ids>?
) -> vqw2v_status {
    call(paths: path) {
        let (model, target) = (try opened(model), try place(ids, "ids"))
        target.pointee = try model.withFrames(of: path, flags: flags) {
            try vqw2v_ids(copying: model.quantize($0))
        }
    }
}

@_cdecl("vqw2v_extract")
public func extract(
    _ model: OpaquePointer?, _ samples: UnsafePointer<Float>?, _ count: Int, _ sampleRate: Int32,
    _ layer: UnsafePointer<CChar>?, _ flags: UInt32, _ features: UnsafeMutablePointer<vqw2v_features>?
) -> vqw2v_status {
    call {
        let (model, target) = (try opened(model), try place(features, "features"))
        let layer = try text(layer, "layer")
        target.pointee = try model.withFrames(samples, count, rate: sampleRate, flags: flags) {
            try vqw2v_features(copying: model.extract(layer, $0))
        }
    }
}

@_cdecl("vqw2v_extract_file")
public func extractFile(
    _ model: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ layer: UnsafePointer<CChar>?, _ flags: UInt32,
    _ features: UnsafeMutablePointer<vqw2v_features>?
) -> vqw2v_status {
    call(paths: path) {
        let (model, target) = (try opened(model), try place(features, "features"))
        let layer = try text(layer, "layer")
        target.pointee = try model.withFrames(of: path, flags: flags) {
            try vqw2v_features(copying: model.extract(layer, $0))
        }
    }
}

@_cdecl("vqw2v_free")
public func freeMemory(_ memory: UnsafeMutableRawPointer?) { free(memory) }

@_cdecl("vqw2v_last_error")
public func lastError() -> UnsafePointer<CChar>? { LastError.sentence }

@_cdecl("vqw2v_threads")
public func threads() -> Int32 { Int32(clamping: Parallel.threads) }

@_cdecl("vqw2v_set_threads")
public func setThreads(_ count: Int32) { Parallel.threads = Int(count) }

@_cdecl("vqw2v_version")
public func version() -> UnsafePointer<CChar>? { UnsafePointer(versionText.pointer) }

/// Of the whole process, never freed.
private let versionText: SharedPointer<CChar> = {
    let text = Array(Checkpoint.version.utf8CString)
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
    memory.update(from: text, count: text.count)
    return SharedPointer(memory)
}()

/// The model behind a handle, which lives as long as it is in use here.
private func opened(_ model: OpaquePointer?) throws -> OpenModel {
    guard let model else { throw CallError.invalid("model is a null pointer") }
    return Unmanaged<OpenModel>.fromOpaque(UnsafeRawPointer(model)).takeUnretainedValue()
}

extension vqw2v_ids {
    fileprivate init(copying tokens: TokenSequence) throws {
        let values = try tokens.ids.withUnsafeBufferPointer { try copied($0) }
        self.init(values: values, frames: tokens.frames, groups: tokens.groups)
    }
}

extension vqw2v_features {
    /// - Parameter frames: [T, D].
    fileprivate init(copying frames: Tensor) throws {
        let values = try copied(UnsafeBufferPointer(start: frames.pointer, count: frames.count))
        self.init(values: values, frames: frames.shape[0], channels: frames.shape[1])
    }
}
