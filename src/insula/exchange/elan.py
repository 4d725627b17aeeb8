"""ELAN annotation files (.eaf): a tier per speaker, and under it one for each scheme and rater.

    tier "ana"                          01.000-02.500  I did it!
    tier "ana | emotion | ekman6 | gold"               joy                   depends on it, one to one

Written as EAF 3.0 (Max Planck Institute for Psycholinguistics). Turns without times get a second each, and a property
says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from insula.conversation import Conversation, Turn

from . import timeline
from .source import Source

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA_PLACE = f"{{{_INSTANCE}}}noNamespaceSchemaLocation"
_INVENTED = "turns had no times"


def read(source: Source) -> Iterator[Conversation]:
    """One conversation: the time-aligned tiers as turns, in order of time, with what depends on them as judgements."""
    root = parse(source)
    times = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    timed = not root.xpath("HEADER/PROPERTY[@NAME=$name]", name=_INVENTED)
    found = list[tuple[float, float, str, str, str]]()
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        start, end = (_seconds(times.get(annotation.get(name))) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
        tier = annotation.getparent().getparent()
        name = tier.get("PARTICIPANT") or timeline.speaker(tier.get("TIER_ID"))
        if text := annotation.findtext("ANNOTATION_VALUE"):
            found.append((start, end, name, text, annotation.get("ANNOTATION_ID")))
    if not found:
        raise source.unreadable("has no annotations with times")
    found.sort(key=lambda one: one[:2])
    conversation, ids = Conversation(id=source.name), dict[str, str]()
    for start, end, speaker, text, key in found:
        (turn,) = conversation.add(Turn(speaker, text, (start, end) if timed else None))
        ids[key] = turn.id
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
                under = _tier(root, tiers, name, speaker=slot.turn.speaker, parent=slot.tier, rater=judgement.rater)
                spelled = timeline.spell(judgement)
                _annotate(under, "REF_ANNOTATION", spelled, ANNOTATION_ID=f"a{count}", ANNOTATION_REF=key)
    for place, at in sorted(enumerate(times, 1), key=itemgetter(1)):
        etree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=f"ts{place}", TIME_VALUE=str(at))
    etree.SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(count)
    _types(root)
    etree.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)


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
    parent: str = "",
    rater: str = "",
) -> etree._Element:
    if name not in tiers:
        kind = {"LINGUISTIC_TYPE_REF": "judgement", "PARENT_REF": parent, "ANNOTATOR": rater} if parent else {}
        about = {"TIER_ID": name, "PARTICIPANT": speaker, "LINGUISTIC_TYPE_REF": "speech", **kind}
        tiers[name] = etree.SubElement(root, "TIER", {key: timeline.printable(value) for key, value in about.items()})
    return tiers[name]


def _annotate(tier: etree._Element, kind: str, text: str, **attributes: str) -> None:
    inner = etree.SubElement(etree.SubElement(tier, "ANNOTATION"), kind, attributes)
    etree.SubElement(inner, "ANNOTATION_VALUE").text = timeline.printable(text)


def _types(root: etree._Element) -> None:
    for name, aligned in (("speech", True), ("judgement", False)):
        about = {"LINGUISTIC_TYPE_ID": name, "TIME_ALIGNABLE": str(aligned).lower(), "GRAPHIC_REFERENCES": "false"}
        etree.SubElement(root, "LINGUISTIC_TYPE", about | ({} if aligned else {"CONSTRAINTS": "Symbolic_Association"}))
    about = {"STEREOTYPE": "Symbolic_Association", "DESCRIPTION": "1-1 association with a parent annotation"}
    etree.SubElement(root, "CONSTRAINT", about)


def _seconds(milliseconds: str | None) -> float:
    return int(milliseconds or 0) / 1000
