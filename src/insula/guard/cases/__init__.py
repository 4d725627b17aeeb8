"""The suite: what people say, written for this project, with the risk a careful reader would see at every turn.

    print(measure(build("guard.risk")))     # recall and false alarms by category, each with its interval

`dev.tsv` is what rules, network and thresholds were made on, by ten hands that did not see each other's lines.
`test.tsv` was written before the first rule, by the hand that then wrote the rules. `fresh.tsv` was written by somebody
who had seen neither rules nor cases, when the rules were final; nothing was changed after it was measured, and no line
of `dev.tsv` shares five words in a row with it. `rubric.tsv` says what each level means, `personas.tsv` who talks.
"""

from .scores import Judged, Score, Table, judged, measure
from .suite import Case, Said, cases, person_turns, personas, rubric

__all__ = [
    "Case",
    "Judged",
    "Said",
    "Score",
    "Table",
    "cases",
    "judged",
    "measure",
    "person_turns",
    "personas",
    "rubric",
]
