"""Measuring language models: published questions, asked and marked the same way of whoever answers.

A model, an agent, a small reader and a blind rule are all answerers: they get what was asked and give a text.
"""

from .exam import Exam, exam, exams
from .question import Asked, Choice, Mark, Question

__all__ = ["Asked", "Choice", "Exam", "Mark", "Question", "exam", "exams"]
