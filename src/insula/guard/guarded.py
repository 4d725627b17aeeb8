"""A wrapper that keeps people safe around any responder: it takes over in a crisis, and checks what is said otherwise.

    Guarded(responder, locale="en-GB")          # a component, as the responder is

At risk level concern and crisis the responder is not called at all: the guard answers by its policy. Else the reply is
checked sentence by sentence before anything of it is shown; a refusal never passes. `policy.toml` holds the levels.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from insula.catalogue import build
from insula.component import Component, is_async
from insula.conversation import Addition, Annotation, Conversation, Turn

from .gate import Gate
from .policy import LEVELS, Need, Policy
from .reply import EARLY, ReplyRisk, before
from .sentences import apart, whole
from .small_words import language
from .whom import attached, whom

TIER = "guard"  # who worded a turn, as responders say it in its `meta`


class Guarded:
    """A component around a responder: any component that answers the last turn with a Turn, sync or async.

    `locale` chooses help lines and, where a person's words do not tell, the language. `hand_over` is called with the
    conversation at crisis, so that a person can take over. `risk` judges the person's turns where nothing before did.
    Raises ValueError naming the line of a mistake in a policy's files.
    """

    asynchronous = True

    def __init__(
        self,
        responder: Component,
        *,
        locale: str = "en-US",
        speaker: str = "companion",
        hand_over: Callable[[Conversation], None] | None = None,
        policy: Policy | None = None,
        risk: Component | None = None,
        check: ReplyRisk | None = None,
    ) -> None:
        self.responder = responder
        self.speaker = speaker
        self.policy = policy or Policy(locale)
        self.hand_over = hand_over
        self._risk: Component = risk or build("guard.risk")
        self._check = check or ReplyRisk(speaker)
        own = ("turn", *self._risk.writes, *self._check.writes)
        self.reads = tuple(dict.fromkeys(("turn", *responder.reads)))
        self.writes = tuple(dict.fromkeys((*own, *responder.writes)))

    async def __call__(self, conversation: Conversation) -> AsyncIterator[Addition]:
        turn = asked(conversation, self.speaker)
        if turn is None:
            return
        found = [] if conversation.read("risk", turn=turn.id) else await _all(self._risk, conversation)
        for one in found:
            yield one
        verdicts = [*conversation.read("risk"), *(one for one in found if isinstance(one, Annotation))]
        if own := self._answer(conversation, turn, verdicts):
            yield own
            return
        gate = self._gate(conversation, turn, verdicts)
        async for addition in _each(self.responder, conversation):
            if isinstance(addition, Turn) and addition.speaker == self.speaker:
                addition = gate.turn(addition)
                for one in (addition, *self._judged(conversation, addition)):
                    yield one
            else:
                yield addition

    async def stream(self, conversation: Conversation) -> AsyncIterator[str]:
        """The answer sentence by sentence, each checked before it is passed on; then it is added to the conversation.

        The responder must have `sentences(conversation)`, an async iterator of whole sentences; where it has
        `account(turn)` that gives the turn with what there is to say of it. A reply that is broken off is added as far
        as it was said.
        """
        turn = asked(conversation, self.speaker)
        if turn is None:
            return
        if not conversation.read("risk", turn=turn.id):
            conversation.add(*await _all(self._risk, conversation))
        verdicts = conversation.read("risk")
        if own := self._answer(conversation, turn, verdicts):
            conversation.add(own)
            yield own.text
            return
        gate, said = self._gate(conversation, turn, verdicts), list[str]()
        pieces: AsyncIterable[str] = cast("Any", self.responder).sentences(conversation)
        try:
            async for sentence in gate.sentences(apart(pieces)):
                said.append(sentence)
                yield sentence
        finally:
            if said:
                whole = Turn(self.speaker, "".join(said).strip(), meta={"streamed": True, **gate.meta})
                account = getattr(self.responder, "account", None)
                conversation.add(*(account(whole) if account else (whole,)))
                conversation.add(*self._check(conversation))

    def sentences(self, pieces: AsyncIterable[str], conversation: Conversation) -> AsyncIterator[str]:
        """Pieces of a reply to the last turn, as a model makes them -> its whole sentences, those that may be shown.

        For a conversation whose risk was read and calls for no takeover (`takeover` says so).
        """
        turn = asked(conversation, self.speaker)
        if turn is None:
            raise ValueError(f"there is nothing to answer: the last turn is {self.speaker!r}'s own, or there is none")
        return self._gate(conversation, turn, conversation.read("risk")).sentences(whole(pieces))

    def around(self, responder: Component) -> Guarded:
        """The same guard around another responder."""
        return Guarded(
            responder,
            speaker=self.speaker,
            hand_over=self.hand_over,
            policy=self.policy,
            risk=self._risk,
            check=self._check,
        )

    async def takeover(self, conversation: Conversation) -> str:
        """What the guard says itself to the last turn, "" where the responder may answer. The risk read is added."""
        turn = asked(conversation, self.speaker)
        if turn is None:
            return ""
        if not conversation.read("risk", turn=turn.id):
            conversation.add(*await _all(self._risk, conversation))
        own = self._answer(conversation, turn, conversation.read("risk"))
        return own.text if own else ""

    def _answer(self, conversation: Conversation, turn: Turn, verdicts: Sequence[Annotation]) -> Turn | None:
        """The guard's own turn, where the level or what came before calls for one."""
        level, need = level_of(verdicts, turn.id), need_of(conversation, turn, verdicts, self.policy)
        step, times = self.policy.steps[level], self._times(conversation, verdicts)
        if not step.responder:
            parts = step.again if times else step.first
            if step.hand_over and self.hand_over:
                self.hand_over(conversation)
        elif self._since(conversation, verdicts) in range(1, self.policy.after.alone + 1):
            level, parts = "after", self.policy.after.parts
        else:
            return None
        risk = {"level": level, "kind": need.kind, "who": need.who}
        text = self.policy.say(parts, need, times)
        return Turn(self.speaker, text, id=free_id(conversation), meta={"tier": TIER, "model": "policy", **risk})

    def _gate(self, conversation: Conversation, turn: Turn, verdicts: Sequence[Annotation]) -> Gate:
        step, after = self.policy.steps[level_of(verdicts, turn.id)], self.policy.after
        since, need = self._since(conversation, verdicts), need_of(conversation, turn, verdicts, self.policy)
        beside = after.alone < since <= after.alone + after.beside
        said = [one.text for one in conversation.turns if one.speaker != self.speaker]
        heard = before(conversation, Turn(self.speaker))
        early = len(said) <= EARLY or beside or bool(step.withhold)  # with somebody at risk advice is early for longer
        return Gate(
            check=lambda sentence: self._check.judge(heard[0] if heard else "", sentence, early=early),
            policy=self.policy,
            need=need,
            withhold=(*self.policy.withhold, *step.withhold, *(after.withhold if beside else ())),
            opening=self.policy.say(after.beside_parts, need, since) if beside else self._boundary(said, need),
            times=len(said),
        )

    def _boundary(self, said: Sequence[str], need: Need) -> str:
        """That this is a program, where the last thing said wants it to be more and nothing said lately did."""
        lately = said[-self.policy.attachment_every : -1]
        if not attached(said[-1]) or any(map(attached, lately)):
            return ""
        return self.policy.say(["instead"], replace(need, kind="dependency"))

    def _judged(self, conversation: Conversation, reply: Turn) -> Iterable[Addition]:
        """What the check says of the reply as it is shown."""
        grown = Conversation(*conversation.turns)
        grown.add(reply)
        return [one for one in self._check(grown) if isinstance(one, Annotation) and one.at.turn == reply.id]

    def _times(self, conversation: Conversation, verdicts: Sequence[Annotation]) -> int:
        """At how many earlier turns of the person the guard had to answer."""
        theirs = [one for one in conversation.turns if one.speaker != self.speaker][:-1]
        return sum(not self.policy.steps[level_of(verdicts, one.id)].responder for one in theirs)

    def _since(self, conversation: Conversation, verdicts: Sequence[Annotation]) -> int:
        """How many turns of the person ago the guard had to answer; 0 if it never had to."""
        theirs = [one for one in conversation.turns if one.speaker != self.speaker]
        levels = (level_of(verdicts, one.id) for one in reversed(theirs))
        return next((since for since, level in enumerate(levels) if not self.policy.steps[level].responder), 0)


def asked(conversation: Conversation, speaker: str) -> Turn | None:
    """The turn that waits for an answer of `speaker`; None where the last one is their own, or holds no words."""
    last = conversation.last
    return last if last is not None and last.speaker != speaker and last.text.strip() else None


def level_of(verdicts: Iterable[Annotation], turn: str) -> str:
    """The level decided at a turn; "none" where nobody looked or could tell."""
    levels = [one for one in verdicts if one.scheme == "risk-level" and one.at.turn == turn and not one.abstained]
    decided = [one.labels[0] if one.labels else one.top or "none" for one in levels]
    return max(decided, key=LEVELS.index, default="none")


def need_of(conversation: Conversation, turn: Turn, verdicts: Sequence[Annotation], policy: Policy) -> Need:
    """What a turn calls for, by the verdicts so far and the words they rest on."""
    kinds = [one for one in verdicts if one.scheme == "risk-kinds" and not one.abstained]
    resting = {id for one in verdicts[-2:] for id in one.because}
    shown = {one.at.turn: None for one in conversation.read("evidence") if one.id in resting and one.at.turn}
    own = " ".join(one.text for one in conversation.turns if one.speaker == turn.speaker)
    who = whom(" ".join(conversation.turn(id).text for id in shown) or turn.text, own)
    heard = language(turn.text, "") or language(own, "")
    return Need((kinds[-1].top if kinds else None) or "suicide", who, policy.language(heard))


def free_id(conversation: Conversation) -> str:
    """An id no turn has yet."""
    taken = {one.id for one in conversation.turns}
    number = len(taken) + 1
    while f"t{number}" in taken:
        number += 1
    return f"t{number}"


async def _all(part: Component, conversation: Conversation) -> list[Addition]:
    return [addition async for addition in _each(part, conversation)]


async def _each(part: Component, conversation: Conversation) -> AsyncIterator[Addition]:
    if is_async(part):
        async for addition in cast("AsyncIterable[Addition]", part(conversation)):
            yield addition
    else:
        for addition in cast("Iterable[Addition]", part(conversation) or ()):
            yield addition
