"""Bring your own: any transformers text-classification checkpoint as a reader.

    Checkpoint("path/to/roberta-go-emotions")            # its 28 labels are recognised as scheme goemotions28
    Checkpoint("path/to/irony", scheme="sarcasm", labels={"irony": "sarcasm"})

Labels are matched to a scheme by name; a set no scheme has becomes free words. Scores are the checkpoint's own, neither
calibrated nor tuned here. A long text is read in windows and their mean is taken. Nothing is downloaded unless
`allow_download=True`. Source: Wolf et al. 2020 (transformers, 2020.emnlp-demos.6).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.perceive.text.language import EMPTY
from insula.scheme import Scheme, schemes
from insula.scheme import scheme as named

BATCH = 16
# Where several schemes have the same labels, the first of these is meant.
PREFERRED = (
    *("goemotions28", "ekman7", "ekman6", "carer6", "sentiment3", "sentiment4", "plutchik8", "semeval11"),
    "vad",
)
# What checkpoints call the labels of these schemes.
ALIASES = {
    "happiness": "joy",
    "happy": "joy",
    "sad": "sadness",
    "angry": "anger",
    "afraid": "fear",
    "scared": "fear",
    "surprised": "surprise",
    "disgusted": "disgust",
    "pos": "positive",
    "neg": "negative",
    "neu": "neutral",
}
Scores = dict[str, float]


class Checkpoint:
    """Judges every pending turn under the scheme its labels belong to.

    `checkpoint` is a folder, or a hub id when it is in the local cache or `allow_download` is true. `scheme` and
    `labels` (the checkpoint's label -> the scheme's; the others are dropped) say what its labels mean where their names
    do not. Only safetensors are read, and no code of the checkpoint is run. Raises FileNotFoundError and ValueError.
    """

    reads = ("turn",)

    def __init__(
        self,
        checkpoint: str | Path,
        scheme: str = "",
        labels: Mapping[str, str] | None = None,
        name: str = "text.checkpoint",
        allow_download: bool = False,
    ) -> None:
        self.name = name
        self._tokenizer, self._model = _open(checkpoint, allow_download)
        theirs = [str(label) for _, label in sorted(self._model.config.id2label.items())]
        self.scheme, self.labels = match_labels(theirs, scheme, labels or {})
        self.writes = (self.scheme.layer,)
        self.rater = f"{name}@{self._revision}"

    def __call__(self, conversation: Conversation) -> Iterator[Annotation]:
        yield from self.batch([conversation])[0]

    def batch(self, conversations: Sequence[Conversation]) -> list[list[Annotation]]:
        """What it adds to each conversation; texts of one length go through the model together, none is padded."""
        pending = [conversation.pending(self.scheme.layer, self.rater) for conversation in conversations]
        texts = [turn.text for turns in pending for turn in turns if turn.text.strip()]
        raw = iter(self._read(texts))
        return [[self._annotation(turn, next(raw) if turn.text.strip() else None) for turn in t] for t in pending]

    def _annotation(self, turn: Turn, logits: Sequence[float] | None) -> Annotation:
        at, layer, name = Anchor(turn.id), self.scheme.layer, self.scheme.name
        if logits is None:
            return Annotation(layer, {}, at, name, self.rater, reason=EMPTY)
        scores = self._scores(logits)
        labels: tuple[str, ...] = ()
        if self.scheme.kind != "dimensional":
            best = max(scores, key=lambda label: scores[label])
            each = self._activation == "sigmoid" and self.scheme.kind != "one-of"
            labels = tuple(label for label, score in scores.items() if score >= 0.5) if each else (best,)
        return Annotation(layer, scores, at, name, self.rater, labels)

    def _scores(self, logits: Sequence[float]) -> Scores:
        """Probabilities, or positions, of the labels that have a place in the scheme."""
        values = _ACTIVATIONS[self._activation](logits)
        found = {ours: value for ours, value in zip(self.labels, values, strict=True) if ours}
        if self.scheme.kind == "one-of":
            total = sum(found.values()) or 1.0
            found = {label: value / total for label, value in found.items()}
        low, high = self.scheme.low, self.scheme.high
        return {label: round(min(high, max(low, value)), 4) for label, value in found.items()}

    @cached_property
    def _activation(self) -> str:
        """As the checkpoint says; else as transformers' own pipeline does, and as the scheme needs."""
        said = {"multi_label_classification": "sigmoid", "single_label_classification": "softmax", "regression": "none"}
        if found := said.get(self._model.config.problem_type or ""):
            return found
        if self.scheme.kind == "dimensional":
            return "none"
        return "sigmoid" if len(self.labels) == 1 else "softmax"

    @cached_property
    def _revision(self) -> str:
        """A digest of the configuration and of the last layer's weights, which no two trained checkpoints share."""
        digest = sha256(self._model.config.to_json_string().encode())
        for parameter in list(self._model.parameters())[-2:]:
            digest.update(parameter.detach().float().numpy().tobytes())
        return digest.hexdigest()[:12]

    def _read(self, texts: Sequence[str]) -> list[list[float]]:
        """The raw scores of each text, (labels,): the mean over its windows, weighted by their length."""
        import torch

        windows = [(index, ids) for index, text in enumerate(texts) for ids in self._windows(text)]
        windows.sort(key=lambda window: len(window[1]))
        sums = [[0.0] * len(self.labels) for _ in texts]
        sizes = [0] * len(texts)
        start = 0
        while start < len(windows):
            size = len(windows[start][1])
            some = [window for window in windows[start : start + BATCH] if len(window[1]) == size]
            start += len(some)
            with torch.inference_mode():
                logits = self._model(input_ids=torch.tensor([ids for _, ids in some])).logits.tolist()
            for (index, _), row in zip(some, logits, strict=True):
                sums[index] = [old + size * value for old, value in zip(sums[index], row, strict=True)]
                sizes[index] += size
        return [[value / max(1, size) for value in row] for row, size in zip(sums, sizes, strict=True)]

    def _windows(self, text: str) -> list[list[int]]:
        """Token ids, in pieces the model has positions for."""
        positions = getattr(self._model.config, "max_position_embeddings", None) or 512
        # RoBERTa and its kin keep the first positions for padding
        room = min(positions, self._tokenizer.model_max_length, 512) - 2
        found = self._tokenizer(text, truncation=True, max_length=room, return_overflowing_tokens=True)["input_ids"]
        # slow tokenizers cut, and give one flat list
        return found if found and isinstance(found[0], list) else [found]


def match_labels(theirs: Sequence[str], scheme: str, labels: Mapping[str, str]) -> tuple[Scheme, list[str]]:
    """A checkpoint's labels -> the scheme they belong to, and the scheme's name for each ("" where it has none).

    Raises ValueError when a given scheme does not fit, or a checkpoint without label names comes without a scheme.
    """
    if unknown := set(labels) - set(theirs):
        raise ValueError(
            f"the checkpoint has no label {', '.join(sorted(unknown))}: its labels are {', '.join(theirs)}"
        )
    numbered = all(re.fullmatch(r"LABEL_\d+", label) for label in theirs)
    if not scheme:
        if numbered and not labels:
            raise ValueError(f"the checkpoint names its labels {theirs[0]}, ...: say which they are with `scheme`")
        ours = [labels.get(label, _plain(label)) for label in theirs]
        return _guess(ours), ours
    target = named(scheme)
    if labels:
        ours = [labels.get(label, "") for label in theirs]
    elif numbered and len(theirs) == len(target.labels):
        ours = list(target.labels)
    else:
        ours = [_plain(label) for label in theirs]
    if target.kind != "open" and (strange := sorted({label for label in ours if label} - set(target.labels))):
        raise ValueError(
            f"{', '.join(strange)} of the checkpoint is not in scheme {scheme!r} ({', '.join(target.labels)}): "
            "say what each label means with `labels`"
        )
    return target, ours


def _guess(ours: Sequence[str]) -> Scheme:
    order = sorted(schemes(), key=lambda one: PREFERRED.index(one.name) if one.name in PREFERRED else len(PREFERRED))
    fits = (one for one in order if one.kind not in ("open", "ordinal") and set(one.labels) == set(ours))
    return next(fits, named("words"))


def _plain(label: str) -> str:
    plain = re.sub(r"[\s_]+", "_", label.strip().lower())
    return ALIASES.get(plain, plain)


def _open(checkpoint: str | Path, allow_download: bool) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    options: dict[str, Any] = {"local_files_only": not allow_download, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(checkpoint), **options)
        model = AutoModelForSequenceClassification.from_pretrained(str(checkpoint), use_safetensors=True, **options)
    except (OSError, ValueError) as error:
        hint = "" if allow_download else "; give a folder, or a hub id with allow_download=True"
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise FileNotFoundError(f"cannot open checkpoint {str(checkpoint)!r}{hint} ({first})") from error
    return tokenizer, model.float().eval()


def _sigmoid(logits: Sequence[float]) -> list[float]:
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, x)))) for x in logits]


def _softmax(logits: Sequence[float]) -> list[float]:
    most = max(logits)
    powers = [math.exp(x - most) for x in logits]
    return [power / sum(powers) for power in powers]


_ACTIVATIONS = {"sigmoid": _sigmoid, "softmax": _softmax, "none": list}
