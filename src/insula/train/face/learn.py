"""Fit the network of faces to the votes of those who looked at them, an epoch at a time.

A face teaches the shares of its votes, not one label (Barsoum et al. 2016). Rare feelings are drawn more often; faces
are turned, shifted, scaled, mirrored, dimmed, blurred, partly hidden and sometimes mixed (Zhang et al. 2018). What is
kept is the moving average of the weights. After each epoch all is written to `checkpoint.pt`, so that a run that was
stopped goes on where it was; each epoch draws from a seed of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .net import SIDE, FaceNet

Array = NDArray[np.float32]
State = dict[str, Tensor]
Judge = Callable[[FaceNet], str]


@dataclass(frozen=True)
class Recipe:
    """How long and how hard to learn; `rare` is the power of how seldom a label is by which it is drawn more often.

    For the share `early` of the epochs faces are `small` pixels wide, then SIDE.
    """

    epochs: int = 32
    batch: int = 128
    rate: float = 2e-3
    decay: float = 0.02
    warm: int = 500
    rare: float = 0.35
    mixed: float = 0.3
    average: float = 0.999
    early: float = 0.45
    small: int = 32
    seed: int = 0


def learn(
    pixels: NDArray[np.uint8], shares: Array, folder: Path, recipe: Recipe, judge: Judge, note: Callable
) -> State:
    """Faces [n, 48, 48] and shares of votes [n, labels] -> the averaged weights; writes `folder`/checkpoint.pt.

    `judge` says after each epoch how good the averaged network is, which `note` is told.
    """
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    net = FaceNet(shares.shape[1]).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    average = {name: value.detach().clone() for name, value in net.state_dict().items()}
    begin = _resume(folder / "checkpoint.pt", net, optimizer, average)
    steps = len(pixels) // recipe.batch
    for epoch in range(begin, recipe.epochs):
        torch.manual_seed(recipe.seed * 1000 + epoch)
        draw = np.random.default_rng([recipe.seed, epoch])
        order = draw.choice(len(pixels), steps * recipe.batch, p=_chances(shares, recipe.rare))
        side = recipe.small if epoch < recipe.early * recipe.epochs else SIDE
        loss = 0.0
        net.train()
        for at in range(steps):
            rows = order[at * recipe.batch : (at + 1) * recipe.batch]
            done = epoch * steps + at
            for group in optimizer.param_groups:
                group["lr"] = _rate(done, recipe.epochs * steps, recipe)
            loss += _step(net, optimizer, varied(_faces(pixels[rows]), side), shares[rows], recipe.mixed)
            _follow(average, net, min(recipe.average, (1 + done) / (10 + done)))
        note(f"epoch {epoch + 1} of {recipe.epochs}: loss {loss / steps:.4f}, {judge(restored(average))}")
        _write(folder / "checkpoint.pt", net, optimizer, average, epoch + 1)
    return average


def restored(state: State) -> FaceNet:
    """The network with these weights, for reading."""
    net = FaceNet(len(state["head.bias"]))
    net.load_state_dict(state)
    return net.eval()


def _faces(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pixels).float()[:, None] / 255


def varied(faces: Tensor, side: int = SIDE) -> Tensor:
    """Faces [n, 1, h, w] as they may look another time, [n, 1, side, side]."""
    n = len(faces)
    angle, scale = (torch.rand(n) - 0.5) * 0.7, 1 + (torch.rand(n) - 0.5) * 0.3
    mirrored = (torch.rand(n) < 0.5).float() * -2 + 1
    turn = torch.zeros(n, 2, 3)
    turn[:, 0, 0], turn[:, 0, 1] = torch.cos(angle) * scale * mirrored, -torch.sin(angle) * scale
    turn[:, 1, 0], turn[:, 1, 1] = torch.sin(angle) * scale * mirrored, torch.cos(angle) * scale
    turn[:, :, 2] = (torch.rand(n, 2) - 0.5) * 0.3
    grid = functional.affine_grid(turn, [n, 1, side, side], align_corners=False)
    faces = functional.grid_sample(faces, grid, padding_mode="reflection", align_corners=False)
    soft = torch.rand(n) < 0.1
    faces[soft] = functional.interpolate(functional.avg_pool2d(faces[soft], 2), (side, side), mode="bilinear")
    faces = (faces - 0.5) * (1 + (torch.rand(n, 1, 1, 1) - 0.5) * 0.6) + 0.5 + (torch.rand(n, 1, 1, 1) - 0.5) * 0.3
    return _hidden(faces)


def _hidden(faces: Tensor) -> Tensor:
    """A grey patch over three in ten."""
    side = faces.shape[-1]
    for at in torch.nonzero(torch.rand(len(faces)) < 0.3)[:, 0].tolist():
        high, wide = torch.randint(side // 8, 3 * side // 8, (2,)).tolist()
        top, left = int(torch.randint(0, side - high, ())), int(torch.randint(0, side - wide, ()))
        faces[at, :, top : top + high, left : left + wide] = torch.rand(())
    return faces


def _step(net: FaceNet, optimizer: torch.optim.Optimizer, faces: Tensor, shares: Array, mixed: float) -> float:
    wanted = torch.from_numpy(shares)
    if torch.rand(()) < mixed:
        part = float(torch.distributions.Beta(0.3, 0.3).sample())
        other = torch.randperm(len(faces))
        faces, wanted = part * faces + (1 - part) * faces[other], part * wanted + (1 - part) * wanted[other]
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(faces.contiguous(memory_format=torch.channels_last))
    loss = -(wanted * functional.log_softmax(logits.float(), 1)).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _rate(step: int, steps: int, recipe: Recipe) -> float:
    """Rises over the first steps, then falls along a cosine (Loshchilov & Hutter 2017)."""
    return recipe.rate * min(1.0, step / recipe.warm) * (0.5 * (1 + math.cos(math.pi * step / steps)) + 0.002)


def _chances(shares: Array, rare: float) -> NDArray[np.float64]:
    label = shares.argmax(1)
    often = np.bincount(label, minlength=shares.shape[1]).clip(1)
    chance = (1.0 / often[label]) ** rare
    return chance / chance.sum()


@torch.no_grad()
def _follow(average: State, net: FaceNet, keep: float) -> None:
    for name, value in net.state_dict().items():
        if value.dtype.is_floating_point:
            average[name].mul_(keep).add_(value, alpha=1 - keep)
        else:
            average[name].copy_(value)


def _resume(path: Path, net: FaceNet, optimizer: torch.optim.Optimizer, average: State) -> int:
    """Go on from a checkpoint, where there is one; returns how many epochs are done."""
    if not path.is_file():
        return 0
    kept = torch.load(path, weights_only=True)
    net.load_state_dict(kept["net"])
    optimizer.load_state_dict(kept["optimizer"])
    average.update(kept["average"])
    return int(kept["epochs"])


def _write(path: Path, net: FaceNet, optimizer: torch.optim.Optimizer, average: State, epochs: int) -> None:
    state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "average": average, "epochs": epochs}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
