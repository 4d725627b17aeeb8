"""ELAN annotation files (.eaf): a tier per speaker, and under it one for each scheme and rater.

    tier "ana"                          01.000-02.500  I did it!
    tier "ana | emotion | ekman6 | gold"               joy                   depends on it, one to one
    tier "ana | words"                  01.000-01.200  I                     windows, faces: see `marks`

Written as EAF 3.0 (Max Planck Institute for Psycholinguistics), with a link to the recording where there is one. Turns
without times get a second each, and a property says so.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from insula.conversation import Conversation, Turn

from . import marks, timeline
from .media import media, relative
from .source import Source

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA_PLACE = f"{{{_INSTANCE}}}noNamespaceSchemaLocation"
_INVENTED = "turns had no times"
_WITHIN = "within a turn"


def read(source: Source) -> Iterator[Conversation]:
    """One conversation: the time-aligned tiers as turns, in order of time, with what depends on them as judgements."""
    root = parse(source)
    times = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    timed = not root.xpath("HEADER/PROPERTY[@NAME=$name]", name=_INVENTED)
    found = list[tuple[float, float, str, str, str, str]]()
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        start, end = _span(annotation, times)
        tier = annotation.getparent().getparent()
        if tier.get("LINGUISTIC_TYPE_REF") == _WITHIN:
            continue
        name = tier.get("PARTICIPANT") or timeline.speaker(tier.get("TIER_ID"))
        if text := annotation.findtext("ANNOTATION_VALUE"):
            found.append((start, end, name, text, annotation.get("ANNOTATION_ID"), tier.get("TIER_ID")))
    if not found and not any(_within(root, times)):
        raise source.unreadable("has no annotations with times")
    found.sort(key=lambda one: one[:2])
    ids = {key: f"t{number}" for number, (_, _, _, _, key, _) in enumerate(found, 1)}
    turns = [
        Turn(speaker, text, (start, end) if timed else None, id=ids[key]) for start, end, speaker, text, key, _ in found
    ]
    turns, windows = marks.put_back(turns, [one[-1] for one in found], _within(root, times))
    conversation = Conversation(*turns, *windows, id=source.name)
    for annotation in root.iter("REF_ANNOTATION"):
        parts = timeline.apart(annotation.getparent().getparent().get("TIER_ID"))
        if parts and (turn_id := ids.get(annotation.get("ANNOTATION_REF"))):
            conversation.add(timeline.unspell(annotation.findtext("ANNOTATION_VALUE") or "-", turn_id, *parts[1:]))
    yield conversation


def write(conversations: list[Conversation], path: Path) -> None:
    """Write one conversation."""
    date = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"AUTHOR": "insula", "DATE": date, "FORMAT": "3.0", "VERSION": "3.0", _SCHEMA_PLACE: _SCHEMA}
    root = etree.Element("ANNOTATION_DOCUMENT", about, nsmap={"xsi": _INSTANCE})
    header = etree.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    order = etree.SubElement(root, "TIME_ORDER")
    tiers: dict[str, etree._Element] = {}
    times = list[int]()
    count = 0
    for conversation in conversations:
        for file in media(conversation):
            kind = mimetypes.guess_type(file.name)[0] or "audio/x-wav"
            link = {
                "MEDIA_URL": file.absolute().as_uri(),
                "RELATIVE_MEDIA_URL": relative(file, path),
                "MIME_TYPE": kind,
            }
            etree.SubElement(header, "MEDIA_DESCRIPTOR", link)
        if timeline.invented(conversation):
            etree.SubElement(header, "PROPERTY", NAME=_INVENTED).text = "each is given one second"
        judged = timeline.judgements(conversation)
        for slot in timeline.slots(conversation):
            count += 1
            key = f"a{count}"
            tier = _tier(root, tiers, slot.tier, speaker=slot.turn.speaker)
            times += [slot.start, slot.end]
            refs = {"TIME_SLOT_REF1": f"ts{len(times) - 1}", "TIME_SLOT_REF2": f"ts{len(times)}"}
            _annotate(tier, "ALIGNABLE_ANNOTATION", slot.turn.text, ANNOTATION_ID=key, **refs)
            for judgement in timeline.one_each(judged[slot.turn.id]):
                count += 1
                name = timeline.judged_by(slot.tier, judgement)
                depends = {"LINGUISTIC_TYPE_REF": "judgement", "PARENT_REF": slot.tier, "ANNOTATOR": judgement.rater}
                under = _tier(root, tiers, name, speaker=slot.turn.speaker, **depends)
                spelled = timeline.spell(judgement)
                _annotate(under, "REF_ANNOTATION", spelled, ANNOTATION_ID=f"a{count}", ANNOTATION_REF=key)
        for mark in marks.marks(conversation):
            count += 1
            about = {"LINGUISTIC_TYPE_REF": _WITHIN, "ANNOTATOR": mark.rater}
            tier = _tier(root, tiers, mark.tier, speaker=mark.speaker, **about)
            times += [mark.start, mark.end]
            refs = {"TIME_SLOT_REF1": f"ts{len(times) - 1}", "TIME_SLOT_REF2": f"ts{len(times)}"}
            _annotate(tier, "ALIGNABLE_ANNOTATION", mark.text, ANNOTATION_ID=f"a{count}", **refs)
    for place, at in sorted(enumerate(times, 1), key=itemgetter(1)):
        etree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{place}", TIME_VALUE=str(at))
    etree.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(count)
    _types(root)
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _within(root: etree._Element, times: Mapping[str, str]) -> Iterator[tuple[str, float, float, str]]:
    """The words and windows: (tier, start, end, text)."""
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        tier = annotation.getparent().getparent()
        if tier.get("LINGUISTIC_TYPE_REF") == _WITHIN:
            yield tier.get("TIER_ID"), *_span(annotation, times), annotation.findtext("ANNOTATION_VALUE") or "-"


def _span(annotation: etree._Element, times: Mapping[str, str]) -> tuple[float, float]:
    start, end = (_seconds(times.get(annotation.get(f"TIME_SLOT_REF{end}"))) for end in (1, 2))
    return start, end


def parse(source: Source) -> etree._Element:
    """The root of an XML document. Raises Unreadable where it is not whole; nothing outside the file is ever opened."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(source.file.read(), parser)
    except etree.XMLSyntaxError as error:
        raise source.unreadable(f"is not whole XML ({error.msg})", f"line {error.lineno}") from None


def _tier(
    root: etree._Element,
    tiers: dict[str, etree._Element],
    name: str,
    *,
    speaker: str,
    **kind: str,
) -> etree._Element:
    if name not in tiers:
        about = {"TIER_ID": name, "PARTICIPANT": speaker, "LINGUISTIC_TYPE_REF": "speech", **kind}
        tiers[name] = etree.SubElement(root, "TIER", {key: timeline.printable(value) for key, value in about.items()})
    return tiers[name]


def _annotate(tier: etree._Element, kind: str, text: str, **attributes: str) -> None:
    inner = etree.SubElement(etree.SubElement(tier, "ANNOTATION"), kind, attributes)
    etree.SubElement(inner, "ANNOTATION_VALUE").text = timeline.printable(text)


def _types(root: etree._Element) -> None:
    for name, aligned in (("speech", True), (_WITHIN, True), ("judgement", False)):
        about = {"LINGUISTIC_TYPE_ID": name, "TIME_ALIGNABLE": str(aligned).lower(), "GRAPHIC_REFERENCES": "false"}
        etree.SubElement(root, "LINGUISTIC_TYPE", about | ({} if aligned else {"CONSTRAINTS": "Symbolic_Association"}))
    about = {"STEREOTYPE": "Symbolic_Association", "DESCRIPTION": "1-1 association with a parent annotation"}
    etree.SubElement(root, "CONSTRAINT", about)


def _seconds(milliseconds: str | None) -> float:
    return int(milliseconds or 0) / 1000
