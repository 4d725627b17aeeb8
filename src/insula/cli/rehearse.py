"""`insula rehearse`: practise a difficult conversation; what you write is read before it is sent.

insula rehearse --difficulty hard --keep rehearsals.jsonl
insula rehearse --situation flatmate.toml --llm qwen2.5:7b@http://localhost:11434/v1
"""

from __future__ import annotations

import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .say import err, out
from .writable import writable

if TYPE_CHECKING:
    from insula.simulate.rehearse import Feedback, Rehearsal, Situation

STOPPED = "stop"
ASKED = {
    "partner": "Whom do you want to talk to? (my flatmate, my boss, ...)",
    "happened": "What happened? Only what a camera would have seen.",
    "feeling": "How do you feel about it? A word or two.",
    "wish": "What do you want to ask for?",
    "benefit": "What would get better for both of you? (may stay empty)",
    "offer": "What could you offer? (may stay empty)",
}
MAY_BE_EMPTY = ("benefit", "offer")
HELP = (
    "Write what you would say. Then: Enter sends it, `take` sends the other version, new words replace it; `stop` ends."
)


class _Stop(Exception):
    """The person ends it."""


def rehearse(
    llm: Annotated[str, typer.Option(help="MODEL@URL or local plays and words; none: no model is needed.")] = "none",
    difficulty: Annotated[str, typer.Option(help="easy, medium or hard.")] = "medium",
    situation: Annotated[Path | None, typer.Option(help="A .toml with " + ", ".join(ASKED) + ".")] = None,
    keep: Annotated[Path | None, typer.Option(help="Add this rehearsal to a file, for your eyes only.")] = None,
    locale: Annotated[str, typer.Option(help="Whose help lines to show where they are needed.")] = "",
    seed: Annotated[int, typer.Option(help="Another partner of the same difficulty.")] = 0,
) -> None:
    """Practise with a simulated partner, with feedback by the DEAR MAN skills. Nothing is kept unless you say where."""
    screen = err()
    writable(keep)
    talk: Rehearsal | None = None
    try:
        with suppress(_Stop):
            about = _read(situation) if situation else _asked()
            talk = _rehearsal(about, llm, difficulty, locale, seed)
            screen.print("\nBefore we begin, from 0 (not at all) to 10:", soft_wrap=True)
            _fill(talk.before)
            screen.print(f"\n{HELP}\n", soft_wrap=True)
            while _exchange(talk):
                pass
        if talk is None:
            screen.print("stopped; nothing was kept")
        else:
            _after(talk)
    finally:  # what was said is kept also where something fails
        if talk and keep:
            from insula.simulate.rehearse import keep as write

            write(keep, talk.record())
            screen.print(f"kept in {keep}", soft_wrap=True)


def _rehearsal(about: Situation, llm: str, difficulty: str, locale: str, seed: int) -> Rehearsal:
    from insula.llm import connect
    from insula.simulate.rehearse import Coach, Rehearsal, SeededPartner, llm_partner

    model = None if llm == "none" else connect(llm)
    partner = SeededPartner(difficulty, seed=seed)
    if model:
        return Rehearsal(
            about,
            llm_partner(f"The other person calls you: {about.partner}.", about.happened, model, difficulty, seed),
            Coach(about, model),
            locale=locale,
        )
    return Rehearsal(about, partner, Coach(about), locale=locale)


def _asked() -> Situation:
    from insula.simulate.rehearse import Situation

    given: dict[str, str] = {}
    for name, question in ASKED.items():
        err().print(question, soft_wrap=True)
        while not (said := _line()) and name not in MAY_BE_EMPTY:
            err().print("a few words, please; or stop")
        given[name] = said
    return Situation(**given)


def _read(path: Path) -> Situation:
    from insula.catalogue import nearest
    from insula.simulate.rehearse import Situation

    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: this is no TOML: {error}") from None
    for key, value in record.items():
        if key not in ASKED:
            raise ValueError(f"{path}: unknown key {key!r}; did you mean {nearest(key, ASKED)}?")
        if not isinstance(value, str):
            raise ValueError(f"{path}: {key} is a text, not {value!r}")
    if lacking := [key for key in ASKED if key not in MAY_BE_EMPTY and not record.get(key)]:
        raise ValueError(f"{path}: {lacking[0]!r} is missing: {ASKED[lacking[0]]}")
    return Situation(**record)


def _fill(given: dict[str, int]) -> None:
    """The form, answer by answer: what was given before somebody stops is kept."""
    from insula.simulate.rehearse.rehearsal import HIGHEST, LOWEST, QUESTIONS

    for name, question in QUESTIONS.items():
        err().print(question, soft_wrap=True)
        while not (said := _line()).isdecimal() or not LOWEST <= int(said) <= HIGHEST:
            if not said:
                break
            err().print(f"a whole number from {LOWEST} to {HIGHEST}; Enter leaves it open")
        if said:
            given[name] = int(said)


def _exchange(talk: Rehearsal) -> bool:
    """One message, read and perhaps written anew until it is sent, and the answer; False where it is better to end."""
    from insula.llm import LLMError

    draft = ""
    while not draft:
        draft = _line()
    while True:
        feedback = talk.read(draft)
        _show(feedback)
        said = _line()
        if not said or (said == "take" and not feedback.better):
            break
        if said == "take":
            draft = feedback.better
            break
        draft = said
    try:
        answer = talk.send(draft)
    except LLMError as error:
        err().print(f"insula: {error}; your message was not sent, write it again", soft_wrap=True)
        return True
    if answer.meta.get("tier") == "guard":
        out().print(f"Insula: {answer.text}", soft_wrap=True)
        err().print("This is more than practice; the rehearsal ends here.")
        return False
    out().print(f"{talk.situation.partner}: {answer.text}", soft_wrap=True)
    return True


def _show(feedback: Feedback) -> None:
    from insula.simulate.rehearse import skills

    screen = err()
    if feedback.problem:
        screen.print(f"insula: {feedback.problem}", soft_wrap=True)
    if feedback.rating.reason:
        screen.print(f"  cannot tell: {feedback.rating.reason}", soft_wrap=True)
    marks = ("–", "weak", "strong")
    levels = [f"{skills()[name].title} {marks[level]}" for name, level in feedback.rating.levels.items()]
    if levels:
        screen.print("  " + " · ".join(levels), soft_wrap=True)
    for hint in feedback.hints:
        screen.print(f"  {hint}", soft_wrap=True)
    if feedback.better:
        screen.print(f"  Another version: {feedback.better}", soft_wrap=True)


def _after(talk: Rehearsal) -> None:
    """The form again, how open the partner became, and what changed."""
    screen = err()
    if not talk.conversation.turns:
        return
    screen.print("\nAnd now, from 0 to 10:")
    with suppress(_Stop):
        _fill(talk.after)
    from insula.simulate.rehearse import stance

    if talk.openness:
        first, last = (stance(talk.openness[place] / 100) for place in (0, -1))
        out().print(f"The partner began as one who {first}, and in the end {last}.", soft_wrap=True)
    for name, change in talk.changes().items():
        out().print(f"{name}: {talk.before[name]} before, {talk.after[name]} after ({change:+d})")


def _line() -> str:
    """What was typed; the end of the input, an interrupt, or `stop` ends it."""
    try:
        if sys.stdin.isatty():
            sys.stderr.write("> ")
            sys.stderr.flush()
        said = input().strip()
    except (EOFError, KeyboardInterrupt):
        raise _Stop from None
    if said.lower() == STOPPED:
        raise _Stop
    return said
