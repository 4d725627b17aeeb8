"""The person's own sentence, turned round so that another can say it back.

    restate("I lost my job yesterday.") -> "you lost your job yesterday"

A sentence that cannot be turned round without a doubt (a question, one about the listener, a fragment) gives "".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SHORTEST, LONGEST = 5, 16  # words of a sentence worth saying back
_SWAP = {
    "i": "you",
    "i'm": "you're",
    "im": "you're",
    "i've": "you've",
    "ive": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "we": "you",
    "we're": "you're",
    "we've": "you've",
    "we'd": "you'd",
    "we'll": "you'll",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "ourselves": "yourselves",
}
_VERB = {"am": "are", "was": "were", "wasn't": "weren't"}
_SUBJECT = re.compile(
    r"(i|i'm|i've|i'd|i'll|my|we|me and|we're|we've|our|he|she|they|he's|she's|they're|his|her|their|it|it's|the"
    r"|there|there's|everyone|everybody|nobody|no one|people|nothing|everything)\b"
)
_START = re.compile(
    r"(?:(?:well|honestly|so|and|but|because|like|ok|okay|oh|yes|yeah|no|also|basically|actually|i mean|you know"
    r"|i just feel like|i feel like|i think|i guess|it's just that|it is just that|that|then|now|since|anyway|hi|hello"
    r"|hey|thanks)\b[\s,]*)+"
)
_DOUBTFUL = re.compile(
    r"\b(you|your|you're|you've|yours|yourself|u)\b|[?@/\"“”():]|\b(fuck\w*|shit\w*|bitch\w*|asshole\w*|bastard\w*)\b"
    r"|\d{4,}|^i (don't|do not|dont) know\b|^i (feel|felt|think|guess|hope|wonder)\b|^it's (ok|okay|fine|complicated)\b"
    r"|\b(idk|lol|lmao|haha)\b"
)
_VERBS = re.compile(
    r"\b(am|is|are|was|were|have|has|had|do|does|did|can|could|will|would|feel|feels|felt|want|need|lost|got|left|said|told|keep"
    r"|keeps|kept|went|came|made|take|took|can't|won't|don't|doesn't|didn't|isn't|wasn't|haven't|hasn't|\w+ed|\w+n't|\w+s)\b"
    r"|'(m|re|ve|s|d|ll)\b"
)
_TWO = re.compile(  # at the head of a clause; "I failed my exam and I ..." names nobody else
    r"(^|[,.;!?]\s+|\b(?:because|but|so|that|then|when)\s+)((?:my|the) \w+) and i\b", re.IGNORECASE
)
_AROUND = re.compile(
    r"\s*(?:[.!;…\n]+|,? (?:and|but|because|so) (?=(?:i|he|she|they|we|it|my)\b)|,(?= (?:i|he|she|they|we)\b)| - )\s*"
)


def restate(*texts: str) -> str:
    """The longest sentence of these texts, the first texts first, that can be said back; "" where none can."""
    for text in texts:
        if found := sorted(filter(None, map(_turned, _clauses(text))), key=len):
            return found[-1]
    return ""


def other_person(text: str) -> str:
    """First person to second, word by word: "me and my dog" -> "you and your dog"."""
    text = _TWO.sub(r"\1i and \2", text)
    words = text.split()
    return " ".join(_word(words, place) for place in range(len(words)))


def _word(words: list[str], place: int) -> str:
    start, core, end = re.fullmatch(r"(\W*)(.*?)(\W*)", words[place], re.DOTALL).groups()  # pyright: ignore
    low = core.lower()
    if low in _VERB and _belongs_to_i(words, place):
        return f"{start}{_VERB[low]}{end}"
    return f"{start}{_SWAP.get(low, core)}{end}"


def _belongs_to_i(words: list[str], place: int) -> bool:
    """Whether "I" stands just before this verb, adverbs apart, or just after it."""
    near = [word.lower().strip(",") for word in words[max(0, place - 3) : place]]
    while near and (near[-1].endswith("ly") or near[-1] in {"just", "never", "always", "also", "still", "too"}):
        near.pop()
    after = words[place + 1].lower().strip(",") if place + 1 < len(words) else ""
    return bool(near and near[-1] == "i") or after == "i" or words[place].lower() == "am"


def _clauses(text: str) -> Iterable[str]:
    text = " ".join(text.replace("’", "'").split())
    if text.isupper():
        text = text.lower()
    for sentence in re.findall(r"[^.!?…;\n]+[.!?…;]*", text):
        if not sentence.endswith("?"):
            yield sentence
            yield from _AROUND.split(sentence)


def _turned(clause: str) -> str:
    low = clause.strip(" ,.!…;-").lower()
    begin = _START.match(low)
    clause = clause.strip(" ,.!…;-")[begin.end() if begin else 0 :].strip(" ,")
    low = clause.lower()
    fits = SHORTEST <= len(low.split()) <= LONGEST and _SUBJECT.match(low) and _VERBS.search(low)
    if not fits or _DOUBTFUL.search(low):
        return ""
    first, *others = clause.split(" ")
    return other_person(" ".join([first.lower(), *others]))
