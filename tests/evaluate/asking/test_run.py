"""Any model examined: every answer marked, what fails kept apart, nothing lost on the way."""

import re
from dataclasses import replace

import pytest

from insula.evaluate.asking.caps import Caps
from insula.evaluate.asking.run import examine, others, put_all, questions
from insula.evaluate.asking.statistics import paired, scores
from insula.llm import LLMError, Message, Scripted


def knows(exam):
    """A model that always names the right option, in words of its own."""
    keys = {q.text: q for q in exam.questions()}

    def reply(messages):
        text = messages[0].text if messages[0].role == "user" else messages[1].text
        question = next(q for told, q in keys.items() if told in text)
        which = sum(message.role == "user" for message in messages) - 1
        options = question.choices[which].options
        last = [message.text for message in messages if message.role == "user"][-1]
        letter = re.search(rf"^([A-J])\. {re.escape(options[question.choices[which].right])}$", last, re.MULTILINE)[1]
        return f"The answer is {letter}."

    return Scripted(reply, "knows")


def headline(sheet):
    return scores([sheet], slices=False)[0]


def test_one_who_knows_gets_everything_in_any_order(emobench):
    sheet = examine(emobench, knows(emobench), seeds=3)
    found = headline(sheet)
    assert (found.score, found.high, found.parse) == (1, 1, 1)
    assert 0.7 < found.low < 0.9  # of twelve questions
    assert (found.asked, found.unasked, found.questions) == (36, 0, 12)
    assert found.spread == 0
    assert {(row.id, row.seed) for row in sheet.rows} == {(q.id, k) for q in emobench.questions() for k in range(3)}


def test_options_are_shuffled_anew_by_every_seed_and_alike_in_every_run(emobench):
    asked, again = (put_all(emobench, questions(emobench), 5) for _ in range(2))
    assert asked == again
    assert len({one.orders for one in asked if one.question.id == "EU-0-en"}) == 5


def test_a_limit_is_a_fair_sample_and_the_start_of_a_larger_one(emobench):
    few, more = ([q.id for q in questions(emobench, limit)] for limit in (4, 8))
    assert more[:4] == few
    assert few != [q.id for q in emobench.questions()[:4]]


def test_only_one_slice(emobench):
    assert {q.slices["language"] for q in questions(emobench, only={"language": "zh"})} == {"zh"}
    with pytest.raises(ValueError, match="emobench has no questions with language=fr"):
        questions(emobench, only={"language": "fr"})


def test_what_cannot_be_read_is_no_zero(emobench):
    """Half of the answers are no answers: the score is over the others, and the rate stands beside it."""
    known = knows(emobench)._replies
    model = Scripted(lambda m: known(m) if "number 0." in m[0].text else "I cannot say.", "half")
    sheet = examine(emobench, model)
    found = headline(sheet)
    assert found.score == 1
    assert found.parse == pytest.approx(2 / 12)
    assert found.unasked == 0
    assert all(row.why for row in sheet.rows if not row.parsed)


def test_an_error_costs_its_own_row_only(emobench):
    def reply(messages):
        if "number 3" in messages[0].text:
            raise LLMError("the server fell over")
        return "A"

    sheet = examine(emobench, Scripted(reply), seeds=2)
    assert {row.id for row in sheet.rows if row.error == "the server fell over"} == {"EU-3-zh", "EA-3-zh"}
    assert headline(sheet).unasked == 4
    assert headline(sheet).asked == 20


@pytest.mark.parametrize(
    ("caps", "why"),
    [
        (Caps(tokens=600), "600 tokens allowed were used up"),
        (Caps(cost=1e-4, price=(1.0, 1.0)), "the cost allowed, 0.0001, was reached"),
        (Caps(seconds=0.0), "the 0 s allowed were over"),
    ],
)
def test_what_a_cap_leaves_unasked_is_said(emobench, caps, why):
    sheet = examine(emobench, Scripted("A"), caps=caps)
    left = [row for row in sheet.rows if row.error]
    assert 0 < len(left) <= 12
    assert all(why in row.error for row in left)


def test_chain_of_thought_reads_the_answer_at_the_end(emobench):
    model = Scripted("A is tempting, for Kim might ride home. But B is not. Answer: B")
    sheet = examine(emobench, model, mode="cot")
    assert headline(sheet).parse == 1
    assert all(message.role == "user" for message in model.asked[0])  # nothing is begun for it: it is to think first


def test_blind_rules_stand_in_the_same_sheets(emobench):
    asked = put_all(emobench, questions(emobench), 5)
    found = {sheet.answerer: headline(sheet) for sheet in others(emobench, asked)}
    assert found["always the third"].score == pytest.approx(2 / 12)  # of EA, where every place is right twice
    assert found["the longest"].score == pytest.approx(2 / 12)
    assert all(number.parse == 1 for number in found.values())


def test_pairs_are_of_answers_both_gave(emobench):
    good, poor = examine(emobench, knows(emobench)), examine(emobench, Scripted("A"))
    found, answers = paired(good, poor)
    assert answers == 12
    assert 0 < found.low < found.score < found.high
    same, _ = paired(poor, poor)
    assert -0.35 < same.low == -same.high < 0  # twelve that agree do not show that all would
    silent = examine(emobench, Scripted("Well."))
    with pytest.raises(ValueError, match="share no answer"):
        paired(good, silent)


def test_an_exam_that_has_one_is_marked_by_its_judge(emobench):
    async def judge(asked, reply, llm):
        said = await llm.reply([Message("user", f"Is {reply} right?")])
        return replace(emobench.mark(asked, reply), said=said.text)

    judged = replace(emobench, judge=judge)
    sheet = examine(judged, Scripted("A"), judge=Scripted("Certainly.", "judge"))
    assert {row.said for row in sheet.rows} == {"Certainly."}
    with pytest.raises(ValueError, match="judge"):
        examine(judged, Scripted("A", "same"), judge=Scripted("A", "same"))


def test_a_way_of_asking_that_is_not_there(emobench):
    with pytest.raises(ValueError, match="not asked in the mode 'nonsense': there is base, cot"):
        examine(emobench, Scripted("A"), mode="nonsense")
    with pytest.raises(ValueError, match="at least one"):
        examine(emobench, Scripted("A"), seeds=0)


def test_an_agent_answers_as_a_model_does(emobench, tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text("def answer(conversation):\n    return 'B. ' + conversation.turns[-1].text[:9]\n", encoding="utf-8")
    sheet = examine(emobench, f"{bot}:answer", limit=6)
    assert headline(sheet).parse == 1


def test_an_edited_bot_is_asked_anew_and_no_bot_speaks_for_another(emobench, tmp_path, monkeypatch):
    said = []
    for folder, letter in (("one", "A"), ("two", "B"), ("one", "C")):
        (tmp_path / folder).mkdir(exist_ok=True)
        bot = f"def answer(conversation):\n    return '{letter}'  # {folder}\n"
        (tmp_path / folder / "bot.py").write_text(bot, encoding="utf-8")
        monkeypatch.chdir(tmp_path / folder)
        said.append(examine(emobench, "bot.py:answer", limit=1, only={"part": "application"}).rows[0].reply)
    assert said == ["A", "B", "C"]


def test_the_composer_is_an_agent_too(emobench):
    sheet = examine(emobench, "composer", limit=2, cache=False)
    assert all(row.reply and not row.error for row in sheet.rows)


def test_a_bot_that_says_nothing_is_an_error_of_its_row(emobench, tmp_path):
    bot = tmp_path / "bot.py"
    bot.write_text("def answer(conversation):\n    return ''\n", encoding="utf-8")
    sheet = examine(emobench, f"{bot}:answer", limit=1, cache=False)
    assert "said nothing" in sheet.rows[0].error
