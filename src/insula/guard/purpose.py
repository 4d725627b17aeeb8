"""The purpose gate: what emotions are inferred for, and where, decides whether they are inferred from bodies at all.

    gate = Purpose("workplace", "DE")
    gate.check(voice)          # PermissionError: inferring emotions of people at work ... is prohibited
    Purpose("companion", "DE").disclosure(["signal.audio"]) -> what people are owed to be told

Source: Regulation (EU) 2024/1689 (AI Act), Articles 3(39), 5(1)(f), 50(3), as told in `purposes.toml`. No legal advice.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from insula.catalogue import nearest
from insula.component import Component, name
from insula.conversation import Conversation

from .tables import folder


class Purpose:
    """A gate for one purpose, or several with "+" between ("workplace+safety"), in one jurisdiction.

    `jurisdiction` is a country (ISO 3166-1, as DE), "EU", or "" where it is not known; then the strictest rule holds.
    `override` is a reason, written into the audit line, for going on where no law but the default refuses. `audit` is a
    file that every check appends one JSON line to: when, what, for what, the decision; never what anybody said.
    `controller` is who answers for the data. Raises ValueError for a purpose that is not known.
    """

    def __init__(
        self,
        purpose: str,
        jurisdiction: str = "",
        *,
        audit: str | Path | None = None,
        override: str = "",
        controller: str = "whoever runs this",
    ) -> None:
        known = rules()["purpose"]
        self.purposes = tuple(purpose.split("+"))
        for one in self.purposes:
            if one not in known:
                raise ValueError(f"no purpose {one!r}; did you mean {nearest(one, known)}? All: {', '.join(known)}")
        self.jurisdiction = jurisdiction.upper()
        self.override = override.strip()
        self.controller = controller
        self.audit = Path(audit) if audit else None

    def check(self, *components: Component) -> str:
        """What people are owed to be told, "" where nothing is; an audit line is written either way.

        Raises PermissionError, in a sentence that names the rule, where emotions would be inferred from bodies for a
        purpose that is refused; OSError where the audit line cannot be written, since then nothing may run.
        """
        signals = sorted({signal for part in components for signal in biometric(part)})
        rule = self._refusal() if signals else None
        allowed = rule is None or (bool(rule.get("override")) and bool(self.override))
        self._write(components, signals, allowed, rule)
        if rule is not None and not allowed:
            raise PermissionError(self._sentence(rule, signals))
        return self.disclosure(signals)

    def disclosure(self, signals: Sequence[str]) -> str:
        """What the people concerned have to be told before; "" where nothing is inferred from their bodies."""
        if not signals:
            return ""
        owed = next(one for one in rules()["owed"] if self._holds(one))
        said = " and ".join(signal.removeprefix("signal.") for signal in signals)
        purposes = "; ".join(rules()["purpose"][one] for one in self.purposes)
        return owed["what"].format(signals=said, purpose=purposes, controller=self.controller)

    def gated(self, component: Component) -> Gated:
        """The component behind this gate; it is checked now, and again each time it runs."""
        return Gated(self, component)

    def _refusal(self) -> Mapping[str, Any] | None:
        for rule in rules()["refused"]:
            if self._holds(rule) and set(self.purposes) & set(rule["purposes"]):
                return None if set(self.purposes) & set(rule["except"]) else rule
        return None

    def _holds(self, rule: Mapping[str, Any]) -> bool:
        """Whether a rule is one of this place; a place that is not known is treated as the strictest."""
        here = {"*", self.jurisdiction} | (
            {"EU"} if self.jurisdiction in rules()["union"] or not self.jurisdiction else set()
        )
        return bool(here & set(rule["where"]))

    def _sentence(self, rule: Mapping[str, Any], signals: Sequence[str]) -> str:
        said = " and ".join(signal.removeprefix("signal.") for signal in signals)
        way = "; give override= a reason where you may" if rule.get("override") else ""
        place = self.jurisdiction or "an unknown place, where the strictest rule holds"
        return (
            f"{rule['why']} ({rule['source']}, since {rule['since']}); asked for: {'+'.join(self.purposes)} in "
            f"{place}, from {said}. Excepted: {' and '.join(rule['except'])}{way}"
        )

    def _write(
        self, components: Iterable[Component], signals: Sequence[str], allowed: bool, rule: Mapping[str, Any] | None
    ) -> None:
        if self.audit is None:
            return
        line = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "purpose": "+".join(self.purposes),
            "jurisdiction": self.jurisdiction,
            "components": [name(part) for part in components],
            "signals": list(signals),
            "decision": "allowed" if allowed else "refused",
            "rule": rule["source"] if rule else "",
            "override": self.override if rule else "",
        }
        # one write of one line to a file opened for appending: what stands there already cannot be changed by it
        with self.audit.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


class Gated:
    """A component behind a gate: a component itself. Raises PermissionError where the gate refuses it."""

    def __init__(self, gate: Purpose, component: Component) -> None:
        self.disclosure = gate.check(component)
        self.gate, self.component = gate, component
        self.reads, self.writes = component.reads, component.writes
        self.name = name(component)
        self.asynchronous = bool(getattr(component, "asynchronous", False))

    def __call__(self, conversation: Conversation) -> Any:
        """What the component adds; the gate's word is asked and written down each time."""
        self.gate.check(self.component)
        return self.component(conversation)


def biometric(component: Component) -> Iterator[str]:
    """The signals of bodies this component infers emotions from; none where it reads text, or infers no emotion."""
    if set(component.writes) & set(rules()["inferred"]):
        yield from (layer for layer in component.reads if layer in rules()["biometric"])


@cache
def rules() -> Mapping[str, Any]:
    """What `purposes.toml` holds."""
    return tomllib.loads(folder("purposes.toml").read_text(encoding="utf-8"))
