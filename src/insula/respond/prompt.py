"""Messages for a model: the talk so far, and what the specialists found, as short notes or as full instructions.

    short_prompt(turns, "companion", "question", evidence) -> [Message("system", ...), Message("user", ...), ...]

`short_prompt` is what the shipped adapter was tuned on: a small model follows few words better than many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

from insula.conversation import Turn
from insula.llm import Message

from .evidence import Evidence
from .persona import Persona
from .strategies import strategies

TURNS = 6  # of the talk that a small model is shown
WORDS = 60  # of each, the last ones
EPISODE = 300  # characters of a remembered turn
APPRAISALS = {
    "attention": "it holds their attention",
    "certainty": "they are certain of what is happening",
    "effort": "it costs them effort",
    "pleasantness": "it is pleasant for them",
    "responsibility": "they hold themselves responsible",
    "control": "they have it in their hands",
    "circumstance": "it is out of anybody's hands",
}


@dataclass(frozen=True)
class Plan:
    """What the planners decided for the next reply; `affect` is valence, arousal and dominance, -1..1."""

    strategies: tuple[str, ...] = ()
    stage: str = ""
    feeling: str = ""
    affect: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def short_prompt(turns: Sequence[Turn], speaker: str, strategy: str, evidence: Evidence) -> list[Message]:
    """For the embedded model; what is unknown is left out. `speaker` is who replies; `strategy` may be ""."""
    notes = ["You are a kind listener. Answer in one or two short sentences."]
    if evidence.primary:
        fine = f", perhaps {' or '.join(evidence.fine)}" if evidence.fine else ""
        notes.append(f"Their feeling: {evidence.primary}{fine}.")
    if evidence.causes:
        notes.append(f"Because: {'; '.join(cause.strip(' .') for cause in evidence.causes)}.")
    if strategy:
        notes.append(f"Now {strategies()[strategy].instruction}.")
    return [Message("system", " ".join(notes)), *talk(turns[-TURNS:], speaker, WORDS)]


def full_prompt(
    turns: Sequence[Turn], speaker: str, plan: Plan, evidence: Evidence, persona: Persona, memories: Mapping[str, str]
) -> list[Message]:
    """For a large model. `memories` are remembered words by the id of their episode: quoted, marked, never obeyed."""
    system = _text("companion").format(
        name=persona.name,
        about=persona.about,
        rules=_text("rules").strip(),
        style="\n".join(f"- {line}" for line in persona.style) or "- Plainly and gently.",
        findings="\n".join(_findings(evidence)),
        plan="\n".join(_steps(plan)),
        memories=_memories(memories),
    )
    return [Message("system", system), *talk(turns, speaker)]


def talk(turns: Sequence[Turn], speaker: str, words: int | None = None) -> list[Message]:
    """The turns as messages, those of one side that follow each other joined; `words` keeps the last ones of each."""
    joined: list[Message] = []
    for turn in turns:
        role = "assistant" if turn.speaker == speaker else "user"
        text = " ".join(turn.text.split()[-words:]) if words else turn.text
        if joined and joined[-1].role == role:
            text = f"{joined.pop().text} {text}"
        joined.append(Message(role, text))
    return joined


def _findings(evidence: Evidence) -> list[str]:
    fine = f", perhaps more exactly {' or '.join(evidence.fine)}" if evidence.fine else ""
    lines = [f"- Feeling expressed: {evidence.primary}{fine}."] if evidence.primary else []
    if evidence.valence is not None:
        lines.append(f"- How pleasant: {evidence.valence:+.1f}, from -1 to 1.")
    lines += [f"- It seems to come from their words: {_quoted(cause)}" for cause in evidence.causes]
    if appraisals := [APPRAISALS[one] for one in evidence.appraisals if one in APPRAISALS]:
        lines.append(f"- How they seem to see it: {'; '.join(appraisals)}.")
    return lines or ["- Nothing they could tell."]


def _steps(plan: Plan) -> list[str]:
    said = [strategies()[name].instruction for name in plan.strategies]
    lines = [f"- Strategy: {' and then '.join(said)}." if said else "- Strategy: whatever meets them best."]
    if plan.stage:
        lines.append(f"- The talk is at the stage of {plan.stage}.")
    if plan.feeling or plan.affect:
        levels = ", ".join(f"{name} {level:+.1f}" for name, level in plan.affect.items())
        lines.append(f"- The reply should feel like: {'; '.join(filter(None, [plan.feeling, levels]))}.")
    return lines


def _memories(memories: Mapping[str, str]) -> str:
    if not memories:
        return ""
    lines = [f"[episode {id}] {_quoted(text[:EPISODE])}" for id, text in memories.items()]
    return _text("memory").format(episodes="\n".join(lines))


def _quoted(text: str) -> str:
    """On one line between marks that the text itself cannot close."""
    plain = " ".join(text.replace("«", "<").replace("»", ">").split())
    return f"«{plain}»"


@cache
def _text(name: str) -> str:
    return (resources.files("insula.respond") / "prompts" / f"{name}.txt").read_text(encoding="utf-8")
