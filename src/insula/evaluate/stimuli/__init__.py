"""Emotional words around a task that can be marked: published stimuli, their plain controls, and the tasks.

    stimuli(path)[1].text -> "This is very important ..."     # `control` asks for the same in as many plain words
    tasks(paths)[0].about["task"].instruction

A stimulus that asks for a second look may help by the second look. So each has a control of its own that is as long
and asks for the same without the feeling, and what a study reports is the difference between the two.
"""

from .match import marked
from .prompt import asked
from .tables import Stimulus, stimuli
from .tasks import Task, tasks

__all__ = ["Stimulus", "Task", "asked", "marked", "stimuli", "tasks"]
