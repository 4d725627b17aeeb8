"""A plan as EmotionML 1.0 (W3C Recommendation, 22 May 2014): an `<emotion>` for each sentence, holding its words.

    <emotion category-set="#speak"><category name="sadness" value="0.49"/>I am so sorry.</emotion>

A value is a feeling's weight times the plan's intensity; dimensions are moved from -1..1 to 0..1. A feeling's opposite
pole has no category there and is left out. EmotionML holds the feeling; how it sounds is in SSML and in the text plan.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from insula.scheme import scheme

from .plan import feelings
from .ssml import printable
from .text import Line

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
_AXES = scheme("vad").labels


def write(plan: Iterable[Line]) -> str:
    """The plan as an EmotionML document with the vocabularies it uses."""
    plan = tuple(plan)
    root = etree.Element(_tag("emotionml"), {"version": "1.0"}, nsmap={None: NAMESPACE})
    said = (*feelings(), *(label for line in plan for label in line.delivery.feeling))
    _vocabulary(root, "category", "speak", tuple(dict.fromkeys(said)))
    _vocabulary(root, "dimension", "vad", _AXES)
    for line in plan:
        _emotion(root, line)
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _emotion(root: etree._Element, line: Line) -> None:
    delivery = line.delivery
    kinds = {
        "category": delivery.feeling or ({} if delivery.affect else {"neutral": 1.0}),
        "dimension": delivery.affect,
    }
    emotion = etree.SubElement(root, _tag("emotion"), {"expressed-through": "voice"})
    for (kind, scores), name in zip(kinds.items(), ("speak", "vad"), strict=True):
        for label, weight in scores.items():
            value = weight * delivery.intensity
            if kind == "category" and value < 0:
                continue
            emotion.set(f"{kind}-set", f"#{name}")
            place = value if kind == "category" else (value + 1) / 2
            etree.SubElement(emotion, _tag(kind), name=label.replace(" ", "_"), value=f"{place:.4g}")
    if len(emotion):
        emotion[-1].tail = printable(line.text)
    else:
        root.remove(emotion)


def _vocabulary(root: etree._Element, kind: str, name: str, labels: tuple[str, ...]) -> None:
    vocabulary = etree.SubElement(root, _tag("vocabulary"), type=kind, id=name)
    for label in labels:
        etree.SubElement(vocabulary, _tag("item"), name=label.replace(" ", "_"))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
