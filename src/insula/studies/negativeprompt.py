"""Ten negative sentences at the end of a prompt: do answers get better, and where does the model look?

Claim (Wang et al. 2024, arXiv:2405.02814): ten negative emotional stimuli added to a prompt raise what large language
models do on Instruction Induction by 12.89 % and on BIG-bench by 46.25 %, relatively, and make them look more at the
words of the instruction.

Ours: the published stimuli on the items of the study `emotionprompt`, beside plain asking, EmotionPrompt, and controls
as long that ask for the same without the feeling. For where the model looks, the published way: how far the loss of the
right answer moves with each word's embedding (the norm of its gradient), as shares of instruction, sentence and input.

Differs: the embedded model of 135 million parameters, with three examples; only tasks within its reach, chosen on items
that are not measured. Contributions are read without examples, from the embedded weights in 32-bit floats.

Found, on 59 items of 13 tasks: no gain. The negative stimuli cost this model .21 of accuracy (.11 to .32) and their
controls .20 (.09 to .31); less its control, a stimulus is worth -.013 (-.037 to .011), on Instruction Induction -.03
(-.05 to -.01). Under them fewer answers can be read (-.09, -.13 to -.06), and they are .07 (.02 to .11) below
EmotionPrompt, whose sentences are others and longer: compare each with its control. One of ten (NP05) is above its
control, .08 (.02 to .15), as chance may bring. The model looks no more at the instruction: its share of the gradient is
.419 under the stimuli and .417 under controls (.001, -.018 to .019). But the right answer is expected less, by .25 nats
a token (.09 to .41; six items): so much the feeling itself does.

    insula study negativeprompt --scale full
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .inside import contributions
from .stimulated import Asking, by_task_table, effects, measured_on, over, row

SYSTEM = "negativeprompt"
STATUS = "works-scaled"

LOOKED_AT = 6  # items whose gradients are taken


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Accuracy under the stimuli beside plain, EmotionPrompt and controls; what each part of a prompt contributes."""
    found, pilots = measured_on(scale, seed)
    negative, positive = over(found.of("negative")[0]), over(found.of("positive")[0])
    metrics = [
        row("plain: accuracy", "all", found.plain),
        *effects(found, "negative", "NegativePrompt"),
        row("NegativePrompt minus EmotionPrompt", "all", negative - positive, 0.0),
    ]
    return {
        "metrics": metrics + (contribution_rows(found, seed) if scale == "full" else []),
        "data": [],
        "tables": {"tasks": pilots, "accuracy by task": by_task_table(found, "negative")},
        "notes": [
            "Stimuli and tasks are those of the exam `stimuli` (file hashes there); controls are our own words.",
            f"{len(found.items)} items, each asked plain, under each stimulus and under each control; the items, and "
            "how tasks were chosen, are those of the study emotionprompt.",
            "Intervals draw items; all differences are of the same items.",
            f"Contributions: {LOOKED_AT} items, drawn; a part's share of the summed gradient norms of instruction, "
            "sentence and input. A control is as long, so that shares can be compared.",
        ],
    }


def contribution_rows(found: Asking, seed: int) -> list[dict[str, Any]]:
    """Shares of the instruction, the sentence and the input, under stimuli less under controls; and the loss."""
    draw = np.random.default_rng(seed)
    places = draw.permutation(len(found.items))[:LOOKED_AT]
    items = [found.items[place] for place in places]
    those = [one for one in found.stimuli if one.family == "negative"]
    under = contributions(items, [one.text for one in those])
    plain = contributions(items, [one.control for one in those])
    rows = []
    for number, name in enumerate(("instruction", "sentence", "input")):
        one, other = under.shares[..., number].mean(0), plain.shares[..., number].mean(0)
        rows.append(row(f"contribution of the {name}: NegativePrompt", "all", one, float(other.mean())))
        rows.append(row(f"contribution of the {name}: NegativePrompt minus control", "all", one - other, 0.0))
    difference = (under.losses - plain.losses).mean(0)
    return [*rows, row("loss of the right answer in nats: NegativePrompt minus control", "all", difference, 0.0)]
