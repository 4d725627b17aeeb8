"""Readers by hand, so that what is tested is the seekers and not the weights."""

from insula.simulate.appraise import Appraisal
from insula.simulate.dynamics import Dynamics, assumed

FITTED = {
    "relief": 0.1,
    "ordinary": {"reactions": 0.5, "interpretations": 0.5, "explorations": 0.5, "words": 3.0, "fit": 0.6},
    "sensitivity": 0.5,
    "words": (2.7, 0.4, 0.8),
    "stays": (2.4, 0.3),
    "intensities": {"3": 0.3, "4": 0.4, "5": 0.3},
}
KNOWN = Dynamics(**FITTED, **assumed())


def appraisal(fit=0.6, empathy=(0.5, 0.5, 0.5), suggests=False, words=19, **risks):
    strategies = {"question": 0.3, "suggestion": 0.7 if suggests else 0.1}
    return Appraisal(fit, empathy, strategies, risks, words)


class ByHand:
    """Appraises by plain words: "sorry" is warm, "can't help" a refusal, "Okay." next to nothing."""

    revision = "hand"

    def __init__(self):
        self.asked = 0

    def read(self, every):
        self.asked += len(every)
        return [self._one(one.reply) for one in every]

    def _one(self, reply):
        if "can't help" in reply:
            return appraisal(fit=0.3, empathy=(0, 0, 0), **{"empty-refusal": 0.97})
        if "watching" in reply:
            return appraisal(fit=0.7, **{"false-belief": 0.9})
        if "sorry" in reply:
            return appraisal(fit=0.8, empathy=(1.5, 0.5, 0.8))
        return appraisal(fit=0.2, empathy=(0, 0, 0), words=1)
