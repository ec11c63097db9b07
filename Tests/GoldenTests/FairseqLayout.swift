import Tensors
import VQWav2Vec

/// Our tensors in the layouts of the stored ones.
enum FairseqLayout {
    /// [B, T, C] to [B, C, T].
    static func channelsFirst(_ x: Tensor) -> Tensor { x.transposed([0, 2, 1]) }

    /// Frames as rows [B·T, C] to [B, C, T].
    static func channelsFirst(rows x: Tensor, batch: Int) -> Tensor {
        channelsFirst(x.reshaped([batch, x.shape[0] / batch, x.shape[1]]))
    }

    /// [B·T, S, C] to [B, C, T, S].
    static func predictions(_ x: Tensor, batch: Int) -> Tensor {
        x.reshaped([batch, x.shape[0] / batch, x.shape[1], x.shape[2]]).transposed([0, 3, 1, 2])
    }

    /// Our [rows, copies], rows ordered (step, item, frame): for the binary loss to blocks
    /// [copies, B, T − offset − i], one after the other; for InfoNCE to [(step, frame, item), copies].
    static func scores(_ x: Tensor, geometry: PredictionGeometry, infoNCE: Bool) -> Tensor {
        var values: [Float] = []
        for step in 0..<geometry.steps {
            let first = geometry.firstRow(step: step)
            let frames = geometry.frames - geometry.firstStep - step
            func value(_ item: Int, _ frame: Int, _ copy: Int) -> Float {
                x.values[(first + item * frames + frame) * geometry.copies + copy]
            }
            let block = Tensor(
                x.values[first * geometry.copies..<(first + geometry.batch * frames) * geometry.copies],
                shape: [geometry.batch, frames, geometry.copies])
            values += block.transposed(infoNCE ? [1, 0, 2] : [2, 0, 1]).values
        }
        return Tensor(values, shape: infoNCE ? [geometry.rows, geometry.copies] : [x.count])
    }
}
