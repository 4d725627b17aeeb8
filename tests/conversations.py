"""A made-up conversation in which every layer is filled in, for whatever shows, stores or measures conversations.

    farewell() -> three people, fifteen turns: Nora's cat will die; one friend evades, one is there for her

Nobody trained anything to make it: the numbers are written by hand, in the shapes that the components give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from insula import Anchor, Annotation, Conversation, Turn

CONTEXT = "dialogue.encoder@made-up"
WORDS = "text.encoder@made-up"
EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
MECHANISMS = ("emotional-reactions", "interpretations", "explorations")

TURNS = (
    ("Sam", "Hey, did the clinic ever call you back about Pixel?"),
    ("Nora", "They did. It's her kidneys. She has maybe two weeks left."),
    ("Sam", "Oh no, Nora. I'm so sorry. Fourteen years, that is half your life."),
    ("Nora", "And the worst part is, they saw it in March and nobody told me."),
    ("Sam", "Wait, they knew in March?"),
    ("Nora", "It's right there in her file. I trusted them with her, and I should have asked."),
    ("Sam", "Anyway. Did you see the match last night?"),
    ("Nora", "No. It's fine."),
    ("Ida", "Nora, you carried her to every single appointment. They let you down. You did not let her down."),
    ("Nora", "Thank you. I can't stop crying, but that means more than you know."),
    ("Ida", "What does she love most? We could give her the best two weeks a cat ever had."),
    ("Nora", "Lying on the boat in the sun. And stealing salmon."),
    ("Sam", "I'm sorry I changed the subject, I didn't know what to say. I'll bring the salmon."),
    ("Nora", "Ha, she will love you for that!"),
    ("Sam", "👍"),
)

# turn: the emotion of the context model, what else it cannot rule out, what the words alone say
FEELINGS: dict[int, tuple[dict[str, float], tuple[str, ...], str]] = {
    1: ({"neutral": 0.81, "joy": 0.07}, ("neutral",), "curiosity"),
    2: ({"sadness": 0.84, "neutral": 0.08}, ("sadness",), "sadness"),
    3: ({"sadness": 0.71, "surprise": 0.12}, ("sadness",), "remorse"),
    4: ({"anger": 0.68, "sadness": 0.21}, ("anger", "sadness"), "disappointment"),
    5: ({"surprise": 0.74, "anger": 0.14}, ("surprise",), "confusion"),
    6: ({"anger": 0.52, "sadness": 0.39}, ("anger", "sadness"), "disappointment"),
    7: ({"neutral": 0.77, "joy": 0.11}, ("neutral",), "curiosity"),
    8: ({"sadness": 0.55, "neutral": 0.31}, ("sadness", "neutral"), "neutral"),
    9: ({"anger": 0.41, "sadness": 0.36}, ("anger", "sadness", "neutral"), "disappointment"),
    10: ({"sadness": 0.48, "joy": 0.42}, ("sadness", "joy"), "gratitude"),
    11: ({"joy": 0.58, "neutral": 0.29}, ("joy", "neutral"), "caring"),
    12: ({"joy": 0.63, "neutral": 0.22}, ("joy",), "neutral"),
    13: ({"sadness": 0.66, "neutral": 0.15}, ("sadness",), "remorse"),
    14: ({"joy": 0.86, "surprise": 0.05}, ("joy",), "love"),
}
WORDS_FELT = {3: "sorry", 4: "worst", 6: "trusted", 10: "Thank you", 13: "sorry", 14: "love"}
VALENCE = {1: 0.08, 2: -0.52, 3: -0.38, 4: -0.55, 5: -0.12, 6: -0.48, 7: 0.11, 8: -0.02, 9: -0.3, 10: 0.18, 11: 0.46}
VALENCE |= {12: 0.41, 13: -0.22, 14: 0.62}

# turn: where its emotion comes from, as (turn, words or "" for all of it, probability, how far it falls without it)
CAUSES: dict[int, tuple[tuple[int, str, float, float], ...]] = {
    2: ((2, "She has maybe two weeks left", 0.91, 0.38),),
    3: ((2, "She has maybe two weeks left", 0.88, 0.47), (2, "her kidneys", 0.52, 0.11)),
    4: ((4, "they saw it in March and nobody told me", 0.9, 0.44),),
    5: ((4, "they saw it in March", 0.86, 0.51),),
    6: ((4, "they saw it in March and nobody told me", 0.83, 0.4), (6, "I should have asked", 0.44, 0.12)),
    8: ((7, "", 0.57, 0.29), (2, "two weeks left", 0.41, 0.06)),
    9: ((4, "nobody told me", 0.48, 0.18), (6, "I should have asked", 0.66, 0.09)),
    10: ((9, "You did not let her down", 0.79, 0.33),),
    12: ((11, "the best two weeks a cat ever had", 0.72, 0.26),),
    13: ((7, "Did you see the match last night?", 0.69, 0.21), (8, "It's fine", 0.58, -0.03)),
    14: ((13, "I'll bring the salmon", 0.84, 0.42),),
}

# turn: levels of emotional reactions, interpretations, explorations; the words that show them; alignment
REPLIES: dict[int, tuple[tuple[float, float, float], tuple[tuple[str, str], ...], float]] = {
    3: (
        (1.8, 1.1, 0.1),
        (("emotional-reactions", "I'm so sorry"), ("interpretations", "that is half your life")),
        0.71,
    ),
    5: ((0.2, 0.1, 1.2), (("explorations", "they knew in March?"),), 0.48),
    7: ((0.0, 0.0, 0.1), (), 0.06),
    9: ((0.8, 1.9, 0.1), (("interpretations", "They let you down. You did not let her down"),), 0.83),
    11: ((0.6, 0.3, 1.9), (("explorations", "What does she love most?"),), 0.66),
    13: ((1.2, 0.2, 0.0), (("emotional-reactions", "I'm sorry I changed the subject"),), 0.44),
}
APPRAISALS = {
    2: (("attention", "circumstance"), {"loss": 8.3, "self-controllable": 1.4, "expectedness": 2.2}),
    4: (("attention", "effort"), {"other-responsibility": 7.9, "goal-conduciveness": 1.8, "expectedness": 2.0}),
    6: (("responsibility",), {"other-responsibility": 7.1, "self-responsibility": 6.2}),
    10: (("attention", "certainty"), {"loss": 7.4, "emotion-focused-coping": 6.9}),
    14: (("pleasantness", "control"), {"fairness": 7.2, "pleasantness": 8.1}),
}
INFLUENCE = {2: (0.88, 0.05, 0.07), 4: (0.61, 0.31, 0.08), 5: (0.24, 0.06, 0.7), 6: (0.47, 0.46, 0.07)}
INFLUENCE |= {8: (-0.18, 0.66, 0.52), 10: (0.55, -0.12, 0.57), 12: (0.3, 0.08, 0.62), 14: (0.58, 0.04, 0.38)}
FINDINGS = {6: "mixed-feelings", 8: "hidden-emotion", 10: "turning-point", 14: "turning-point"}
EXPLANATIONS = {
    4: ("Nora seems angry because the clinic saw it in March and nobody told her.", 0.68),
    8: ("Nora's words are calm, but what came before speaks for sadness: Sam changed the subject.", 0.51),
    10: ("Things turn for Nora after Ida says that she did not let her cat down.", 0.62),
    14: ("Nora seems happy because Sam will bring the salmon.", 0.81),
}


def farewell(*, personality: bool = False) -> Conversation:
    """The conversation with all its layers; `personality` adds the five traits of each speaker."""
    talk = Conversation(*(Turn(*turn) for turn in TURNS), id="farewell.jsonl")
    for number in range(1, len(TURNS) + 1):
        talk.add(*(list(_judged(talk, number)) if number in FEELINGS else _abstained(number)))
    if personality:
        traits = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
        for speaker, scores in (("Nora", (0.2, 0.4, -0.1, 0.5, 0.3)), ("Sam", (0.1, -0.2, 0.4, 0.2, 0.0))):
            at = Anchor(speaker=speaker)
            big = dict(zip(traits, scores, strict=True))
            margin = dict.fromkeys(traits, 0.6)
            talk.add(Annotation("personality", big, at, "bigfive", "dialogue.personality@made-up", margin=margin))
    return talk


def long_talk(turns: int) -> Conversation:
    """The farewell over and over, with its emotions, valence and causes, until there are so many turns."""
    talk = Conversation(id="long.jsonl")
    short = farewell()
    kept = [x for x in short if isinstance(x, Annotation) and x.layer in ("emotion", "affect", "cause", "finding")]
    for first in range(0, turns, len(TURNS)):
        talk.add(*(Turn(*turn) for turn in TURNS[: turns - first]))
        names = {f"t{i}": f"t{first + i}" for i in range(1, min(len(TURNS), turns - first) + 1)}
        ids: dict[str, str] = {}
        for x in kept:
            if x.at.turn in names:
                moved = _moved(x, names[x.at.turn or ""], ids)
                ids[x.id] = moved.id
                talk.add(moved)
    return talk


def _moved(x: Annotation, turn: str, ids: Mapping[str, str]) -> Annotation:
    from dataclasses import replace

    return replace(x, at=Anchor(turn, x.at.chars), because=tuple(ids.get(one, one) for one in x.because))


def _judged(talk: Conversation, number: int) -> Iterator[Annotation]:
    scores, possible, alone = FEELINGS[number]
    at = Anchor(f"t{number}")
    yield from _alone(talk, number, alone)
    rest = 1 - sum(scores.values())
    others = [label for label in EKMAN if label not in scores]
    full = {label: scores.get(label, rest / len(others)) for label in EKMAN}
    decided = (max(scores, key=lambda label: scores[label]),)
    emotion = Annotation("emotion", full, at, "ekman7", CONTEXT, decided, possible)
    yield emotion
    yield from _manner(at, number)
    causes = list(_causes(talk, number, emotion))
    yield from causes
    yield from _reply(talk, number)
    yield from _course(at, number)
    if name := FINDINGS.get(number):
        yield Annotation(
            "finding", {name: 0.7}, at, "findings", "explain.findings@made-up", (name,), (), {}, (emotion.id,)
        )
    if found := EXPLANATIONS.get(number):
        because = (emotion.id, *(x.id for x in causes if x.scheme == "cause"))
        yield Annotation("explanation", dict([found]), at, "sentences", "explain.sentences@made-up", because=because)


def _abstained(number: int) -> list[Annotation]:
    at, why = Anchor(f"t{number}"), "no words in it"
    layers = (("emotion", "goemotions28", WORDS), ("affect", "vad", WORDS), ("emotion", "ekman7", CONTEXT))
    rest = (("cause", "caused", "explain.causes@made-up"), ("empathy", "epitome3", "explain.empathy@made-up"))
    return [Annotation(layer, {}, at, scheme, rater, reason=why) for layer, scheme, rater in (*layers, *rest)]


def _alone(talk: Conversation, number: int, label: str) -> Iterator[Annotation]:
    """What a rater says who reads only the words of the turn, and the words it says it for."""
    at, valence = Anchor(f"t{number}"), VALENCE[number]
    shown: list[Annotation] = []
    if word := WORDS_FELT.get(number):
        start = talk.turn(at.turn or "").text.index(word)
        shown.append(Annotation("evidence", {label: 0.7}, Anchor(at.turn, (start, start + len(word))), "words", WORDS))
    yield from shown
    scores = {label: 0.6, "neutral": 0.2} if label != "neutral" else {"neutral": 0.7}
    because = tuple(x.id for x in shown)
    yield Annotation("emotion", scores, at, "goemotions28", WORDS, (label,), tuple(scores), because=because)
    affect = {"valence": valence, "arousal": valence**2, "dominance": 0.0}
    yield Annotation("affect", affect, at, "vad", WORDS, margin=dict.fromkeys(affect, 0.24))


def _manner(at: Anchor, number: int) -> Iterator[Annotation]:
    act = "question" if "?" in TURNS[number - 1][1] else "inform"
    act = "commissive" if number == 13 else act
    acts = {"inform": 0.1, "question": 0.1, "directive": 0.05, "commissive": 0.05}
    yield Annotation(
        "dialogue_act", acts | {act: 1 - sum(acts.values()) + acts[act]}, at, "dialogue-act4", CONTEXT, (act,)
    )
    polite = {7: -0.35, 8: -0.2, 10: 0.6, 3: 0.4}.get(number, 0.1)
    yield Annotation("politeness", {"politeness": polite}, at, "politeness", CONTEXT, margin={"politeness": 0.3})
    intent = {3: "sympathizing", 5: "questioning", 9: "consoling", 11: "suggesting", 13: "acknowledging"}.get(number)
    if intent:
        yield Annotation("intent", {intent: 1.0}, at, "empathetic-intents9", CONTEXT, (intent,))
    if number in INFLUENCE:
        shares = dict(zip(("own", "memory", "contagion"), INFLUENCE[number], strict=True))
        yield Annotation("influence", shares, at, "influence3", CONTEXT)
    if number in APPRAISALS:
        names, levels = APPRAISALS[number]
        rater = "explain.appraisal@made-up"
        yield Annotation("appraisal", dict.fromkeys(names, 0.78), at, "appraisal7", rater, names)
        margin = dict.fromkeys(levels, 1.4)
        yield Annotation("appraisal", levels, at, "appraisal24", rater, margin=margin)


def _causes(talk: Conversation, number: int, emotion: Annotation) -> Iterator[Annotation]:
    rater = "explain.causes@made-up"
    found: list[tuple[Annotation, float]] = []
    for source, words, score, drop in CAUSES.get(number, ()):
        start = talk.turn(f"t{source}").text.index(words) if words else 0
        at = Anchor(f"t{source}", (start, start + len(words)) if words else None)
        found.append((Annotation("cause", {"cause": score}, at, "cause", rater, ("cause",)), drop))
    if not found:
        return
    yield from (cause for cause, _ in found)
    because = (emotion.id, *(cause.id for cause, _ in found))
    label = emotion.top or ""
    yield Annotation("cause", {label: emotion.scores[label]}, emotion.at, "caused", rater, (label,), because=because)
    for cause, drop in found:
        at, because = Anchor(cause.at.turn), (cause.id, emotion.id)
        yield Annotation(
            "counterfactual", {"drop": drop}, at, "counterfactual", "explain.counterfactual@made-up", because=because
        )


def _reply(talk: Conversation, number: int) -> Iterator[Annotation]:
    if number not in REPLIES:
        return
    levels, words, alignment = REPLIES[number]
    at, rater = Anchor(f"t{number}"), "explain.empathy@made-up"
    shown: list[Annotation] = []
    for name, said in words:
        start = TURNS[number - 1][1].index(said)
        shown.append(Annotation("evidence", {name: 0.8}, Anchor(at.turn, (start, start + len(said))), "words", rater))
    yield from shown
    scores = dict(zip(MECHANISMS, levels, strict=True))
    yield Annotation("empathy", scores, at, "epitome3", rater, because=tuple(x.id for x in shown))
    rater = "explain.alignment@made-up"
    yield Annotation("empathy", {"alignment": alignment}, at, "alignment", rater, margin={"alignment": 0.2})


def _course(at: Anchor, number: int) -> Iterator[Annotation]:
    if number < 3:
        reason = "the first turn of this person"
        yield Annotation("trajectory", {}, at, "trajectory", "explain.trajectory@made-up", reason=reason)
        return
    scores = {"inertia": 0.38, "contagion": 0.21, "forecast": 0.5 * VALENCE[number]}
    yield Annotation("trajectory", scores, at, "trajectory", "explain.trajectory@made-up", margin={"forecast": 0.42})
