"""What the shared encoder says of many texts at once, for studies: ekman7 and affect of each, kept on the disk.

felt, affect = feelings(["I miss him."])        # (1, 7) probabilities, (1, 3) valence, arousal, dominance
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .talk_corpora import kept
from .talks import Floats

_SCHEMES = ("ekman7", "vad")
_WIDTH = 10


def feelings(texts: Sequence[str], weights: str = "text-open") -> tuple[Floats, Floats]:
    """Of each text, its first 126 tokens; where it has no words, the mean of the others."""
    from ..network.text import Network
    from ..network.windows import windows

    network = Network.open(weights)

    def made() -> Floats:
        first = [windows(text, network.tokenizer)[:1] for text in texts]
        raw = np.stack([reading.raw for reading in network.run([window for some in first for window in some])])
        heads = {head.scheme: head for head in network.heads}
        told = np.concatenate([heads[name].calibrated(raw) for name in _SCHEMES], 1)
        found = np.tile(told.mean(0), (len(texts), 1))
        found[[bool(some) for some in first]] = told
        return found.astype(np.float32)

    found = kept("\x00".join(["feelings", network.revision, *texts]), made)
    return found[:, : _WIDTH - 3], found[:, _WIDTH - 3 :]
