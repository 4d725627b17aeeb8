"""How well a face can be seen: its size, blur, light, pose, and whether all of it is there.

    sharpness(cut) -> {"blur": 0.31, "light": 0.46, "contrast": 0.19}
    reason({"size": 18, ...}) -> "too small: 18 pixels high, 24 are needed"

Floors are in `quality.toml`, with how they were set.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .crop import LUMA

NAMES = ("seen", "size", "blur", "light", "contrast", "yaw", "pitch", "visible", "still")
"""The numbers of the scheme `face-quality`."""
_REACH = 9
"""Pixels over which the picture is blurred again: what changes little by that was blurred before."""


def sharpness(cut: NDArray[np.uint8]) -> dict[str, float]:
    """Blur 0..1 (Crete et al. 2007), mean light and contrast 0..1, of a face cut out, [n, n, 3] or [n, n]."""
    grey = cut.astype(np.float32) if cut.ndim == 2 else cut.astype(np.float32) @ LUMA
    grey /= 255
    return {"blur": max(_blur(grey), _blur(grey.T)), "light": float(grey.mean()), "contrast": float(grey.std())}


def reason(quality: Mapping[str, float]) -> str:
    """Why a face cannot be read, or ""; numbers that are missing or NaN are passed over."""
    floor = floors()
    for name, (why, worse) in _WHY.items():
        value = abs(quality.get(name, np.nan)) if name in ("yaw", "pitch") else quality.get(name, np.nan)
        bound = floor[worse]
        if value < bound if worse.startswith("least") else value > bound:
            return why.format(value=value, bound=bound)
    return ""


_WHY = {
    "seen": ("seen in {value:.0%} of the frames, {bound:.0%} are needed", "least_seen"),
    "size": ("too small: {value:.0f} pixels high, {bound:.0f} are needed", "least_size"),
    "visible": ("covered or cut off: a whole face is there with probability {value:.2f}", "least_visible"),
    "yaw": ("turned aside by {value:.0f} degrees, up to {bound:.0f} can be read", "most_yaw"),
    "pitch": ("tilted up or down by {value:.0f} degrees, up to {bound:.0f} can be read", "most_pitch"),
    "light": ("too dark: mean light {value:.2f}, {bound:.2f} is needed", "least_light"),
    "contrast": ("too flat, as in fog or glare: contrast {value:.2f}, {bound:.2f} is needed", "least_contrast"),
    "blur": ("too blurred: {value:.2f}, up to {bound:.2f} can be read", "most_blur"),
    "still": ("has not moved for {value:.0f} s: a picture of somebody, as it seems", "most_still"),
}


@cache
def floors() -> Mapping[str, Any]:
    """What `quality.toml` holds."""
    return tomllib.loads((resources.files(__package__ or "") / "quality.toml").read_text(encoding="utf-8"))


def _blur(grey: NDArray[np.float32]) -> float:
    """How little differences between neighbours lose when the rows are blurred once more."""
    total = np.cumsum(np.pad(grey, ((0, 0), (_REACH // 2 + 1, _REACH // 2)), mode="edge"), axis=1)
    again = (total[:, _REACH:] - total[:, :-_REACH]) / _REACH
    before, after = np.abs(np.diff(grey)), np.abs(np.diff(again))
    kept = np.maximum(before[:, : after.shape[1]] - after, 0).sum()
    return float(1 - kept / max(before.sum(), 1e-6))
