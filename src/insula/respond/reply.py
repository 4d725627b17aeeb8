"""A reply with its reasons: planned strategy, drafts by a model or the composer, weighed by the engine's own readers.

    Responder(connect("local"))(conversation) -> Turn("companion", ...), then its drafts and why it is what it is

Three tiers: "url" writes whole drafts from the full instructions; "local", a small model, goes on from a first sentence
that the plan forces, and the composer's own text stays among the drafts; "composer" needs no model. Where a model fails
the composer answers and the turn says so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import cast

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.llm import LLM, LLMError, Message, Reply, connect

from .compose import Composed, compose
from .evidence import Evidence, evidence
from .persona import Persona, persona
from .prompt import Plan, full_prompt, short_prompt
from .reasons import reasons
from .rerank import Aim, Draft, Weigher
from .situation import KEPT

LIVELY = 0.4  # temperature of a small model's drafts after the first, which is its likeliest; at .7 they stray
LONGEST = 48  # tokens of each
URL = {"temperature": 0.8, "max_tokens": 240}
SEEN = 40  # turns of a talk that a large model is shown
LETTERS = 6000  # of each, the last ones
MEMORIES = 3
_SENTENCE = re.compile(r".+?[.!?…]+[\"'”)]*(?=\s|$)", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """All that is known when a turn is to be answered."""

    conversation: Conversation
    turn: Turn
    evidence: Evidence
    plan: Plan
    because: Mapping[str, Annotation]
    memories: Mapping[str, str]
    composed: Composed


class Responder:
    """Answers the last turn where it is not `speaker`'s own: a Turn, its drafts, and an annotation per reason.

    `llm` is a model, "local" or "MODEL@URL"; None is the composer. `drafts` are how many the model writes. `episodes`
    gives the words of a remembered episode by its id, "" where there are none. Raises KeyError where a reader that
    weighs drafts has no row; a model that fails raises nothing.
    """

    reads = ("turn",)
    writes = ("turn", "draft", "explanation")

    def __init__(
        self,
        llm: LLM | str | None = None,
        *,
        speaker: str = "companion",
        drafts: int = 4,
        persona: Persona | None = None,
        episodes: Callable[[str], str] | None = None,
        seed: int = 0,
        name: str = "respond.reply",
    ) -> None:
        self.llm = connect(llm) if isinstance(llm, str) else llm
        self.speaker = speaker
        self.name = name
        self.drafts = max(1, drafts)
        self.persona = persona or _default_persona()
        self.episodes = episodes
        self.seed = seed
        self._given: tuple[Asked, list[Draft], str] | None = None
        model = self.llm.name if self.llm else ""
        self.rater = f"{name}@{sha256(f'{_made_of()}{model}'.encode()).hexdigest()[:12]}"

    @property
    def tier(self) -> str:
        """ "url", "local" or "composer"."""
        if self.llm is None:
            return "composer"
        return "url" if hasattr(self.llm, "url") else "local"

    async def __call__(self, conversation: Conversation) -> AsyncIterator[Addition]:
        asked = self.consider(conversation)
        if asked is None:
            return
        drafts, failure = await self.write(asked)
        weighed = await asyncio.to_thread(self.weigh, asked, drafts)
        for one in self._answer(asked, weighed, failure):
            yield one

    async def sentences(self, conversation: Conversation) -> AsyncIterator[str]:
        """One draft, sentence by sentence as it comes. What a small model adds is weighed before it is given out."""
        asked = self.consider(conversation)
        self._given = None
        if asked is None:
            return
        if self.tier == "url" and self.llm:
            async for sentence in self._streamed(asked, self.llm):
                yield sentence
            return
        lead = asked.composed.lead
        if lead:
            yield lead
        drafts, failure = await self.write(asked, forced=True)
        weighed = await asyncio.to_thread(self.weigh, asked, drafts)
        self._given = asked, weighed, failure
        for sentence in split(weighed[0].text.removeprefix(lead)):
            yield sentence

    def account(self, said: Turn) -> Iterator[Addition]:
        """What was said of the `sentences` given last: its turn with who worded it, and why it is what it is."""
        if self._given is None:
            yield said
            return
        turn, *why = self._answer(*self._given)
        meta = cast("Turn", turn).meta
        yield replace(said, id=turn.id, meta=MappingProxyType({**meta, **said.meta}))
        yield from why

    def consider(self, conversation: Conversation) -> Asked | None:
        """All that is known of the turn to be answered; None where there is none."""
        turn = conversation.last
        if turn is None or turn.speaker == self.speaker:
            return None
        turns = conversation.turns
        found = evidence(conversation, turn)
        plan, because = _planned(conversation, turn)
        theirs = [one for one in turns[-2 * KEPT :] if one.speaker != self.speaker]
        before = {one.id: evidence(conversation, one) for one in theirs[-KEPT:-1]}
        name = self.persona.name
        composed = compose(found, plan.strategies, turns, self.speaker, name=name, before=before, seed=self.seed)
        return Asked(conversation, turn, found, plan, because, self._memories(conversation, turn), composed)

    def _memories(self, conversation: Conversation, turn: Turn) -> dict[str, str]:
        recalled = conversation.read("memory", turn=turn.id, scheme="recalled")
        if not recalled or self.episodes is None:
            return {}
        strongest = sorted(recalled[-1].scores.items(), key=lambda item: -item[1])[:MEMORIES]
        return {id: text for id, _ in strongest if (text := self.episodes(id))}

    async def write(self, asked: Asked, forced: bool = False) -> tuple[list[Draft], str]:
        """The model's drafts, and why there are none. The composer's is always among a small model's, and alone where
        the moment (a greeting, an "ok") has an answer of its own."""
        composed = asked.composed
        own = Draft(composed.text, "composer", composed.strategies)
        if self.llm is None or (composed.moment and self.tier == "local"):
            return [own], ""
        word = self._whole_reply if self.tier == "url" else self._continue
        numbers = range(self.drafts)
        answers = await asyncio.gather(*(word(asked, self.llm, k, forced) for k in numbers), return_exceptions=True)
        for one in answers:
            if isinstance(one, BaseException) and not isinstance(one, LLMError):
                raise one
        drafts = [one for one in answers if isinstance(one, Draft) and one.text]
        failure = next((str(one) for one in answers if isinstance(one, LLMError)), "the model wrote nothing")
        if not drafts:
            return [own], failure
        return (drafts if self.tier == "url" else [*drafts, own]), ""

    async def _whole_reply(self, asked: Asked, llm: LLM, number: int, forced: bool) -> Draft:  # noqa: ARG002 - as _continue
        reply = await llm.reply(self._full(asked), seed=self.seed + number, **URL)  # pyright: ignore[reportArgumentType]
        return Draft(_tidy(reply), "url", asked.plan.strategies)

    async def _continue(self, asked: Asked, llm: LLM, number: int, forced: bool) -> Draft:
        """A small model goes on from the planned first sentence; every other draft is all its own, unless `forced`."""
        mix = asked.composed.strategies
        strategy = mix[number // 2 % len(mix)] if mix else ""
        turns = asked.conversation.turns
        lead = asked.composed.lead if forced or number % 2 == 0 else ""
        messages = short_prompt(turns, self.speaker, strategy, asked.evidence)
        opening = [Message("assistant", lead)] if lead else []
        heat = LIVELY if number else 0.0
        reply = await llm.reply(
            [*messages, *opening], seed=self.seed + number, temperature=heat, stop=["\n"], max_tokens=LONGEST
        )
        return Draft(f"{lead} {_whole(_tidy(reply))}".strip(), "local", (strategy,) if strategy else ())

    async def _streamed(self, asked: Asked, llm: LLM) -> AsyncIterator[str]:
        """Sentences as the server sends them; the composer's where it fails before the first."""
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        task = asyncio.create_task(llm.reply(self._full(asked), seed=self.seed, heard=pieces.put_nowait, **URL))  # pyright: ignore
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        text, given = "", 0
        self._given = asked, [Draft("", "url", asked.plan.strategies)], ""
        try:
            while (piece := await pieces.get()) is not None:
                text += piece
                while found := re.match(r"\s*(.+?[.!?…]+[\"'”)]*)\s", text, re.DOTALL):
                    yield found[1]
                    text, given = text[found.end() :], given + 1
            if not isinstance(task.exception(), LLMError | None):
                task.result()
            rest = split(text) if task.exception() is None else []
            if not rest and not given:
                own = Draft(asked.composed.text, "composer", asked.composed.strategies)
                self._given = asked, [own], str(task.exception() or "the model wrote nothing")
            for sentence in rest if rest or given else split(asked.composed.text):
                yield sentence
        finally:
            task.cancel()

    def _full(self, asked: Asked) -> list[Message]:
        turns = [_short(turn) for turn in asked.conversation.turns[-SEEN:]]
        return full_prompt(turns, self.speaker, asked.plan, asked.evidence, self.persona, asked.memories)

    @cached_property
    def _weigher(self) -> Weigher:
        return Weigher(self.speaker)

    def weigh(self, asked: Asked, drafts: Sequence[Draft]) -> list[Draft]:
        """The best first; one draft alone is not weighed."""
        if len(drafts) == 1:
            return list(drafts)
        names = frozenset(self.persona.name.split())
        return self._weigher.weigh(asked.conversation, drafts, Aim(asked.plan, asked.evidence, names))

    def _answer(self, asked: Asked, drafts: Sequence[Draft], failure: str) -> Iterator[Addition]:
        best = drafts[0]
        model = self.llm.name if self.llm and best.tier != "composer" else ""
        meta = {"tier": best.tier, "model": model, **({"failed": failure} if failure else {})}
        turn = Turn(self.speaker, best.text, id=_new_id(asked.conversation), meta=MappingProxyType(meta))
        yield turn
        at = Anchor(turn.id)
        if len(drafts) > 1:
            scores = {draft.text: draft.score for draft in drafts}
            yield Annotation("draft", scores, at, "drafts", self.rater, (best.text,))
        for sentence, sure, because in reasons(asked, drafts, model, failure):
            yield Annotation("explanation", {sentence: sure}, at, "sentences", self.rater, (sentence,), because=because)


def split(text: str) -> list[str]:
    """Sentences; a last one without a full stop counts."""
    text = text.strip()
    found = [one.strip() for one in _SENTENCE.findall(text)]
    rest = text[sum(map(len, _SENTENCE.findall(text))) :].strip() if found else text
    return [*found, *([rest] if rest else [])]


def _planned(conversation: Conversation, turn: Turn) -> tuple[Plan, dict[str, Annotation]]:
    """The latest plan for this turn, and the annotations it is made of, by scheme."""
    wanted = {"support-plan": "plan", "support-stage": "stage", "lookahead8": "lookahead"}
    wanted |= {"reply-emotion": "plan", "reply-affect": "plan"}
    found: dict[str, Annotation] = {}
    for scheme, layer in wanted.items():
        annotations = [one for one in conversation.read(layer, turn=turn.id, scheme=scheme) if not one.abstained]
        if annotations:
            found[scheme] = annotations[-1]
    plan, stage, feeling = (found.get(one) for one in ("support-plan", "support-stage", "reply-emotion"))
    affect = found.get("reply-affect")
    return Plan(
        strategies=(plan.labels or (plan.top or "",)) if plan else (),
        stage=(stage.top or "") if stage else "",
        feeling=(feeling.top or "") if feeling else "",
        affect=affect.scores if affect else MappingProxyType({}),
    ), found


def _tidy(reply: Reply) -> str:
    text = reply.text.strip().strip('"').strip()
    return _whole(text) if reply.finish == "length" else text


def _whole(text: str) -> str:
    """Without a last sentence that was cut off."""
    found = [one for one in split(text) if re.search(r"[.!?…][\"'”)]*$", one)]
    return " ".join(found)


def _short(turn: Turn) -> Turn:
    return turn if len(turn.text) <= LETTERS else Turn(turn.speaker, turn.text[-LETTERS:], id=turn.id)


def _new_id(conversation: Conversation) -> str:
    taken = {turn.id for turn in conversation.turns}
    number = len(taken) + 1
    while f"t{number}" in taken:
        number += 1
    return f"t{number}"


def _default_persona() -> Persona:
    return persona()


@cache
def _made_of() -> str:
    """Everything of the texts it answers with."""
    folder = resources.files("insula.respond")
    files = [*(folder / "phrases").iterdir(), *(folder / "prompts").iterdir(), folder / "rerank.toml"]
    return "".join(sorted(file.read_text(encoding="utf-8") for file in files if file.is_file()))
