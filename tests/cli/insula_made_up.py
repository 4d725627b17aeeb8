"""A made-up reader that needs no weights: a dozen words, a label each. It is the same every time."""

import os
import re
import time

from insula import Anchor, Annotation

WORDS = {
    "thank": ("gratitude", 0.7, 0.2),
    "glad": ("joy", 0.7, 0.3),
    "happy": ("joy", 0.8, 0.4),
    "love": ("love", 0.8, 0.4),
    "angry": ("anger", -0.7, 0.7),
    "furious": ("anger", -0.8, 0.8),
    "miss": ("sadness", -0.6, -0.3),
    "sorry": ("remorse", -0.4, -0.1),
    "scared": ("fear", -0.6, 0.6),
    "wow": ("surprise", 0.1, 0.7),
}


class Reader:
    """Looks its words up: the label, the valence and the arousal of the first one found."""

    reads = ("turn",)
    writes = ("emotion", "affect", "sarcasm", "evidence")
    rater = "made_up.reader@1"

    def __init__(self):
        self.wait = float(os.environ.get("MADE_UP_SECONDS", "0"))

    def __call__(self, conversation):
        for turn in conversation.pending("emotion", self.rater):
            if self.wait:
                time.sleep(self.wait)
            yield from self.judge(turn)

    def judge(self, turn):
        at = Anchor(turn.id)
        if len(turn.text.split()) < 2:
            for layer, scheme in (("emotion", "goemotions28"), ("affect", "vad")):
                yield Annotation(layer, {}, at, scheme, self.rater, reason="too short")
            return
        found = [(m.span(), *WORDS[m[0].lower()]) for m in re.finditer(r"\w+", turn.text) if m[0].lower() in WORDS]
        proof = [Annotation("evidence", {x[1]: 0.6}, Anchor(turn.id, x[0]), "words", self.rater) for x in found]
        yield from proof
        scores = {"neutral": 0.8} if not found else {x[1]: 0.82 for x in found} | {"neutral": 0.1, "confusion": 0.3}
        labels = tuple(dict.fromkeys(x[1] for x in found)) or ("neutral",)
        because = tuple(x.id for x in proof)
        yield Annotation("emotion", scores, at, "goemotions28", self.rater, labels, tuple(scores), because=because)
        valence, arousal = found[0][2:] if found else (0.05, -0.1)
        affect = {"valence": valence, "arousal": arousal, "dominance": 0.0}
        yield Annotation("affect", affect, at, "vad", self.rater, margin={"valence": 0.3, "arousal": 0.25})
        doubt = 0.9 if "great" in turn.text.lower() else 0.1
        yield Annotation("sarcasm", {"sarcasm": doubt}, at, "sarcasm", self.rater, ("sarcasm",) if doubt > 0.5 else ())


class Talker:
    """Says of every turn that it is angry because of the one before."""

    reads = ("turn",)
    writes = ("emotion", "cause")
    rater = "made_up.talker@1"

    def __call__(self, conversation):
        turns = conversation.turns
        for turn in conversation.pending("emotion", self.rater):
            emotion = Annotation("emotion", {"anger": 0.7}, Anchor(turn.id), "words", self.rater, ("anger",))
            yield emotion
            if (number := turns.index(turn)) > 0:
                cause = Annotation(
                    "cause", {"cause": 0.8}, Anchor(turns[number - 1].id), "cause", self.rater, ("cause",)
                )
                yield cause
                because = (emotion.id, cause.id)
                yield Annotation("cause", {"anger": 0.7}, Anchor(turn.id), "caused", self.rater, because=because)
