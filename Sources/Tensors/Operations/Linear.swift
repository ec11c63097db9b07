extension Tape {
    /// y[r, o] = bias[o mod |bias|] + Σ_i x[r, i] · weight[o, i], on the last axis of x.
    ///
    /// With groups, both sides are cut into G equal blocks of channels and block g of the output sees block
    /// g of the input only (a grouped 1×1 convolution).
    ///
    /// - Parameters:
    ///   - x: [..., Cin].
    ///   - weight: [Cout, Cin / groups].
    ///   - bias: a divisor of Cout values, repeated; or nil.
    /// - Returns: [..., Cout].
    public func linear(_ x: Variable, weight: Variable, bias: Variable? = nil, groups: Int = 1) -> Variable {
        let g = LinearGeometry(input: x.shape, weight: weight.shape, groups: groups)
        precondition(bias.map { weight.shape[0] % $0.value.count == 0 } ?? true)
        let y = product(x.value, weight: weight.value, bias: bias?.value, g)
        return record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            [
                x.needsGradient ? inputGradient(dy, weight: weight.value, g) : nil,
                weightGradient(dy, x: x.value, g),
                bias.map { biasGradient(dy, width: $0.value.count) },
            ]
        }
    }
}

private struct LinearGeometry {
    let leading: [Int]
    let rows: Int
    let groups: Int
    let inputs: Int
    let outputs: Int

    init(input: [Int], weight: [Int], groups: Int) {
        leading = Array(input.dropLast())
        rows = leading.reduce(1, *)
        self.groups = groups
        inputs = weight[1...].reduce(1, *)
        outputs = weight[0] / groups
        precondition(input.last == inputs * groups && outputs * groups == weight[0])
    }

    func input(_ x: Tensor, group: Int) -> MatrixView {
        MatrixView(x.pointer + group * inputs, rows: rows, columns: inputs, stride: groups * inputs)
    }

    func output(_ y: Tensor, group: Int) -> MatrixView {
        MatrixView(y.pointer + group * outputs, rows: rows, columns: outputs, stride: groups * outputs)
    }

    func weight(_ w: Tensor, group: Int) -> MatrixView {
        MatrixView(w.pointer + group * outputs * inputs, rows: outputs, columns: inputs)
    }
}

private func product(_ x: Tensor, weight: Tensor, bias: Tensor?, _ g: LinearGeometry) -> Tensor {
    let y = Tensor(uninitialized: g.leading + [g.outputs * g.groups])
    Parallel.forEachTile(rows: g.rows) { _, rows in
        if let bias {
            let all = MatrixView(y.pointer, rows: g.rows, columns: g.outputs * g.groups)
            fillRows(all.rows(rows), with: bias)
        }
        for group in 0..<g.groups {
            multiply(
                g.input(x, group: group).rows(rows), g.weight(weight, group: group), transposeB: true,
                into: g.output(y, group: group).rows(rows), beta: bias == nil ? 0 : 1)
        }
    }
    return y
}

/// ∂L/∂x = ∂L/∂y · weight, group by group.
private func inputGradient(_ dy: Tensor, weight: Tensor, _ g: LinearGeometry) -> Tensor {
    let dx = Tensor(uninitialized: g.leading + [g.inputs * g.groups])
    Parallel.forEachTile(rows: g.rows) { _, rows in
        for group in 0..<g.groups {
            multiply(
                g.output(dy, group: group).rows(rows), g.weight(weight, group: group),
                into: g.input(dx, group: group).rows(rows))
        }
    }
    return dx
}

/// ∂L/∂weight = (∂L/∂y)ᵀ · x, group by group.
private func weightGradient(_ dy: Tensor, x: Tensor, _ g: LinearGeometry) -> Tensor {
    let dw = Tensor(uninitialized: [g.outputs * g.groups, g.inputs])
    let blocks = OutputBlocks(rows: g.outputs, columns: [0..<g.inputs])
    Parallel.forEach(blocks.count * g.groups) { index in
        let group = index / blocks.count
        let (rows, columns) = blocks[index % blocks.count]
        multiply(
            g.output(dy, group: group).columns(rows), g.input(x, group: group).columns(columns),
            transposeA: true, into: g.weight(dw, group: group).rows(rows).columns(columns))
    }
    return dw
}
