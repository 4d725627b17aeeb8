"""EmotionML 1.0 (W3C Recommendation, 22 May 2014): an `<emotion>` per judgement, the conversation in `<info>`.

    <emotion category-set="#ekman6" start="1000" end="2500">
      <info><insula:judgement layer="emotion" scheme="ekman6" rater="gold" labels="joy"/></info>
      <category name="joy" value="1"/>
      <reference uri="#c1.t1" role="expressedBy"/>
      <reference uri="#c1.k1" role="triggeredBy"/>
    </emotion>

`start` and `end` are milliseconds from the beginning of the recording, of the turn or of the window of it that was
judged; what was read of a face or a group, and of no turn, refers to the conversation. Vocabularies the W3C knows by
URI are used by it, all others are defined in the document. Values are 0..1 there,
so dimensions are moved from their scheme's range and back. A judgement that cannot tell has no score to write: it
stands in the `<info>` of the document, and so do causes, with their words: an emotion names them as what triggered it.
Who drew that link, where it was not the rater of the emotion, is in the emotion's own `<info>`. Evidence, sentences,
functionals and other stretches of text are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from insula.conversation import Anchor, Annotation, Conversation, Turn
from insula.scheme import Scheme, scheme, schemes

from . import timeline
from .elan import parse
from .one_rater import links
from .source import AUTHOR, Source

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
OURS = "https://github.com/insula/insula/ns/exchange"
_NAMES = {"e": NAMESPACE, "i": OURS}
# layers that have elements of their own; all others are categories or dimensions
_KINDS = ("appraisal", "action-tendency")
_LINK = "e:info/i:caused"


def write(conversations: list[Conversation], path: Path) -> None:
    """Write any number of conversations."""
    root = etree.Element(_w3c("emotionml"), {"version": "1.0"}, nsmap={None: NAMESPACE, "insula": OURS})
    info = etree.SubElement(root, _w3c("info"))
    vocabularies = dict[str, etree._Element]()
    for number, conversation in enumerate(conversations, 1):
        about = etree.SubElement(info, _ours("conversation"), id=f"c{number}", name=timeline.printable(conversation.id))
        places = {turn.id: f"c{number}.t{place}" for place, turn in enumerate(conversation.turns, 1)}
        judged, why = _timed(conversation), links(conversation)
        for turn in conversation.turns:
            _turn(about, turn, places[turn.id])
            for annotation in judged[turn.id]:
                if annotation.abstained or not annotation.scheme:
                    _judgement(about, annotation, turn=places[turn.id])
        for annotation in (moments := _moments(conversation)):
            if annotation.abstained or not annotation.scheme:
                _judgement(about, annotation, turn=f"c{number}")
        causes = {one.id: f"c{number}.k{place}" for place, one in enumerate(_caused(conversation), 1)}
        for one in _caused(conversation):
            _cause(about, one, conversation, places[one.at.turn or ""], causes[one.id])
        for turn in conversation.turns:
            for annotation in judged[turn.id]:
                if annotation.scores and annotation.scheme and annotation.layer != "cause":
                    emotion = _emotion(root, annotation, turn, places[turn.id], vocabularies)
                    _triggers(emotion, *why.get(annotation.id, ((), None)), causes)
        for annotation in moments:
            if annotation.scores and annotation.scheme:
                _emotion(root, annotation, None, f"c{number}", vocabularies)
    for place, vocabulary in enumerate(vocabularies.values(), 1):
        root.insert(place, vocabulary)
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _timed(conversation: Conversation) -> dict[str, list[Annotation]]:
    """What was judged of each turn, then of windows of it."""
    whole, windows = timeline.judgements(conversation), timeline.windows(conversation)
    return {id: [*judged, *windows[id]] for id, judged in whole.items()}


def _moments(conversation: Conversation) -> list[Annotation]:
    """What was judged of seconds; measures of a body are no emotions, and their units no 0..1."""
    return [one for one in timeline.moments(conversation) if not timeline.measures(one)]


def _emotion(
    root: etree._Element, annotation: Annotation, turn: Turn | None, at: str, vocabularies: dict[str, etree._Element]
) -> etree._Element:
    about = _scheme(annotation)
    kind = about.layer if about.layer in _KINDS else "dimension" if about.kind == "dimensional" else "category"
    emotion = etree.SubElement(root, _w3c("emotion"), {f"{kind}-set": about.uri or f"#{about.name}"})
    if seconds := annotation.at.seconds or (turn.seconds if turn else None):
        start, end = (max(0, round(1000 * at)) for at in seconds)
        emotion.attrib.update({"start": str(start), "end": str(end)})
    _judgement(etree.SubElement(emotion, _w3c("info")), annotation)
    for label, score in annotation.scores.items():
        value = (score - about.low) / (about.high - about.low)
        etree.SubElement(emotion, _w3c(kind), name=_token(label), value=f"{min(1.0, max(0.0, value)):.6g}")
        if not about.uri:
            _define(vocabularies, about, kind, label)
    etree.SubElement(emotion, _w3c("reference"), uri=f"#{at}", role="expressedBy")
    return emotion


def _caused(conversation: Conversation) -> list[Annotation]:
    return [one for one in conversation.read("cause", scheme="cause") if one.scores and one.at.turn]


def _cause(about: etree._Element, one: Annotation, conversation: Conversation, turn: str, id: str) -> None:
    """Words that a rater took for a cause, or the whole turn; no `labels` where the rater decided they are none."""
    where = {"chars": " ".join(map(str, one.at.chars))} if one.at.chars else {}
    value = f"{one.scores.get('cause', 0.0):.6g}"
    said = {"id": id, "turn": turn, **where, "rater": one.rater, "value": value, "labels": " ".join(one.labels)}
    element = etree.SubElement(about, _ours("cause"), {name: timeline.printable(text) for name, text in said.items()})
    element.text = timeline.printable(conversation.turn(one.at.turn or "").text[slice(*one.at.chars or (None,))])


def _triggers(
    emotion: etree._Element, why: tuple[Annotation, ...], link: Annotation | None, causes: dict[str, str]
) -> None:
    for one in why:
        etree.SubElement(emotion, _w3c("reference"), uri=f"#{causes[one.id]}", role="triggeredBy")
    if link is not None:
        label, value = next(iter(link.scores.items()), ("", 0.0))
        said = {"rater": link.rater, "label": label, "value": f"{value:.6g}", "labels": " ".join(link.labels)}
        info = emotion.find("e:info", _NAMES)
        etree.SubElement(info, _ours("caused"), {name: timeline.printable(text) for name, text in said.items()})


def _define(vocabularies: dict[str, etree._Element], about: Scheme, kind: str, label: str) -> None:
    """The vocabulary of a scheme, begun with its labels and grown by each new word where it is open."""
    if about.name not in vocabularies:
        vocabularies[about.name] = etree.Element(_w3c("vocabulary"), type=kind, id=about.name)
        for known in about.labels:
            etree.SubElement(vocabularies[about.name], _w3c("item"), name=_token(known))
    items = vocabularies[about.name]
    if label not in about.labels and _token(label) not in {item.get("name") for item in items}:
        etree.SubElement(items, _w3c("item"), name=_token(label))


def _turn(about: etree._Element, turn: Turn, at: str) -> None:
    element = etree.SubElement(about, _ours("turn"), id=at, speaker=timeline.printable(turn.speaker))
    element.text = timeline.printable(turn.text)
    if turn.seconds:
        element.attrib.update({"start": repr(turn.seconds[0]), "end": repr(turn.seconds[1])})


def _judgement(about: etree._Element, annotation: Annotation, **where: str) -> None:
    said = {name: getattr(annotation, name) for name in ("layer", "scheme", "rater", "reason")}
    lists = {name: " ".join(map(_token, getattr(annotation, name))) for name in ("labels", "possible")}
    if annotation.at.seconds:
        where |= dict(zip(("start", "end"), map(repr, map(float, annotation.at.seconds)), strict=True))
    if annotation.at.turn is None and annotation.at.speaker:
        where["speaker"] = annotation.at.speaker
    found = {name: timeline.printable(text) for name, text in (where | said | lists).items() if text}
    etree.SubElement(about, _ours("judgement"), found)


def read(source: Source) -> Iterator[Conversation]:
    """The conversations of our own documents; of others, one with a turn per emotion, holding the element's text."""
    root = parse(source)
    if root.tag != _w3c("emotionml"):
        raise source.unreadable(f"is XML, but not EmotionML 1.0 (its root is {etree.QName(root).localname})")
    found, turns = list[Conversation](), dict[str, tuple[Conversation, str | None]]()
    causes: dict[str, str] = {}
    for about in _all(root, "e:info/i:conversation"):
        conversation = Conversation(id=about.get("name", source.name))
        found.append(conversation)
        turns[about.get("id", "")] = conversation, None
        for element in _all(about, "i:turn"):
            seconds = (float(element.get("start")), float(element.get("end"))) if element.get("start") else None
            (turn,) = conversation.add(Turn(element.get("speaker", AUTHOR), element.text or "", seconds))
            turns[element.get("id", "")] = conversation, turn.id
        for element in _all(about, "i:judgement[@turn]"):
            _add(turns[element.get("turn", "")], element, {})
        for element in _all(about, "i:cause"):
            causes[element.get("id", "")] = _read_cause(element, *turns[element.get("turn", "")])
    if not found:
        found.append(Conversation(id=source.name))
    for emotion in root.iter(_w3c("emotion")):
        place = _place(emotion, turns) or _foreign(emotion, found[0])
        judged = emotion.find("e:info/i:judgement", _NAMES)
        uris = (one.get("uri", "")[1:] for one in _all(emotion, "e:reference[@role='triggeredBy']"))
        why = tuple(causes[uri] for uri in uris if uri in causes)
        for kind in ("category", "dimension", *_KINDS):
            if scores := _scores(emotion, kind, _named(root, emotion, kind, judged)):
                _add(place, judged, scores, _named(root, emotion, kind, judged), why, emotion.find(_LINK, _NAMES))
    yield from (conversation for conversation in found if len(conversation))


def _add(
    place: tuple[Conversation, str | None],
    judged: etree._Element | None,
    scores: dict[str, float],
    name: str = "",
    why: tuple[str, ...] = (),
    link: etree._Element | None = None,
) -> None:
    conversation, turn = place
    about = dict(judged.attrib) if judged is not None else {"layer": _layer(name), "rater": "emotionml"}
    layer, rater, reason = (str(about.get(key, "")) for key in ("layer", "rater", "reason"))
    labels, possible = (tuple(str(about.get(key, "")).split()) for key in ("labels", "possible"))
    scheme_name = str(about.get("scheme", name))
    because = why if link is None else ()
    seconds = (float(about["start"]), float(about["end"])) if "start" in about else None
    found = Annotation(
        layer,
        scores,
        Anchor(turn, seconds=seconds, speaker=about.get("speaker")),
        scheme_name,
        rater,
        labels,
        possible,
        because=because,
        reason=reason,
    )
    conversation.add(found)
    if link is not None:
        drawn = {link.get("label", ""): float(link.get("value", "0"))}
        by, labels = link.get("rater", ""), tuple(link.get("labels", "").split())
        conversation.add(Annotation("cause", drawn, Anchor(turn), "caused", by, labels, because=(found.id, *why)))


def _read_cause(element: etree._Element, conversation: Conversation, turn: str | None) -> str:
    """Add a cause to its conversation; its id."""
    span = element.get("chars", "").split()
    at = Anchor(turn, (int(span[0]), int(span[1])) if len(span) == 2 else None)
    labels, scores = tuple(element.get("labels", "").split()), {"cause": float(element.get("value", "1"))}
    cause = Annotation("cause", scores, at, "cause", element.get("rater", ""), labels)
    conversation.add(cause)
    return cause.id


def _layer(name: str) -> str:
    return next((one.layer for one in schemes() if one.name == name), "emotion")


def _place(emotion: etree._Element, turns: dict[str, Any]) -> tuple[Conversation, str | None] | None:
    uris = (reference.get("uri", "") for reference in _all(emotion, "e:reference"))
    return next((turns[uri[1:]] for uri in uris if uri[1:] in turns), None)


def _foreign(emotion: etree._Element, conversation: Conversation) -> tuple[Conversation, str]:
    start, end = emotion.get("start"), emotion.get("end")
    # times since 1970 say when it was, not where in a recording
    seconds = (int(start) / 1000, int(end) / 1000) if start and end and int(start) < 1e11 else None
    words = " ".join("".join(emotion.itertext()).split())
    (turn,) = conversation.add(Turn(AUTHOR, words, seconds))
    return conversation, turn.id


def _scores(emotion: etree._Element, kind: str, name: str) -> dict[str, float]:
    known = next((one for one in schemes() if one.name == name), None)
    low, high = (known.low, known.high) if known else (0.0, 1.0)
    found = (
        (one.get("name", ""), one.get("value") or one.get("confidence") or "1") for one in _all(emotion, f"e:{kind}")
    )
    return {label: round(low + float(value) * (high - low), 6) for label, value in found}


def _named(root: etree._Element, emotion: etree._Element, kind: str, judged: etree._Element | None) -> str:
    """The scheme of an emotion: what we wrote, or the one known by the URI of its set, or the name after the "#"."""
    if judged is not None:
        return judged.get("scheme", "")
    uri = emotion.get(f"{kind}-set") or root.get(f"{kind}-set") or ""
    return next((one.name for one in schemes() if one.uri == uri and uri), uri.rpartition("#")[2])


def _scheme(annotation: Annotation) -> Scheme:
    try:
        return scheme(annotation.scheme)
    except KeyError:
        return Scheme(_token(annotation.scheme), annotation.layer, "open")


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, _NAMES)


def _token(label: str) -> str:
    """A label as an XML name token."""
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in label) or "_"


def _w3c(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _ours(name: str) -> str:
    return f"{{{OURS}}}{name}"
