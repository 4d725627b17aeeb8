"""The three-tier ontology of emotions: Parrott's tree, the everyday words of each node, and how nodes relate.

    ontology().find("pissed off")                           # -> "rage.anger"
    roll_up("pissed off", 1)                                # -> "anger"
    roll_up("annoyance", 2, scheme="goemotions28")          # -> "irritation"
    roll_up("zorp", 1)                                      # -> None: cannot tell
    set_score([({"furious"}, {"angry", "sad"})], tier=1)    # precision .5, recall 1

Tree: Parrott 2001, the scheme `parrott`; words and relations: ours, the `.tsv` files of `schemes/ontology`. The same
content ships there as `ontology.json` and `ontology.owl` (OWL 2 in RDF/XML), both written by `export`. The idea of a
three-tier ontology with a vocabulary follows TONE (Gupta et al. 2024, arXiv:2401.06810).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .scheme import maps, scheme

IRI = "urn:insula:emotion#"
RELATIONS = {
    "opposite": "the two exclude each other at the same moment; symmetric",
    "stronger": "the first is a more intense form of the second",
    "related": "often felt together or confused, in different groups; symmetric",
}
# words in front that say how much, not what: "a bit sad" is grouped like "sad"
_DEGREE = re.compile(
    r"(a|an|bit|little|very|so|really|quite|rather|too|slightly|somewhat|extremely|deeply|more|most|pretty|kind|of|"
    r"feel|feeling|feels|felt|being|be|is|am|mild|mildly|strong|strongly) +"
)
# inflections only, and what a base form ends in: "-less" and "un-" turn a word around and are never cut
_ENDINGS = {
    "iness": ("y",),
    "ness": ("",),
    "ily": ("y",),
    "edly": ("ed",),
    "ingly": ("ing",),
    "ly": ("",),
    "ies": ("y",),
    "ied": ("y",),
    "es": ("", "e"),
    "s": ("",),
    "ing": ("", "e"),
    "ed": ("", "e"),
    "ier": ("y",),
    "ment": ("",),
}


@dataclass(frozen=True)
class Ontology:
    """Nodes of three tiers (1 primary, 2 secondary, 3 tertiary), words that name them, and (relation, one, other)."""

    parents: Mapping[str, str | None]
    words: Mapping[str, str]
    relations: tuple[tuple[str, str, str], ...]

    def path(self, node: str) -> tuple[str, ...]:
        """The node and those above it, broadest first: its tiers. Raises KeyError for a node that is not here."""
        above = self.parents[node]
        return (*self.path(above), node) if above else (node,)

    def narrower(self, node: str) -> tuple[str, ...]:
        """The nodes right below."""
        return tuple(child for child, parent in self.parents.items() if parent == node)

    def near(self, node: str, relation: str) -> tuple[str, ...]:
        """The nodes this one is `relation` to: "opposite", "related", or those it is "stronger" than."""
        there = [other for kind, one, other in self.relations if kind == relation and one == node]
        if relation != "stronger":
            there += [one for kind, one, other in self.relations if kind == relation and other == node]
        return tuple(there)

    def find(self, word: str) -> str | None:
        """The narrowest node a free word names, by itself or by an inflection of it; None where it cannot tell."""
        rest = " ".join(word.lower().replace("_", " ").split()).strip(" .,;:!?\"'")
        forms = [rest]
        while degree := _DEGREE.match(rest):
            rest = rest[degree.end() :]
            forms.append(rest)
        forms += (rest.replace("-", " "), rest.replace("-", ""), *_inflections(rest))
        return next((self.words[form] for form in forms if form in self.words), None)

    def common(self, nodes: Iterable[str]) -> str | None:
        """The narrowest node that holds all the given ones; None where they have none in common."""
        shared = [tier[0] for tier in zip(*map(self.path, nodes), strict=False) if len(set(tier)) == 1]
        return shared[-1] if shared else None


@dataclass(frozen=True)
class SetScore:
    """Agreement of sets of open words after grouping; `unknown` is the share of distinct words nobody could group."""

    precision: float
    recall: float
    f1: float
    unknown: float


@cache
def ontology() -> Ontology:
    """The ontology that ships with Insula."""
    tree = scheme("parrott")
    parents = {node: tree.parents.get(node) for node in tree.labels}
    # a name used in two tiers means the narrower one: Parrott lists the word "joy" under cheerfulness
    words = {node.rpartition(".")[2]: node for node in tree.labels}
    for row in _rows("vocabulary.tsv"):
        words.update({word.strip(): row["node"] for word in row["words"].split(",") if word.strip()})
    relations = tuple((row["relation"], row["one"], row["other"]) for row in _rows("relations.tsv"))
    return Ontology(parents, words, relations)


def roll_up(label: str, tier: int, scheme: str = "words") -> str | None:
    """The node of a tier (1 broad .. 3 narrow) that a free word, or a label of any scheme, belongs to.

    Labels go by the scheme's map to `parrott`, or by their name where there is none. None means "cannot tell": the
    label is not in the tree, is broader than the tier, or spans several of its nodes. Raises KeyError for an unknown
    scheme or label, ValueError for a tier outside 1..3.
    """
    if tier not in (1, 2, 3):
        raise ValueError(f"tier {tier} is not 1, 2 or 3")
    node = ontology().common(_nodes(label, scheme))
    path = ontology().path(node) if node else ()
    return path[tier - 1] if len(path) >= tier else None


def group(words: Iterable[str], tier: int = 1) -> dict[str | None, list[str]]:
    """Free words by the node of a tier they belong to; None collects those it cannot tell."""
    grouped: dict[str | None, list[str]] = {}
    for word in words:
        grouped.setdefault(roll_up(word, tier), []).append(word)
    return grouped


def set_score(pairs: Iterable[tuple[Collection[str], Collection[str]]], tier: int = 1) -> SetScore:
    """Score (gold words, predicted words) per item by the nodes they share, averaged over items.

    Precision and recall are means over items and F1 is theirs, as in the open-vocabulary evaluation of MER2024 and
    AffectGPT (Lian et al. 2024, arXiv:2410.01495). A word broader than the tier counts as the node it names, and one
    that cannot be grouped as itself, so that odd words cannot raise precision. An item where nothing was predicted
    scores 0. Raises ValueError without items.
    """
    items = [({*gold}, {*predicted}) for gold, predicted in pairs]
    if not items:
        raise ValueError("no items to score")
    known = {word: _place(word, tier) for item in items for side in item for word in side}
    precision = recall = 0.0
    for gold, predicted in items:
        one, other = ({known[word] or f"?{word.lower()}" for word in side} for side in (gold, predicted))
        precision += len(one & other) / max(1, len(other)) / len(items)
        recall += len(one & other) / max(1, len(one)) / len(items)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return SetScore(precision, recall, f1, sum(node is None for node in known.values()) / max(1, len(known)))


def _place(word: str, tier: int) -> str | None:
    node = ontology().find(word)
    return ontology().path(node)[:tier][-1] if node else None


def export(path: str | Path) -> None:
    """Write the ontology as JSON or, for a path ending in .owl, as OWL 2 in RDF/XML."""
    text = _owl() if str(path).endswith(".owl") else _json()
    Path(path).write_text(text, encoding="utf-8")


def _nodes(label: str, name: str) -> tuple[str, ...]:
    source = scheme(name)
    if source.kind != "open" and label not in source.labels:
        raise KeyError(f"{label!r} is not in scheme {name!r}: {', '.join(source.labels)}")
    if name == "parrott":
        return (label,)
    to_tree = next((one.table for one in maps() if (one.source, one.target) == (name, "parrott")), None)
    if to_tree is not None:
        return tuple(to_tree.get(label, ()))
    found = ontology().find(label)
    return (found,) if found else ()


def _inflections(word: str) -> Iterator[str]:
    """Base forms of the word (worries -> worry), then participles of each (terrify -> terrified)."""
    bases = [word]
    for ending, replacements in _ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            bases += [stem + replacement for replacement in replacements]
            if stem[-1] == stem[-2]:
                bases.append(stem[:-1])
    yield from bases
    for base in bases:
        yield from {"e": (base + "d", base[:-1] + "ing"), "y": (base[:-1] + "ied",)}.get(base[-1:], (base + "ed",))


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("insula") / "schemes" / "ontology" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def _names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {node: [] for node in ontology().parents}
    for word, node in ontology().words.items():
        names[node].append(word)
    return names


def _json() -> str:
    tree, names = ontology(), _names()
    nodes: list[dict[str, Any]] = [
        {"id": node, "tier": len(tree.path(node)), "broader": tree.parents[node], "words": names[node]}
        for node in tree.parents
    ]
    relations = [dict(zip(("relation", "one", "other"), row, strict=True)) for row in tree.relations]
    about = {"title": scheme("parrott").title, "paper": scheme("parrott").paper, "relations": RELATIONS}
    return json.dumps({**about, "nodes": nodes, "related": relations}, indent=1) + "\n"


def _owl() -> str:
    """Nodes are classes; relations between them are annotations, which keeps the ontology in OWL 2 DL."""
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "emotion": IRI,
    }
    for prefix, space in spaces.items():
        ElementTree.register_namespace(prefix, space)

    def tag(name: str) -> str:
        prefix, _, local = name.partition(":")
        return f"{{{spaces[prefix]}}}{local}"

    def add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, tag(name), {tag(f"rdf:{key}"): at for key, at in attributes.items()})
        element.text = text
        return element

    tree, names = ontology(), _names()
    root = ElementTree.Element(tag("rdf:RDF"))
    head = add(root, "owl:Ontology", about=IRI.rstrip("#"))
    add(head, "rdfs:label", scheme("parrott").title)
    add(head, "rdfs:comment", scheme("parrott").paper)
    for relation, meaning in RELATIONS.items():
        add(add(root, "owl:AnnotationProperty", about=IRI + relation), "rdfs:comment", meaning)
    add(root, "owl:AnnotationProperty", about=spaces["skos"] + "altLabel")
    for node, parent in tree.parents.items():
        element = add(root, "owl:Class", about=IRI + node)
        add(element, "rdfs:label", node.rpartition(".")[2])
        if parent:
            add(element, "rdfs:subClassOf", resource=IRI + parent)
        for word in names[node]:
            add(element, "skos:altLabel", word)
        for relation, one, other in tree.relations:
            if one == node:
                add(element, f"emotion:{relation}", resource=IRI + other)
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
