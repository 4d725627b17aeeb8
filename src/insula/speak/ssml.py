"""A plan as SSML 1.1 (W3C Recommendation, 7 September 2010), in the elements every speech server knows.

    <s><prosody rate="81%" pitch="-1.75st">I am <emphasis level="strong">so</emphasis> sorry.</prosody></s>
    <break time="560ms"/>

Rate, pitch, range and volume are said exactly; SSML has no words for tilt, breath and tremor, which are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from .delivery import Delivery
from .sentences import pause
from .text import Line

NAMESPACE = "http://www.w3.org/2001/10/synthesis"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(plan: Iterable[Line], language: str = "en-US") -> str:
    """The plan as an SSML document."""
    root = etree.Element(_tag("speak"), {"version": "1.1", _LANGUAGE: language}, nsmap={None: NAMESPACE})
    for line in plan:
        sentence = etree.SubElement(root, _tag("s"))
        attributes = _prosody(line.delivery)
        inside = etree.SubElement(sentence, _tag("prosody"), attributes) if attributes else sentence
        _words(inside, line)
        seconds = pause(line.text) * line.delivery.pauses
        etree.SubElement(root, _tag("break"), time=f"{round(1000 * seconds)}ms")
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def printable(text: str) -> str:
    """The text without the characters XML cannot hold."""
    return _UNPRINTABLE.sub(" ", text)


def _prosody(delivery: Delivery) -> dict[str, str]:
    found = {
        "rate": (delivery.pace != 1, f"{100 * delivery.pace:.4g}%"),
        "pitch": (delivery.pitch != 0, f"{delivery.pitch:+.4g}st"),
        "range": (delivery.range != 1, f"{100 * (delivery.range - 1):+.4g}%"),
        "volume": (delivery.energy != 0, f"{delivery.energy:+.4g}dB"),
    }
    return {name: text for name, (said, text) in found.items() if said}


def _words(element: etree._Element, line: Line) -> None:
    """The text, its emphasised words in elements of their own."""
    text = printable(line.text)
    wanted = "|".join(re.escape(word) for word in line.delivery.emphasis)
    pieces = re.split(rf"\b({wanted})\b", text) if wanted else [text]
    element.text = pieces[0]
    for word, after in zip(pieces[1::2], pieces[2::2], strict=True):
        stressed = etree.SubElement(element, _tag("emphasis"), level="strong")
        stressed.text, stressed.tail = word, after


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
