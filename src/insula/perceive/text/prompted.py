"""Any language model as a reader: a prompt, a scheme, and a parse rate.

    Prompted(connect("qwen2.5:3b@http://localhost:11434/v1"), scheme="ekman7")

The reply should be JSON scores; what models do to JSON (fences, words around it, single quotes, percentages, a cut end)
is mended. What still cannot be read is an abstention, "unparsable reply", and counts against `parse_rate`; a label the
model left out stays without a score. Nothing missing is folded in as zero.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from importlib import resources
from string import Template
from typing import Any

from insula.conversation import Anchor, Annotation, Conversation
from insula.llm import LLM, Message, connect
from insula.perceive.text.language import EMPTY
from insula.scheme import Scheme
from insula.scheme import scheme as named

UNPARSABLE = "unparsable reply"
_NUMBER = r"""["'*]*\s*[:=]\s*["'*]*(-?\d*\.?\d+)\s*(%?)"""
_FREE_WORDS = r"[^\W\d_][\w\-]*(?: [\w\-]+)?"


class Prompted:
    """Judges every pending turn under `scheme`, one call each, at temperature 0.

    `llm` is a model or "MODEL@URL". A model that cannot be reached raises LLMError; what was judged before is kept.
    """

    reads = ("turn",)

    def __init__(self, llm: LLM | str, scheme: str = "ekman7", name: str = "text.prompted", seed: int = 0) -> None:
        self.llm = connect(llm) if isinstance(llm, str) else llm
        self.scheme = named(scheme)
        self.name = name
        self.seed = seed
        self.prompt = _prompt(self.scheme)
        self.writes = (self.scheme.layer,)
        revision = sha256(f"{self.llm.name}\n{self.prompt}".encode()).hexdigest()[:12]
        self.rater = f"{name}@{revision}"
        self._asked = self._parsed = 0

    @property
    def parse_rate(self) -> float | None:
        """Share of the replies so far that could be read; None before the first."""
        return self._parsed / self._asked if self._asked else None

    async def __call__(self, conversation: Conversation) -> AsyncIterator[Annotation]:
        for turn in conversation.pending(self.scheme.layer, self.rater):
            scores, reason = await self._ask(turn.text) if turn.text.strip() else ({}, EMPTY)
            labels = decided(scores, self.scheme)
            yield Annotation(
                self.scheme.layer, scores, Anchor(turn.id), self.scheme.name, self.rater, labels, reason=reason
            )

    async def _ask(self, text: str) -> tuple[dict[str, float], str]:
        messages = [Message("system", self.prompt), Message("user", text)]
        size = 64 + 12 * len(self.scheme.labels)
        reply = await self.llm.reply(messages, seed=self.seed, temperature=0.0, max_tokens=size)
        scores = parse(reply.text, self.scheme)
        self._asked += 1
        self._parsed += bool(scores)
        return scores, "" if scores else UNPARSABLE


def parse(reply: str, scheme: Scheme) -> dict[str, float]:
    """Scores that fit the scheme, from whatever the model wrote; empty when there are none.

    Percentages become shares, one-of scores are made to sum to 1, labels the scheme does not have are passed over.
    """
    known = {_plain(label): label for label in scheme.labels}
    names = _FREE_WORDS if scheme.kind == "open" else "|".join(map(re.escape, scheme.labels))
    found: dict[str, float] = {}
    percent = False
    for name, value, sign in _pairs(reply, names):
        label = _plain(name) if scheme.kind == "open" else known.get(_plain(name))
        if label and label not in found:
            found[label] = value
            percent = percent or bool(sign)
    if found and (scheme.low, scheme.high) == (0.0, 1.0) and (percent or _whole_percentages(found)):
        found = {label: value / 100 for label, value in found.items()}
    if scheme.kind == "one-of" and (total := sum(found.values())) > 0:
        found = {label: value / total for label, value in found.items()}
    try:
        scheme.check(found)
    except ValueError:
        return {}
    return found


def decided(scores: Mapping[str, float], scheme: Scheme) -> tuple[str, ...]:
    """What a rater without tuned thresholds decides is there: the best label, or all at one half and more."""
    if not scores or scheme.kind in ("dimensional", "ordinal"):
        return ()
    if scheme.kind == "one-of":
        return (max(scores, key=lambda label: scores[label]),)
    return tuple(label for label, score in scores.items() if score >= 0.5)


def _pairs(reply: str, names: str) -> list[tuple[str, float, str]]:
    """Names and numbers: of the last whole JSON object that has any, else of anything that looks like one."""
    for start in reversed([match.start() for match in re.finditer(r"\{", reply)]):
        try:
            record: Any = json.JSONDecoder().raw_decode(reply, start)[0]
        except json.JSONDecodeError:
            continue
        pairs = [(str(k), float(v), "") for k, v in record.items() if isinstance(v, int | float)]
        if pairs:
            return pairs
    lines = re.findall(rf"(?<!\w)({names}){_NUMBER}", reply, re.IGNORECASE)
    return [(name, float(value), sign) for name, value, sign in lines]


def _whole_percentages(scores: Mapping[str, float]) -> bool:
    return max(scores.values()) > 1 and all(0 <= value <= 100 and value == int(value) for value in scores.values())


def _plain(label: str) -> str:
    return re.sub(r"[\s_\-]+", " ", label.strip().lower())


def _prompt(scheme: Scheme) -> str:
    kind = "words" if scheme.kind == "open" else "scores"
    template = (resources.files("insula") / "perceive" / "text" / "prompts" / f"{kind}.md").read_text(encoding="utf-8")
    labels = scheme.labels[:3] or ("quiet pride", "relief")
    return Template(template).substitute(
        title=scheme.title or scheme.name,
        meaning=scheme.meaning or "say how strongly it is expressed",
        labels=", ".join(scheme.labels),
        low=f"{scheme.low:g}",
        high=f"{scheme.high:g}",
        example=json.dumps({label: round((scheme.low + scheme.high) / 2, 2) for label in labels}) + " and so on",
    )
