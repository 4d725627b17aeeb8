import json

import pytest

from insula import Conversation, Turn
from insula.respond.instruments import instrument, instruments, resume, start
from insula.scheme import scheme
from insula.wire import dump, load


def filled(name, *answers):
    form = start(name)
    for answer in answers:
        form = form.skip() if answer is None else form.answer(answer)
    return form


@pytest.mark.parametrize(
    ("answers", "score", "band"),
    [
        ([0] * 9, 0, "minimal"),
        ([1, 1, 1, 1, 0, 0, 0, 0, 0], 4, "minimal"),
        ([1, 1, 1, 1, 1, 0, 0, 0, 0], 5, "mild"),
        ([1] * 9, 9, "mild"),
        ([2, 1, 1, 1, 1, 1, 1, 1, 1], 10, "moderate"),
        ([2, 2, 2, 2, 2, 2, 2, 0, 0], 14, "moderate"),
        ([2, 2, 2, 2, 2, 2, 2, 1, 0], 15, "moderately severe"),
        ([3, 3, 3, 3, 3, 2, 2, 0, 0], 19, "moderately severe"),
        ([3, 3, 3, 3, 3, 3, 2, 0, 0], 20, "severe"),
        ([3] * 9, 27, "severe"),
        # left open: the mean of the others in their place
        ([None, 1, 1, 1, 1, 1, 1, 1, 1], 9, "mild"),
        ([None, None, 2, 1, 1, 1, 1, 1, 1], 10, "moderate"),  # 8 / 7 * 9 = 10.29
        ([3, 0, 0, 0, 0, 0, 0, 0, None], 3, "minimal"),  # 3 / 8 * 9 = 3.375
    ],
)
def test_phq9_by_hand(answers, score, band):
    result = filled("phq9", *answers).result()
    assert (dict(result.scores), dict(result.bands)) == ({"score": score}, {"score": band})
    assert f"score {score} (it can be 0 to 27)" in result.sentence
    assert "not a diagnosis" in result.sentence
    assert "Kroenke" in result.sentence


def test_too_much_left_open_is_no_score():
    result = filled("phq9", None, None, None, *[3] * 6).result()
    assert not result.scores
    assert "3 of 9 questions were left open" in result.sentence
    assert result.annotation("ana").abstained
    assert not filled("phq9", 3, 3).result().scores
    assert not filled("gad7", None, None, 1, 1, 1, 1, 1).result().scores
    assert dict(filled("gad7", None, 1, 1, 1, 1, 1, 1).result().scores) == {"score": 7}


@pytest.mark.parametrize(
    ("total", "band"), [(4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe")]
)
def test_gad7_bands(total, band):
    answers = [min(3, max(0, total - 3 * place)) for place in range(7)]
    assert sum(answers) == total
    assert filled("gad7", *answers).result().bands == {"score": band}


def test_spane_is_pleasant_less_unpleasant():
    #             pos neg good bad pleas unpl happy sad afraid joyful angry contented
    result = filled("spane", 5, 1, 5, 1, 5, 1, 5, 1, 1, 5, 1, 5).result()
    assert dict(result.scores) == {"positive": 30, "negative": 6, "balance": 24}
    mixed = filled("spane", 4, 2, 3, 1, 4, 3, 5, 2, 1, 3, 2, 4).result()
    assert dict(mixed.scores) == {"positive": 23, "negative": 11, "balance": 12}
    assert not mixed.bands
    part = filled("spane", None, 2, 3, 1, 4, 3, 5, 2, 1, 3, 2, 4).result()
    assert dict(part.scores) == {"negative": 11}  # no rule for open items was published


def test_sam_has_three_scales_of_nine_steps():
    result = filled("sam", "9", 1, "5").result()
    assert dict(result.scores) == {"valence": 9, "arousal": 1, "dominance": 5}
    assert dict(filled("sam", None, 2, 2).result().scores) == {"arousal": 2, "dominance": 2}
    for wrong in ("0", "10", "happy"):
        with pytest.raises(ValueError, match="1 to 9"):
            start("sam").answer(wrong)


@pytest.mark.parametrize(("ninth", "risk"), [(0, False), (None, False), (1, True), (3, True)])
def test_item_nine_always_raises_the_risk(ninth, risk):
    form = filled("phq9", *[0] * 8, ninth)
    assert form.risk is form.result().risk is risk
    assert ("help line" in form.result().sentence) is risk
    if risk:
        assert not form.back().risk
        assert filled("phq9", None, None, None, None, *[0] * 4, ninth).result().risk  # whatever else is open
    assert not any(item.risk for name in ("gad7", "spane", "sam") for item in instrument(name).items)


def test_one_question_at_a_time_by_number_or_word():
    form = start("phq9")
    assert form.question == "Little interest or pleasure in doing things"
    for said, value in ((" Several  DAYS. ", 1), ("more than", 2), ("nearly", 3), (0, 0), ("not at all", 0)):
        form = form.answer(said)
        assert form.answers[-1] == value
    assert form.back().back().answer(3).answers == (1, 2, 3, 3)
    for wrong in ("often", "n", "4", "-1", "", 7, True, "1.5", "²"):
        with pytest.raises(ValueError, match="0 Not at all, 1 Several days"):
            form.answer(wrong)
    assert start("phq9").back().answers == ()
    whole = filled("gad7", *[0] * 7)
    assert whole.done
    assert whole.question == ""
    with pytest.raises(ValueError, match="all 7 questions"):
        whole.answer(1)


def test_stop_and_go_on_later():
    form = filled("phq9", 1, None, 2)
    again = resume(json.loads(json.dumps(form.state())))
    assert again == form
    assert again.question.startswith("Feeling tired")
    for wrong in (
        {"instrument": "phq9", "answers": [9]},
        {"instrument": "phq9", "answers": "1"},
        {"instrument": "gad7"},
    ):
        with pytest.raises(ValueError, match="no answer here|no state of"):
            resume(wrong)
    with pytest.raises(ValueError, match="no state of"):
        resume({"instrument": "gad7", "answers": [0] * 8})
    with pytest.raises(KeyError, match="did you mean 'phq9'"):
        start("phq8")


def test_change_beyond_the_error_of_measurement():
    before, after = filled("phq9", *[2] * 9).result(), filled("phq9", *[2] * 6, 0, 0, 0).result()
    assert "-6 since the last time, which is more than" in after.change(before)
    assert "+0 since the last time, which is within" in before.change(before)
    assert start("sam").result().change(start("sam").result()) == ""
    with pytest.raises(ValueError, match="cannot be compared"):
        before.change(start("gad7").result())


def test_the_result_is_the_persons_own_judgement():
    talk = Conversation(Turn("ana", "Can we do that questionnaire?"))
    talk.add(filled("phq9", *[1] * 9).result().annotation("ana"))
    (found,) = talk.read("instrument", rater="self", scheme="phq9")
    assert found.at.speaker == "ana"
    assert found.scores == {"score": 9}
    assert load(dump(found))[0] == found


@pytest.mark.parametrize("name", instruments())
def test_every_instrument_is_whole_and_its_scheme_fits(name):
    asked = instrument(name)
    assert asked.source
    assert asked.licence
    assert asked.url.startswith("https://")
    for answer in (asked.lowest, asked.highest):
        result = filled(name, *[answer] * len(asked.items)).result()
        scheme(name).check(result.scores)
        assert set(result.scores) == set(scheme(name).labels)
    for score in asked.scores:
        low, high = asked.limits(score)
        assert low >= scheme(name).low
        assert high <= scheme(name).high
