"""Weights at half a byte each: rounded one input after the other, so that what rounding one breaks the next ones mend.

    quantise(weight, moments).integers() * scale ~ weight

Frantar et al. 2022 (GPTQ, arXiv:2210.17323). What is stored is how to make the 7-bit integers that run: every block of
16 inputs of an output has a step, and a weight is -8..7 steps. A network thus takes half the room and runs as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 16  # inputs that share a step
ZERO = 8  # what stands for no step at all, of 0..15
MOST = 63  # the largest integer
UNIT = 16  # parts of an integer that steps are counted in
LONGEST = MOST * UNIT // ZERO  # of the steps, in these parts
TRIED = np.linspace(0.7, 1.15, 19)  # steps tried, as shares of that which just reaches a block's largest weight
DAMPING = 0.01  # added to the moments' diagonal, as a share of its mean

Array = NDArray[np.float32]
Exact = NDArray[np.float64]


@dataclass(frozen=True)
class Packed:
    """`halves` uint8 (inputs / 2, outputs): the lower four bits are of the first half of the inputs, the upper ones of
    the second; `steps` int8 (inputs / 16, outputs); `scale` float32 (outputs): what an integer of an output is worth.
    """

    halves: NDArray[np.uint8]
    steps: NDArray[np.int8]
    scale: Array

    def integers(self) -> NDArray[np.int8]:
        """The matrix (inputs, outputs) of integers from -63 to 63."""
        levels = np.concatenate([self.halves & 15, self.halves >> 4]).astype(np.float32) - ZERO
        return np.round(levels * self.steps.repeat(BLOCK, 0) / UNIT).astype(np.int8)


def quantise(weight: Array, moments: NDArray[Any]) -> Packed:
    """A weight (inputs, outputs), its inputs a multiple of 32, given the second moments (inputs, inputs) of what enters
    it."""
    scale = (np.abs(weight).max(0) / MOST + 1e-12).astype(np.float32)
    left = weight.astype(np.float64) / scale
    spread = _spread(moments.astype(np.float64))
    levels = np.zeros(weight.shape, np.uint8)
    steps = np.zeros((len(weight) // BLOCK, weight.shape[1]), np.int8)
    for row in range(len(weight)):
        if row % BLOCK == 0:
            rows = slice(row, row + BLOCK)
            steps[row // BLOCK] = _steps(left[rows], moments.diagonal()[rows])
        step = steps[row // BLOCK]
        levels[row] = _levels(left[row], step)
        wrong = left[row] - _integers(levels[row], step)
        left[row + 1 :] -= np.outer(spread[row, row + 1 :], wrong / spread[row, row])
    half = len(weight) // 2
    return Packed((levels[:half] | levels[half:] << 4).astype(np.uint8), steps, scale)


def _spread(moments: Exact) -> Exact:
    """How an error of each input is made up for by those after it: the upper Cholesky factor of the inverse."""
    damped = moments + np.eye(len(moments)) * (moments.trace() / len(moments) * DAMPING + 1e-12)
    return np.linalg.cholesky(np.linalg.inv(damped)).T


def _steps(block: Exact, weight: Exact) -> NDArray[np.int8]:
    """The step of each output (outputs) that loses least, each input counting by its power."""
    largest = np.take_along_axis(block, np.abs(block).argmax(0)[None], 0)[0]
    best, found = np.full(block.shape[1], np.inf), np.ones(block.shape[1], np.int8)
    for share in (*TRIED, *-TRIED):
        tried = np.clip(np.round(share * largest / ZERO * UNIT), -LONGEST, LONGEST).astype(np.int8)
        tried[tried == 0] = 1
        wrong = weight @ (block - _integers(_levels(block, tried), tried)) ** 2
        better = wrong < best
        best[better], found[better] = wrong[better], tried[better]
    return found


def _levels(values: Exact, step: NDArray[np.int8]) -> NDArray[np.uint8]:
    return np.clip(np.round(values * UNIT / step) + ZERO, 0, 15).astype(np.uint8)


def _integers(levels: NDArray[np.uint8], step: NDArray[np.int8]) -> Exact:
    return np.round((levels.astype(np.float64) - ZERO) * step / UNIT)
