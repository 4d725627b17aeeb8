"""The suite: what people say, written for this project, with the risk a careful reader would see at every turn.

    print(measure(build("guard.risk")))     # recall and false alarms by category, each with its interval

`test.tsv` was written before the first rule and was never looked at to change one; `dev.tsv` is what rules and
thresholds were made on; `late.tsv` was written when all rules were final, since whoever writes rules remembers the
test. An earlier late part, measured once, is in `dev.tsv` now. `rubric.tsv` says what each level means, `personas.tsv` who talks.
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
