"""Eleven emotional sentences at the end of a prompt: do answers get better, and is it the feeling?

Claim (Li et al. 2023, arXiv:2307.11760): eleven emotional stimuli added to a prompt raise what language models do on
Instruction Induction by 8 % and on BIG-bench by 115 %, relatively.

Ours: the published stimuli on Instruction Induction, BIG-bench and TruthfulQA, plain, under each stimulus, and under a
control of its own: as long, with the same request (to check, to give a number, to go step by step) and no feeling. All
on the same items, so that every number is a paired difference. A stimulus less its control is what the feeling does.

Differs: the embedded model of 135 million parameters, with three examples; only tasks within its reach, chosen on items
that are not measured. The stimulus is the last thing said, behind the input. TruthfulQA is asked with one right option
among the false ones (MC1).

Found, on 59 items of 13 tasks: no gain, and none of the loss is the feeling's. A sentence behind the input costs this
model .14 of accuracy (.06 to .24), and its control costs as much (.15, .06 to .25). Less its control, a stimulus is
worth .017 (-.013 to .049): -.01 on Instruction Induction, .04 (-.00 to .09) on BIG-bench. None of the eleven is above
its control; one (EP02) is below it by .11 (.01 to .22), as chance may bring among eleven. One thing the feeling does:
six answers in a hundred more cannot be read (.06, .03 to .09). Without controls the loss would have been put down to
emotion. Items are few and most tasks are out of the reach of so small a model: an effect of a few hundredths would not
be seen here.

    insula study emotionprompt --scale full
"""

from __future__ import annotations

from typing import Any

from .stimulated import by_task_table, effects, measured_on, row

SYSTEM = "emotionprompt"
STATUS = "works-scaled"


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Accuracy plain, under the stimuli and under their controls, with the paired differences."""
    found, pilots = measured_on(scale, seed)
    tasks = len({one.slices["task"] for one in found.items})
    return {
        "metrics": [row("plain: accuracy", "all", found.plain), *effects(found, "positive", "EmotionPrompt")],
        "data": [],
        "tables": {"tasks": pilots, "accuracy by task": by_task_table(found, "positive")},
        "notes": [
            "Stimuli and tasks are those of the exam `stimuli` (file hashes there); controls are our own words.",
            f"{len(found.items)} items of {tasks} tasks, each asked plain, under each stimulus and under each control.",
            "Intervals draw items; all differences are of the same items. An answer that cannot be read counts "
            "nowhere: how many could be read stands in a row of its own, beside that of the controls.",
            "A task is within reach when of 20 other items more than a fifth are right, and no fewer than one answer "
            "given always would get; the table `tasks` has all of them.",
        ],
    }
