"""Plans as text: what is written is read back, and what is wrong is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insula.speak.delivery import QUANTITIES, Delivery
from insula.speak.plan import feelings, plan
from insula.speak.sentences import LONGEST, pause, sentences
from insula.speak.text import Line, lines, read, write

WORDS = st.lists(st.text("abcdefghij*[]\\", min_size=1, max_size=8), min_size=1, max_size=6)
NUMBERS = st.fixed_dictionaries(
    {}, optional={name: st.floats(about.low, about.high) for name, about in QUANTITIES.items()}
)
FELT = st.dictionaries(st.sampled_from(feelings()), st.floats(-1, 1), max_size=3)


@given(WORDS, NUMBERS, FELT, st.floats(0, 1))
def test_what_is_written_is_read_back(words, numbers, felt, intensity):
    line = Line("say " + " ".join(words) + " now.", Delivery(felt, {}, intensity, **numbers))
    assert read(write([line])) == (line,)


def test_emphasis_is_marked_in_the_words():
    said = lines("I am so sorry. So am I!", plan("I am so sorry.", "sadness", 0.5))
    assert "I am *so* sorry." in write(said)
    assert read(write(said)) == said


def test_a_feeling_alone_gets_the_rules_numbers():
    (line,) = read("[sadness 0.8; intensity 0.5] I am *here*.")
    assert line.delivery.vector() == plan("", {"sadness": 0.8}, 0.5).vector()
    assert line.delivery.emphasis == ("here",)
    assert line.text == "I am here."


def test_notes_and_plain_lines():
    assert read("# a note\n\nHello there.\n") == (Line("Hello there."),)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("Hi.\n[sadnes 1] Oh.", "line 2: 'sadnes' is no quantity and no feeling; did you mean 'sadness'"),
        ("[pitch 2 Hz] Hi.", "line 1: pitch is given in 'Hz'; it is in st"),
        ("[pace quick] Hi.", "line 1: 'pace quick' is no name with a number"),
        ("[pace 9] Hi.", "line 1: pace is 9; it goes from 0.5 to 2"),
        ("[pace 1; pace 2] Hi.", "line 1: pace is given twice"),
        ("[pace 1 Hi.", "line 1: the bracket that opens it is never closed"),
        ("[pace 1] ...", "line 1: there are no words"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(wrong, words):
    with pytest.raises(ValueError, match=words.replace("[", r"\[")):
        read(wrong)


def test_where_sentences_end():
    assert sentences("Dr. Ng called. “Really?” she said.\nGo on… now") == (
        "Dr. Ng called.",
        "“Really?”",
        "she said.",
        "Go on…",
        "now",
    )
    assert sentences("") == sentences(" ... !? ") == ()


@given(st.text(max_size=900))
def test_no_piece_is_too_long_and_nothing_is_lost(text):
    pieces = sentences(text)
    assert all(0 < len(piece) <= LONGEST for piece in pieces)
    said = "".join(letter for piece in pieces for letter in piece if letter.isalnum())
    assert said == "".join(filter(str.isalnum, text))


def test_pauses_differ_by_what_ends_a_sentence():
    assert pause("Wait…") > pause("Yes.") > pause("well,")
