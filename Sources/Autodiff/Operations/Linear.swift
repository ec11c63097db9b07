import CKernels
import Tensors

extension Tape {
    /// y[r, o] = bias[o mod |bias|] + Σ_i x[r, i] · weight[o, i], on the last axis of x.
    ///
    /// With groups, both sides are cut into G equal blocks of channels and block g of the output sees block
    /// g of the input only (a grouped 1×1 convolution).
    ///
    /// - Parameters:
    ///   - x: [..., Cin].
    ///   - weight: [Cout, ...], Cin / groups values for each output.
    ///   - bias: a divisor of Cout values, repeated; or nil.
    ///   - addingMoments: as for `convolve`, for x [B, T, Cin] and one group.
    /// - Returns: [..., Cout].
    public func linear(
        _ x: Variable, weight: Variable, bias: Variable? = nil, groups: Int = 1, addingMoments: Bool = false
    ) -> Variable {
        let g = LinearGeometry(
            input: x.shape, weight: weight.shape, groups: groups, precision: precision)
        precondition(
            bias.map { $0.value.count > 0 && weight.shape[0] % $0.value.count == 0 } ?? true,
            "a bias of shape \(bias?.shape ?? []) for \(weight.shape[0]) outputs")
        precondition(
            !addingMoments || (groups == 1 && x.shape.count == 3),
            "moments are those of one group of x [B, T, C], not of \(groups) and \(x.shape)")
        let moments = addingMoments ? OutputMoments(batch: x.shape[0], tiles: g.tilesPerItem) : nil
        let y = product(x.value, weight: weight.value, bias: bias?.value, g, moments)
        let output = record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let dx = x.needsGradient ? Tensor(uninitialized: x.shape) : nil
            let dw = Tensor(uninitialized: weight.shape)
            for group in 0..<groups {
                let frames = ProductFrames(
                    copying: g.output(dy, group: group), precision: g.precision,
                    for: dx == nil ? .frameSums : [.channelSums, .frameSums])
                if let dx { setInputGradient(dx, frames, weight: weight.value, g, group: group) }
                setWeightGradient(dw, frames, x: x.value, g, group: group)
            }
            return [dx, dw] + (bias.map { [biasGradient(dy, width: $0.value.count)] } ?? [])
        }
        output.moments = moments?.totals
        return output
    }
}

private struct LinearGeometry {
    /// Shape of the output without channels.
    let leading: [Int]
    let groups: Int
    /// Channels of a group.
    let inputs: Int
    let outputs: Int
    let precision: Precision
    /// Of the last axis of rows; the axes before it are those of items.
    private let tiles: Tiling

    init(input: [Int], weight: [Int], groups: Int, precision: Precision) {
        precondition(
            groups > 0 && !weight.isEmpty && weight[0] % groups == 0
                && input.last == weight[1...].reduce(groups, *),
            "x \(input) and a weight \(weight) do not fit in \(groups) groups")
        leading = Array(input.dropLast())
        self.groups = groups
        inputs = weight[1...].reduce(1, *)
        outputs = weight[0] / groups
        self.precision = precision.forProduct(depth: inputs, columns: outputs)
        tiles = Tiling(rows: leading.last ?? 1, target: 128)
    }

    private var rows: Int { leading.reduce(1, *) }

    /// Of the output, which a tile of rows and a panel of columns make.
    var tilesPerItem: Int { tiles.count * Panels(columns: outputs).count }

    func input(_ x: Tensor, group: Int) -> MatrixView {
        MatrixView(x.pointer + group * inputs, rows: rows, columns: inputs, stride: groups * inputs)
    }

    func output(_ y: Tensor, group: Int) -> MatrixView {
        MatrixView(y.pointer + group * outputs, rows: rows, columns: outputs, stride: groups * outputs)
    }

    func weight(_ w: Tensor, group: Int) -> MatrixView {
        MatrixView(w.pointer + group * outputs * inputs, rows: outputs, columns: inputs)
    }

    /// Calls `body` for each panel of columns and tile of rows, on all threads.
    func forEachTile(
        _ columns: Panels,
        _ body: @Sendable (_ panel: Int, _ rows: Range<Int>, _ item: Int, _ tile: Int) -> Void
    ) {
        let items = rows / max(1, tiles.rows)
        Parallel.forEach(columns.count * items * tiles.count) { index in
            let (panel, place) = index.quotientAndRemainder(dividingBy: items * tiles.count)
            let (item, tile) = place.quotientAndRemainder(dividingBy: tiles.count)
            let range = tiles[tile]
            body(
                panel, item * tiles.rows + range.lowerBound..<item * tiles.rows + range.upperBound, item,
                panel * tiles.count + tile)
        }
    }
}

private func product(
    _ x: Tensor, weight: Tensor, bias: Tensor?, _ g: LinearGeometry, _ moments: OutputMoments?
) -> Tensor {
    let y = Tensor(uninitialized: g.leading + [g.outputs * g.groups])
    for group in 0..<g.groups {
        let frames = ProductFrames(
            copying: g.input(x, group: group), precision: g.precision, for: .channelSums)
        let weight = LinearWeight(
            g.weight(weight, group: group), columns: .outputs, precision: g.precision)
        let output = g.output(y, group: group)
        g.forEachTile(weight.columns) { panel, rows, item, tile in
            let columns = weight.columns[panel]
            let block = output.rows(rows).columns(columns)
            if let bias { fillRows(block, with: bias, column: group * g.outputs + columns.lowerBound) }
            multiplyUnpacked(
                frames.byChannel().rows(rows), weight[panel], into: block, adding: bias != nil)
            moments?.add(block, item: item, tile: tile)
        }
    }
    return y
}

/// ∂L/∂x = ∂L/∂y · weight, of a group.
private func setInputGradient(
    _ dx: Tensor, _ dy: ProductFrames, weight: Tensor, _ g: LinearGeometry, group: Int
) {
    let weight = LinearWeight(g.weight(weight, group: group), columns: .inputs, precision: g.precision)
    g.forEachTile(weight.columns) { panel, rows, _, _ in
        multiplyUnpacked(
            dy.byChannel().rows(rows), weight[panel],
            into: g.input(dx, group: group).rows(rows).columns(weight.columns[panel]))
    }
}

/// ∂L/∂weight = (∂L/∂y)ᵀ · x, of a group. Divided by its own rows and columns and never by the sum.
private func setWeightGradient(
    _ dw: Tensor, _ dy: ProductFrames, x: Tensor, _ g: LinearGeometry, group: Int
) {
    let frames = ProductFrames(
        copying: g.input(x, group: group), precision: g.precision, for: .frameSums)
    let (rows, columns) = (Tiling(rows: g.outputs, size: 4 * Panels.width), Panels(columns: g.inputs))
    let gradient = g.weight(dw, group: group)
    Parallel.forEach(rows.count * columns.count) { index in
        let (outputs, inputs) = (rows[index / columns.count], columns[index % columns.count])
        multiplyUnpacked(
            dy.byFrame().columns(outputs), frames.byFrame().columns(inputs), transposeA: true,
            into: gradient.rows(outputs).columns(inputs))
    }
}

/// ∂L/∂bias[o] = Σ_{b, t} ∂L/∂y[b, t, o], in double precision. dy: any shape that ends in `width`.
package func biasGradient(_ dy: Tensor, width: Int) -> Tensor {
    let rows = dy.count / width
    let tiles = Tiling(rows: rows, target: 128)
    let partial = Parallel.sums(tiles.count, width: width) { tile, sums in
        let range = tiles[tile]
        vq_column_sums(dy.pointer + range.lowerBound * width, range.count, width, width, sums)
    }
    let total = (0..<width).map { channel in
        Float((0..<tiles.count).reduce(0.0) { $0 + partial[$1 * width + channel] })
    }
    return Tensor(total, shape: [width])
}

/// Every row becomes the bias, repeated as often as it fits.
/// - Parameter column: where the matrix begins in a larger one whose rows do.
package func fillRows(_ matrix: MatrixView, with bias: Tensor, column: Int = 0) {
    guard matrix.rows > 0 else { return }
    for place in 0..<matrix.columns {
        matrix.pointer[place] = bias.pointer[(column + place) % bias.count]
    }
    for row in 1..<matrix.rows {
        (matrix.pointer + row * matrix.stride).update(from: matrix.pointer, count: matrix.columns)
    }
}
