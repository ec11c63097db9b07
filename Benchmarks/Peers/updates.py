"""An update as fairseq's trainer makes it, and the context of PyTorch's products."""
import contextlib

import torch


def fairseq_update(model, criterion, optimizer, sample):
    """A function that makes one, and returns the loss in nats per prediction."""
    updates = 0

    def update():
        nonlocal updates
        model.set_num_updates(updates)
        optimizer.zero_grad()
        loss, positives, _ = criterion(model, sample)
        loss.backward()
        optimizer.multiply_grads(1.0 / positives)
        optimizer.clip_grad_norm(0.0)
        optimizer.step()
        updates += 1
        return loss.item() / positives

    return update


def products(bf16):
    """Operands of products in bf16, or as they are."""
    return torch.autocast("cpu", torch.bfloat16) if bf16 else contextlib.nullcontext()
