"""A plan as `<expr type="..." label="..."/>` tags in the text: markup that no one vendor owns, lowered per provider.

    <expr type="expression" label="sadness"/><expr type="prosody" label="slow, low"/>I am so sorry.
    <expr type="break" label="560ms"/>

The types expression, prosody and break are those of LiveKit's expressive markup; other types are passed over when read.
What a tag says is coarser than a plan: of a feeling its name, of the quantities the nearest words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr, unescape

from .delivery import Delivery
from .levels import LEVELS, NORMAL, describe
from .plan import plan as ruled
from .sentences import pause, sentences
from .text import Line

_TAG = re.compile(r"<expr\b([^<>]*?)/?>|</expr\s*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
LEAST = 0.05  # of a feeling that is worth a tag


def write(plan: Iterable[Line]) -> str:
    """The plan as text with tags, one line a sentence."""
    return "\n".join(_tags(line) for line in plan)


def read(text: str) -> tuple[Line, ...]:
    """The plan in a text with tags: a feeling gets the rule's numbers, words of prosody take their place.

    Tags that nobody knows are passed over, as a model writes them; text without tags is read plainly.
    """
    found: list[Line] = []
    delivery, at = Delivery(), 0
    for tag in (*_TAG.finditer(text), None):
        found += [Line(one, delivery) for one in sentences(unescape(text[at : tag.start() if tag else None]))]
        if tag:
            at = tag.end()
            delivery = _told(delivery, _attributes(tag[1] or ""))
    return tuple(found)


def strip(text: str) -> str:
    """The words alone, for a screen or for a voice that knows no tags."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())


def _tags(line: Line) -> str:
    felt = sorted(line.delivery.feeling.items(), key=lambda one: -one[1])
    labels = [label for label, weight in felt if weight * line.delivery.intensity >= LEAST]
    tags = [_tag("expression", label) for label in labels]
    if words := describe(line.delivery):
        tags.append(_tag("prosody", words))
    after = _tag("break", f"{round(1000 * pause(line.text) * line.delivery.pauses)}ms")
    return f"{''.join(tags)}{escape(line.text)}{after}"


def _tag(kind: str, label: str) -> str:
    return f'<expr type="{kind}" label={quoteattr(label)}/>'


def _attributes(inside: str) -> dict[str, str]:
    return {name.lower(): unescape(first or second) for name, first, second in _ATTRIBUTE.findall(inside)}


def _told(delivery: Delivery, said: dict[str, str]) -> Delivery:
    """A delivery after one more tag: a feeling begins anew, prosody changes what its words name."""
    label = said.get("label", "").strip().lower()
    if said.get("type", "").lower() == "expression":
        try:
            return ruled("", label)
        except KeyError:
            return Delivery()
    if said.get("type", "").lower() == "prosody":
        words = {word.strip() for word in label.split(",")}
        numbers: dict[str, Any] = {
            name: known[word] for name, known in LEVELS.items() for word in known if word in words - {NORMAL}
        }
        return Delivery(delivery.feeling, delivery.affect, delivery.intensity, **numbers)
    return delivery
