"""The network that reads a face: a small residual net on 48 x 48 grey pixels (He et al. 2016; Hu et al. 2018)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 48
WIDTHS = (32, 48, 96, 192)


class Block(nn.Module):
    """Two convolutions beside a shortcut, and a gate for each channel of what they add."""

    def __init__(self, wide: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide, out, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(out)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(out)
        pooled = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        shortcut = nn.Sequential(pooled, nn.Conv2d(wide, out, 1, bias=False), nn.BatchNorm2d(out))
        self.shortcut = shortcut if stride > 1 or wide != out else nn.Identity()
        self.squeeze = nn.Linear(out, out // 8)
        self.excite = nn.Linear(out // 8, out)

    def forward(self, x: Tensor) -> Tensor:
        """[n, wide, h, w] -> [n, out, h / stride, w / stride]."""
        added = functional.relu(self.first_norm(self.first(x)))
        added = self.second_norm(self.second(added))
        gate = torch.sigmoid(self.excite(functional.relu(self.squeeze(added.mean((2, 3))))))
        return functional.relu(added * gate[:, :, None, None] + self.shortcut(x))


class FaceNet(nn.Module):
    """Grey faces [n, 1, 48, 48] in 0..1 -> logits [n, labels]; `embed` gives what they are read from."""

    def __init__(self, labels: int = 8, dropout: float = 0.3) -> None:
        super().__init__()
        stem, *widths = WIDTHS
        self.stem = nn.Sequential(nn.Conv2d(1, stem, 3, 1, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU())
        blocks: list[nn.Module] = []
        for wide, out in zip(WIDTHS, widths, strict=False):
            blocks += [Block(wide, out, 2), Block(out, out, 1)]
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(widths[-1], labels)

    def embed(self, x: Tensor) -> Tensor:
        """[n, 1, 48, 48] -> [n, 192]."""
        return self.blocks(self.stem(x)).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """[n, 1, 48, 48] -> [n, labels]."""
        return self.head(self.dropout(self.embed(x)))
