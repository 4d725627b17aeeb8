"""Readable scenario files: what a person says, and what a reply to it has to do and must never do.

    found = [play(scenario, responder) for scenario in read("safety.yaml").scenarios]
    all(outcome.passed for outcome in found)

Teams keep the files beside their bot and run them in CI: `insula test scenarios/ --junit report.xml`. Suites ship by
name: `insula test safety empathy boundaries`.
"""

from .expectation import EXPECTATIONS, Expectation, Found
from .junit import junit
from .play import Outcome, Verdict, play
from .scenario import Mistake, Scenario, Suite, Turn, files, read, suites

__all__ = [
    "EXPECTATIONS",
    "Expectation",
    "Found",
    "Mistake",
    "Outcome",
    "Scenario",
    "Suite",
    "Turn",
    "Verdict",
    "files",
    "junit",
    "play",
    "read",
    "suites",
]
