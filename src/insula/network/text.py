"""The shared text encoder on ONNX Runtime: a trunk all licences share, and a top of its own for each set of heads.

    Network.open("text-open").run([window]) -> Reading(raw scores, novelty, what each token said)

Texts of one length go through together and none is padded: the numbers of a text do not depend on its neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from insula.network.calibrate import Head
from insula.network.windows import Window
from insula.scheme import Scheme, register

Array = NDArray[np.float32]
FIRST, LAST = 101, 102  # the tokens every text begins and ends with
BATCH = 64
REMEMBERED = 64  # texts whose states are kept from one call to the next: a live conversation's history


@dataclass(frozen=True)
class Reading:
    """What the network says of one window: `raw` (labels), `tokens` (tokens, labels), `pooled` (384), `novelty`."""

    raw: Array
    tokens: Array
    pooled: Array
    novelty: float


class Trunk:
    """Token ids -> hidden states; what was just read is known, so that a second top costs only its own layers."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session = session(path, threads)
        self._last: tuple[bytes, Array] = (b"", np.zeros(0, np.float32))
        self._known: dict[tuple[int, ...], Array] = {}

    def run(self, ids: NDArray[np.int32], mask: NDArray[np.int32]) -> Array:
        key = ids.tobytes() + bytes(str(ids.shape), "ascii")
        if key != self._last[0]:
            self._last = key, self._session.run(["hidden"], {"ids": ids, "mask": mask})[0]  # pyright: ignore
        return self._last[1]

    def states(self, every: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Array]:
        """Token ids of whole texts -> states (tokens + 2, 384); texts of one length go through together."""
        by_length: dict[int, list[tuple[int, ...]]] = {}
        known = self._known
        found = {ids: known[ids] for ids in every if ids in known}
        for ids in every:
            if ids not in found:
                by_length.setdefault(len(ids), []).append(ids)
        for some in by_length.values():
            rows = np.array([(FIRST, *ids, LAST) for ids in some], np.int32)
            found.update(zip(some, self.run(rows, np.ones_like(rows)), strict=True))
        self._known = dict(list({**known, **found}.items())[-REMEMBERED:])
        return found


class Network:
    """A trunk and a top with its heads, as their `.json` describes them."""

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.record: dict[str, Any] = record
        register(*(_guest(fields) for fields in record.get("schemes", ())))
        self.revision = str(record["revision"])
        self.heads = [Head.from_record(head) for head in record["heads"]]
        self.novelty_limit = float(record["novelty_limit"])
        self.pieces_limit = float(record["pieces_limit"])
        self.tokenizer = open_tokenizer(beside(folder, record["tokenizer"]))
        self._trunk = open_trunk(beside(folder, record["trunk"]), threads)
        self._top = session(folder / record["top"], threads)

    @staticmethod
    def open(name: str, threads: int = 1) -> Network:
        """By name from the shipped weights, or by path to a trained folder's `.json`. Raises FileNotFoundError."""
        folder = weights_folder() if not name.endswith(".json") else Path(name).parent
        stem = Path(name).stem if name.endswith(".json") else name
        if not (folder / f"{stem}.json").is_file():
            raise FileNotFoundError(f"no weights {name!r}: {folder / stem}.json is not there")
        return _open(folder, stem, threads)

    def run(self, windows: Sequence[Window]) -> list[Reading]:
        """One reading per window, in their order."""
        found: dict[int, Reading] = {}
        by_length: dict[int, list[int]] = {}
        for index, window in enumerate(windows):
            by_length.setdefault(len(window.ids), []).append(index)
        for indexes in by_length.values():
            for start in range(0, len(indexes), BATCH):
                chunk = indexes[start : start + BATCH]
                found.update(zip(chunk, self._run([windows[i].ids for i in chunk]), strict=True))
        return [found[index] for index in range(len(windows))]

    def states(self, every: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Array]:
        """Token ids -> states (tokens + 2, 384) after the trunk; texts just read are known."""
        return self._trunk.states(every)

    def _run(self, rows: list[tuple[int, ...]]) -> list[Reading]:
        ids = np.array([(FIRST, *row, LAST) for row in rows], np.int32)
        mask = np.ones_like(ids)
        hidden = self._trunk.run(ids, mask)
        outputs: Any = self._top.run(["pooled", "scores", "novelty"], {"hidden": hidden, "mask": mask})
        pooled, tokens, novelty = outputs
        raw = tokens.mean(1)
        return [Reading(raw[i], tokens[i], pooled[i], float(novelty[i])) for i in range(len(rows))]


def weights_folder() -> Path:
    """Where the shipped weights lie."""
    return Path(str(resources.files("insula"))) / "weights"


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the processor; one thread by default, since two collapse on a busy machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def digest(*paths: Path) -> str:
    """The first twelve hex digits of the files' SHA-256: a model's revision."""
    whole = sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def beside(folder: Path, name: str) -> Path:
    """A part of the weights: in their own folder, or shared with the shipped ones."""
    return folder / name if (folder / name).is_file() else weights_folder() / name


def _guest(fields: dict[str, Any]) -> Scheme:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    return Scheme(**values)


@cache
def open_trunk(path: Path, threads: int) -> Trunk:
    """One trunk per file and process."""
    return Trunk(path, threads)


@cache
def open_tokenizer(path: Path) -> Tokenizer:
    """One tokenizer per file and process, without padding or truncation."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@cache
def _open(folder: Path, name: str, threads: int) -> Network:
    return Network(folder, name, threads)
