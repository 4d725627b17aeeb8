"""Rehearsing a difficult conversation: a simulated partner, and feedback on each message before it is sent.

    talk = Rehearsal(Situation("my flatmate", "the music ran until two", "tired", "quiet after eleven"))
    talk.read("You never think of anybody!").better
    talk.send("I'd like us to have it quiet after eleven.").text

After Lin et al. 2024 (IMBUE, arXiv:2402.12556). It practises wording. It is no therapy, and no one is predicted by it.
"""

from .coach import Coach, Feedback, Situation
from .dear_man import SKILLS, Rating, rate, skills
from .partner import SeededPartner, llm_partner, stance
from .rehearsal import QUESTIONS, Rehearsal, keep, kept

__all__ = [
    "QUESTIONS",
    "SKILLS",
    "Coach",
    "Feedback",
    "Rating",
    "Rehearsal",
    "SeededPartner",
    "Situation",
    "keep",
    "kept",
    "llm_partner",
    "rate",
    "skills",
    "stance",
]
