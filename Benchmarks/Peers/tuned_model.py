"""vq-wav2vec rewritten in PyTorch for speed: the strongest float32 version that we know of.

The same mathematics and the same tensors as fairseq's model (the names are those of its state dict), without its
broadcast codebook product, its matrix-vector product per frame and step, and its Conv2d for the predictions.

Convolutions come in three layouts, of which the fastest on a machine counts:
  ncw    conv1d, as fairseq: oneDNN reorders between its own layouts
  nhwc   the same as a channels-last conv2d: no reorders
  gemm   matrix products on the frames where they lie, [T, C], one for each group of `stride` taps
"""
import math

import torch
import torch.nn.functional as F

STRIDES = [5, 4, 2, 2, 2, 1, 1, 1]
KERNELS = list(range(2, 14))
GROUPS, CODEWORDS, STEPS, NEGATIVES, OFFSET = 2, 320, 12, 10, 3


class FrameConvolution(torch.autograd.Function):
    """x [T, Cin] to [T', Cout] by matrix products without an unfolded copy, batch by batch."""

    @staticmethod
    def forward(ctx, x, weight, bias, stride):
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.has_bias = stride, bias is not None
        outputs, inputs, kernel = weight.shape
        frames = (x.shape[1] - kernel) // stride + 1
        y = x.new_empty(x.shape[0], frames, outputs)
        taps = weight.permute(2, 1, 0).reshape(kernel * inputs, outputs)
        for item in range(x.shape[0]):
            out = y[item]
            for index, (rows, part) in enumerate(groups(x[item], taps, kernel, stride, frames)):
                if index > 0:
                    torch.addmm(out, rows, part, out=out)
                elif bias is not None:
                    torch.addmm(bias, rows, part, out=out)
                else:
                    torch.mm(rows, part, out=out)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        outputs, inputs, kernel = weight.shape
        frames, stride = dy.shape[1], ctx.stride
        dy = dy.contiguous()
        taps = weight.permute(2, 1, 0).reshape(kernel * inputs, outputs)
        dx = torch.zeros_like(x) if ctx.needs_input_grad[0] else None
        dtaps = torch.zeros_like(taps)
        for item in range(x.shape[0]):
            pairs = zip(groups(x[item], taps, kernel, stride, frames),
                        groups(x[item] if dx is None else dx[item], dtaps, kernel, stride, frames))
            for (rows, part), (drows, dpart) in pairs:
                dpart.addmm_(rows.t(), dy[item])
                if dx is not None:
                    drows.addmm_(dy[item], part.t())
        dweight = dtaps.view(kernel, inputs, outputs).permute(2, 1, 0)
        return dx, dweight, dy.sum((0, 1)) if ctx.has_bias else None, None


def groups(x, taps, kernel, stride, frames):
    """The frames that each group of `stride` taps reads, and those taps. Rows of one group do not overlap."""
    inputs = x.shape[1]
    for tap in range(0, kernel, stride):
        width = min(stride, kernel - tap) * inputs
        rows = x.as_strided((frames, width), (stride * inputs, 1), x.storage_offset() + tap * inputs)
        yield rows, taps[tap * inputs: tap * inputs + width]


class Convolver:
    """Blocks of convolution, group norm over channels and time, and GELU, in one of the layouts."""

    def __init__(self, layout):
        self.layout = layout

    def enter(self, x):
        """[B, T, C] to the layout."""
        if self.layout == "gemm":
            return x.contiguous()
        x = x.transpose(1, 2)
        return x.unsqueeze(2) if self.layout == "nhwc" else x

    def leave(self, x):
        if self.layout == "gemm":
            return x
        return (x.squeeze(2) if self.layout == "nhwc" else x).transpose(1, 2)

    def pad(self, x, frames):
        """Repeats the first frame on the left."""
        if self.layout == "gemm":
            return torch.cat([x[:, :1].expand(-1, frames, -1), x], 1)
        return torch.cat([x[..., :1].expand(*x.shape[:-1], frames), x], -1)

    def block(self, x, weight, bias, gain, shift, stride):
        if self.layout == "gemm":
            if x.shape[2] == 1:
                y = F.linear(x.squeeze(2).unfold(1, weight.shape[2], stride), weight.squeeze(1))
            else:
                y = FrameConvolution.apply(x, weight, bias, stride)
            # As a channels-last image: of all forms PyTorch's group norm divides only that among threads.
            y = F.group_norm(y.transpose(1, 2).unsqueeze(2), 1, gain, shift)
            return F.gelu(y).squeeze(2).transpose(1, 2)
        if self.layout == "nhwc":
            weight = weight.unsqueeze(2).contiguous(memory_format=torch.channels_last)
            y = F.conv2d(x, weight, bias, (1, stride))
        else:
            y = F.conv1d(x, weight, bias, stride)
        return F.gelu(F.group_norm(y, 1, gain, shift))


class TunedModel:
    """With `compiled`, quantizer and prediction are compiled, as far as layout gemm allows; the other layouts are
    to be compiled whole, by the caller."""

    def __init__(self, state, kind, layout, compiled=False):
        self.state, self.kind = state, kind
        self.convolver = Convolver(layout)
        if compiled:
            self.quantize = torch.compile(self.quantize, dynamic=False)
            self.contrast = torch.compile(self.contrast, dynamic=False)

    def encode(self, waveforms):
        """[B, N] to z [B, T, 512]."""
        x = self.convolver.enter(waveforms.unsqueeze(2))
        for index, stride in enumerate(STRIDES):
            name = f"feature_extractor.conv_layers.{index}."
            x = self.convolver.block(
                x, self.state[name + "0.weight"], None, self.state[name + "2.weight"],
                self.state[name + "2.bias"], stride)
        return (self.convolver.leave(x).abs() + 1).log()

    def aggregate(self, z):
        """[B, T, 512] to c [B, T, 512]."""
        x = self.convolver.enter(z)
        for index, kernel in enumerate(KERNELS):
            name = f"feature_aggregator.conv_layers.{index}."
            y = self.convolver.block(
                self.convolver.pad(x, kernel - 1), self.state[name + "1.weight"], self.state[name + "1.bias"],
                self.state[name + "3.weight"], self.state[name + "3.bias"], 1)
            x = (y + x) * math.sqrt(0.5)
        return self.convolver.leave(x)

    def logits(self, z):
        name = "vector_quantizer.weight_proj."
        x = F.gelu(F.linear(z, self.state[name + "0.0.weight"], self.state[name + "0.0.bias"]))
        return F.linear(x, self.state[name + "1.weight"], self.state[name + "1.bias"])

    def project(self, z):
        """k-means: a grouped linear map and a group norm, [B, T, 512]."""
        name = "vector_quantizer.projection."
        weight = self.state[name + "0.weight"].squeeze(2)
        parts = [F.linear(part, w) for part, w in zip(z.chunk(GROUPS, 2), weight.chunk(GROUPS, 0))]
        y = torch.cat(parts, 2).transpose(1, 2)
        return F.group_norm(y, GROUPS, self.state[name + "1.weight"], self.state[name + "1.bias"]).transpose(1, 2)

    def nearest(self, ze):
        """Codewords nearest to [B, T, 512]: one matrix product, for the distances need no root."""
        book = self.state["vector_quantizer.embedding"].squeeze(1)
        rows = ze.reshape(-1, book.shape[1])
        distances = torch.addmm(book.square().sum(1), rows, book.t(), alpha=-2)
        return distances.argmin(1).view(*ze.shape[:2], GROUPS)

    def ids(self, waveforms):
        z = self.encode(waveforms)
        if self.kind == "kmeans":
            return self.nearest(self.project(z))
        return self.logits(z).unflatten(2, (GROUPS, CODEWORDS)).argmax(3)

    def quantize(self, z, temperature):
        """[B, T, 512] to codewords of the same shape, the extra loss, and what fairseq logs."""
        if self.kind == "kmeans":
            ze = self.project(z)
            with torch.no_grad():
                ids = self.nearest(ze)
            words = self.state["vector_quantizer.embedding"].squeeze(1)[ids].flatten(2)
            loss = F.mse_loss(words, ze.detach()) + 0.25 * F.mse_loss(ze, words.detach())
            return words.detach() + (ze - ze.detach()), loss, [perplexity(one_hot_mean(ids.view(-1, GROUPS)))]
        logits = self.logits(z).view(-1, GROUPS, CODEWORDS)
        used = perplexity(one_hot_mean(logits.detach().argmax(2)))
        likely = perplexity(torch.softmax(logits, 2).mean(0))
        choice = F.gumbel_softmax(logits, tau=temperature, hard=True)
        book = self.state["vector_quantizer.vars"].squeeze(0)
        return (choice @ book).view_as(z), None, [used, likely]

    def loss(self, waveforms, temperature):
        """The sum over predictions, as fairseq's criterion forms it, and the number of positives."""
        z = self.encode(waveforms)
        targets, extra, logged = self.quantize(z, temperature)
        total, positives = self.contrast(self.aggregate(targets), targets)
        return (total if extra is None else total + extra * positives), positives, logged

    def contrast(self, context, targets):
        """The contrastive loss of contexts [B, T, 512], and the number of positives."""
        batch, frames, channels = targets.shape
        weight = self.state["wav2vec_predictions.project_to_steps.weight"]
        weight = weight.permute(3, 1, 2, 0).reshape(STEPS * channels, -1)
        bias = self.state["wav2vec_predictions.project_to_steps.bias"].repeat(STEPS)
        predictions = F.linear(context, weight, bias).view(batch, frames, STEPS, channels)
        # Row t of step i belongs to target t + OFFSET + i.
        shifted = torch.stack(
            [F.pad(predictions[:, : frames - OFFSET - i, i], (0, 0, OFFSET + i, 0)) for i in range(STEPS)], 2)
        candidates = candidate_rows(batch, frames)
        chosen = targets.reshape(-1, channels)[candidates.view(-1)].view(batch * frames, -1, channels)
        scores = torch.bmm(chosen, shifted.view(batch * frames, STEPS, channels).transpose(1, 2))
        valid = torch.arange(frames).view(1, frames, 1, 1) >= OFFSET + torch.arange(STEPS)
        labels = torch.zeros(NEGATIVES + 1, 1)
        labels[0] = 1
        scores = scores.view(batch, frames, NEGATIVES + 1, STEPS)
        losses = F.binary_cross_entropy_with_logits(scores, labels.expand_as(scores), reduction="none")
        return (losses * valid).sum(), batch * sum(frames - OFFSET - i for i in range(STEPS))


def candidate_rows(batch, frames):
    """[B, T, 1 + N]: each frame and its negatives, of the same item and never the frame itself."""
    own = torch.arange(frames).view(1, frames, 1)
    drawn = torch.randint(0, frames - 1, (batch, frames, NEGATIVES))
    drawn = drawn + (drawn >= own)
    rows = torch.cat([own.expand(batch, -1, 1), drawn], 2)
    return rows + frames * torch.arange(batch).view(batch, 1, 1)


def one_hot_mean(ids):
    """How often each codeword of each group is chosen: [R, G] to [G, V]."""
    return F.one_hot(ids, CODEWORDS).float().mean(0)


def perplexity(p):
    return torch.exp(-(p * torch.log(p + 1e-7)).sum(-1)).sum()
