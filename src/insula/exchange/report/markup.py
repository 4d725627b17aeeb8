"""HTML that cannot forget to escape: what is not already `Html` is escaped where it is put in.

tag("p", "1 < 2", class_="note") -> <p class="note">1 &lt; 2</p>
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from .view import visible

EMPTY = frozenset({"circle", "line", "path", "polygon", "polyline", "rect", "br", "img", "input", "meta"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Html:
    """Anything as text that is safe in an element or an attribute."""
    if isinstance(value, Html):
        return value
    plain = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return Html(escape(visible(plain)))


def join(parts: Iterable[object], between: str = "") -> Html:
    """Parts one after the other."""
    return Html(between.join(map(text, parts)))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """One element. `class_` and `stroke_width` are spelt as Python must; None and False leave an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in EMPTY and not children:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")
