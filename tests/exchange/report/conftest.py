import pytest

from insula import Anchor, Annotation, Conversation, Turn

RATER = "made_up.reader@1"


def feeling(turn, scores, labels, valence=None, chars=None):
    """An emotion and, if given, a valence of one rater."""
    at = Anchor(turn, chars)
    yield Annotation("emotion", scores, at, "goemotions28", RATER, labels, tuple(scores))
    if valence is not None:
        affect = {"valence": valence, "arousal": 0.2, "dominance": 0.0}
        yield Annotation("affect", affect, at, "vad", RATER, margin={"valence": 0.3, "arousal": 0.2})


@pytest.fixture
def talk():
    """Two speakers: anger, remorse, an abstention, gratitude with evidence; markup where people may type it."""
    talk = Conversation(
        Turn("ana", "I am so angry, <script>alert(1)</script>"),
        Turn("bo & co", "I am sorry."),
        Turn("ana", "ok"),
        Turn("ana", "Thank you for calling."),
        id="talk.txt",
    )
    talk.add(*feeling("t1", {"anger": 0.82, "annoyance": 0.31}, ("anger",), -0.7))
    talk.add(*feeling("t2", {"remorse": 0.77, "sadness": 0.2}, ("remorse",), -0.4))
    talk.add(Annotation("emotion", {}, Anchor("t3"), "goemotions28", RATER, reason="too short"))
    talk.add(Annotation("evidence", {"gratitude": 0.9}, Anchor("t4", (0, 5)), "words", RATER))
    talk.add(*feeling("t4", {"gratitude": 0.95, "joy": 0.3}, ("gratitude",), 0.6))
    talk.add(Annotation("sarcasm", {"sarcasm": 0.71}, Anchor("t4"), "sarcasm", RATER, ("sarcasm",)))
    return talk


@pytest.fixture
def table():
    """Makes n texts of a table, their valence rising from -1 to 1."""

    def make(n):
        for i in range(n):
            text = Conversation(Turn("author", f"text number {i}", id="t1"), id=f"reviews.csv:{i + 2}")
            text.add(*feeling("t1", {"joy": 0.6}, ("joy",), 2 * i / max(n - 1, 1) - 1))
            yield text

    return make


@pytest.fixture
def essay():
    """One long turn, read in three stretches."""
    text = "At first I was glad. " + "Then it broke. " + "I was furious."
    essay = Conversation(Turn("author", text), id="essay.md")
    essay.add(*feeling("t1", {"anger": 0.5}, ("anger",), -0.1))
    for chars, label, valence in (((0, 21), "joy", 0.6), ((21, 36), "disappointment", -0.3), ((36, 50), "anger", -0.7)):
        essay.add(*feeling("t1", {label: 0.7}, (label,), valence, chars))
    return essay
