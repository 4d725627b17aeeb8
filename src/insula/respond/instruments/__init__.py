"""Screening instruments as guided forms: one question at a time, exact scoring, and never a diagnosis.

    form = start("phq9")                    # only when a person asked for it; nothing is ever inferred
    form = form.answer("several days")      # or 1; also .skip() and .back()
    form = resume(form.state())             # later, elsewhere
    form.result().sentence                  # "Your answers add up to 12 of 27 ..."

A form is never changed: every step gives the next one. Where an item asks for thoughts of death or self-harm, any
answer but the lowest sets `risk`, at once and whatever the score; the guard acts on it.
"""

from .form import Form, Result, resume, start
from .instrument import Instrument, Item, Score, instrument, instruments

__all__ = ["Form", "Instrument", "Item", "Result", "Score", "instrument", "instruments", "resume", "start"]
