"""What a run came to as JUnit XML, the form that CI servers read: a suite per file, a case per scenario.

junit(outcomes) -> '<?xml version="1.0" ...><testsuites ...>'
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, tostring

from .play import Outcome

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcomes: Iterable[Outcome]) -> str:
    """The whole run. A scenario whose every expectation was left open is skipped; what was left open is always told."""
    root = Element("testsuites", name="insula")
    for file, some in groupby(outcomes, key=lambda one: one.suite.file):
        found = list(some)
        suite = SubElement(root, "testsuite", name=_plain(found[0].suite.suite), file=_plain(file))
        suite.set("tests", str(len(found)))
        suite.set("failures", str(sum(bool(one.failures) and not one.error for one in found)))
        suite.set("errors", str(sum(bool(one.error) for one in found)))
        suite.set("skipped", str(sum(_skipped(one) for one in found)))
        suite.set("time", f"{sum(one.seconds for one in found):.3f}")
        for one in found:
            _case(suite, one)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, outcome: Outcome) -> None:
    number = outcome.suite.scenarios.index(outcome.scenario)
    line = str(outcome.suite.line("scenarios", number))
    name, group = _plain(outcome.scenario.name), _plain(outcome.suite.suite)
    case = SubElement(suite, "testcase", name=name, classname=group, file=_plain(outcome.suite.file), line=line)
    case.set("time", f"{outcome.seconds:.3f}")
    if outcome.error:
        SubElement(case, "error", message=_plain(outcome.error))
    for one in outcome.failures:
        where = f"reply {one.turn}" if one.turn else "the whole talk"
        message = f"{where}, line {one.line}: {one.expected}: {one.why}"
        SubElement(case, "failure", message=_plain(message), type=_plain(one.expected))
    if _skipped(outcome):
        SubElement(case, "skipped", message="nothing in it can be told without a judge")
    said = "\n".join(f"{turn.speaker}: {turn.text}" for turn in outcome.conversation.turns)
    left = "".join(f"\n(open, line {one.line}: {one.expected}: {one.why})" for one in outcome.open)
    SubElement(case, "system-out").text = _plain(said + left)


def _skipped(outcome: Outcome) -> bool:
    return outcome.passed and bool(outcome.open) and len(outcome.open) == len(outcome.verdicts)


def _plain(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NO_XML.sub("�", text)
