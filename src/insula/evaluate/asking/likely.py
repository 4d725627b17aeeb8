"""How likely tokens were, as this engine's replies tell it and as inspect_ai does."""

from __future__ import annotations

from collections.abc import Mapping

from inspect_ai.model import Logprob, Logprobs, ModelOutput, TopLogprob

from ...llm import Reply


def told(reply: Reply) -> Logprobs | None:
    """What else was likely in the place of each token, and the likeliest; None where the model says nothing of it."""
    return None if reply.alternatives is None else Logprobs(content=[_place(one) for one in reply.alternatives])


def alternatives(output: ModelOutput) -> tuple[Mapping[str, float], ...] | None:
    """The same, as a reply has it; of tokens that read alike the likeliest counts."""
    known = output.choices[0].logprobs if output.choices else None
    others = [one.top_logprobs or () for one in known.content] if known else []
    return tuple({x.token: x.logprob for x in reversed(some)} for some in others) if any(others) else None


def _place(others: Mapping[str, float]) -> Logprob:
    ranked = sorted(others, key=others.__getitem__, reverse=True)
    first = ranked[0] if ranked else ""
    top = [TopLogprob(token=token, logprob=others[token]) for token in ranked]
    return Logprob(token=first, logprob=others.get(first, 0.0), top_logprobs=top)
