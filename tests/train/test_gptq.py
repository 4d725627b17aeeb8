"""Weights at half a byte: what they weigh, how near they are, and that errors of one input are mended by others."""

import numpy as np
import pytest

from insula.train.gptq import MOST, quantise

DRAW = np.random.default_rng(0)
WEIGHT = (DRAW.standard_normal((64, 24)) * DRAW.uniform(0.1, 3, 24)).astype(np.float32)
EYE = np.eye(64)


def test_they_take_nine_sixteenths_of_a_byte_each():
    packed = quantise(WEIGHT, EYE)
    assert packed.halves.nbytes + packed.steps.nbytes == WEIGHT.size * 9 // 16
    assert np.abs(packed.integers().astype(int)).max() <= MOST


def test_what_sixteen_levels_can_say_comes_back_exactly():
    levels = DRAW.integers(-7, 8, (64, 24))
    levels[::16] = -8
    exact = levels.astype(np.float32) * np.linspace(0.1, 2, 24, dtype=np.float32)
    packed = quantise(exact, EYE)
    assert packed.integers() * packed.scale == pytest.approx(exact, abs=0.02 * float(exact.max()))


def test_errors_are_mended_where_inputs_go_together():
    inputs = DRAW.standard_normal((2000, 12)) @ DRAW.standard_normal((12, 64)) + 0.1 * DRAW.standard_normal((2000, 64))

    def lost(moments):
        packed = quantise(WEIGHT, moments)
        return np.square(inputs @ (packed.integers() * packed.scale - WEIGHT)).mean()

    assert lost(inputs.T @ inputs) < 0.5 * lost(EYE)
