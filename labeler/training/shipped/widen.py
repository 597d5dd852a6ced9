"""Begins a wider network with what a narrower one of the same depth has learnt.

Owns the arithmetic on weights only; knows no architecture by name.
"""

from __future__ import annotations

import torch

APART = 0.25
"""How far the two copies of a weight are moved apart, in standard deviations of their layer's weights."""


def fits(narrow: dict[str, torch.Tensor], wide: dict[str, torch.Tensor]) -> bool:
    """Whether each tensor of `wide` has its counterpart's shape, or twice as many channels out, in, or both."""
    return narrow.keys() == wide.keys() and all(_factors(narrow[name], wide[name]) for name in wide)


def widened(
    narrow: dict[str, torch.Tensor], wide: dict[str, torch.Tensor], *, seed: int = 0
) -> dict[str, torch.Tensor]:
    """The weights of `narrow` for the shapes of `wide`: the wide network computes what the narrow one does.

    Each channel becomes two neighbours, and a weight that reads it is shared between them (Net2WiderNet: Chen, Goodfellow
    and Shlens, ICLR 2016). The shares are w/2 + e and w/2 − e with a random e: the sum stays, but the two learn
    differently from the first step on. Raises ValueError where the shapes do not fit.
    """
    if not fits(narrow, wide):
        raise ValueError("the wider network is not the narrower one with doubled channels")
    generator = torch.Generator().manual_seed(seed)
    return {name: _doubled(narrow[name].float(), wide[name], generator) for name in wide}


def _doubled(source: torch.Tensor, goal: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    out, into = _factors(source, goal) or (1, 1)
    copies = source.repeat_interleave(out, 0) if out == 2 else source
    if into == 2:
        apart = torch.randn(copies.shape, generator=generator) * copies.std() * APART
        copies = torch.stack([copies / 2 + apart, copies / 2 - apart], dim=2).flatten(1, 2)
    return copies.to(goal.dtype)


def _factors(source: torch.Tensor, goal: torch.Tensor) -> tuple[int, int] | None:
    """By how much the channels out and in grow, 1 or 2 each; None where the shapes have nothing to do with each other."""
    if source.ndim != goal.ndim or source.shape[2:] != goal.shape[2:]:
        return None
    growth = [wide / narrow for narrow, wide in zip(source.shape[:2], goal.shape[:2], strict=True)]
    if any(factor not in (1, 2) for factor in growth):
        return None
    out, into = [int(factor) for factor in growth] + [1] * (2 - len(growth))
    return out, into
