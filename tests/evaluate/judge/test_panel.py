"""Panels: nobody judges itself, both orders, weights, caps, and judges that fail."""

import math
import warnings

import pytest

from insula import Turn
from insula.evaluate.judge import Item, Panel, rubric, vet
from insula.llm import LLMError, Reply, Scripted, connect

TALK = (Turn("supporter", "Hello."), Turn("seeker", "My dog died."))
KIND, CURT = Item(TALK, "I am so sorry."), Item(TALK, "Ok.")


class Judge(Scripted):
    """Says how likely each of its answers is; `likes` reads the question."""

    def __init__(self, name, likes):
        super().__init__("", name)
        self.likes = likes

    async def reply(self, messages, **options):
        self.asked.append(tuple(messages))
        chances = self.likes(messages[1].text)
        alternatives = ({token: math.log(chance) for token, chance in chances.items()},)
        return Reply(max(chances, key=chances.get), self.name, 1, alternatives=alternatives)


def by_place(said):
    return {"1": 0.8, "2": 0.2}


def by_kindness(said):
    first, second = said.split("Reply 1: ")[1].split("\nReply 2: ")
    return {"1": 0.9, "2": 0.1} if "sorry" in first and "sorry" not in second else {"1": 0.1, "2": 0.9}


def test_a_model_is_not_judged_by_itself():
    with pytest.raises(ValueError, match="would judge itself"):
        Panel(["qwen@http://localhost:1/v1"], under_test="qwen@http://localhost:1/v1")
    with pytest.raises(ValueError, match="would judge itself"):
        Panel(["qwen@http://localhost:1/v1"], under_test="qwen@http://localhost:1/v1/")
    model = connect("qwen@http://localhost:1/v1")
    with pytest.raises(ValueError, match="name another judge"):
        vet(model, model)
    with pytest.raises(ValueError, match="needs a judge"):
        Panel([])
    with pytest.raises(ValueError, match="named twice"):
        Panel([Scripted("1", "a"), Scripted("2", "a")])


def test_a_judge_with_the_weights_of_the_model_under_test_is_said_to_be_kin():
    with pytest.warns(UserWarning, match=r"small judges small\+adapter.* may favour its own"):
        Panel([Scripted("1", "small")], under_test=Scripted("1", "small+adapter"))
    with pytest.warns(UserWarning, match="may favour its own"):
        vet(connect("qwen@http://localhost:1/v1"), connect("qwen@http://localhost:2/v1"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Panel([Scripted("1", "small")], under_test=Scripted("1", "other"))


def test_scores_are_weighed_and_a_judge_that_cannot_be_read_is_left_out():
    sure, unsure = Judge("sure", lambda _: {"2": 1.0}), Judge("unsure", lambda _: {"0": 0.5, "1": 0.5})
    lost = Scripted("As you like it.", "lost")
    (found,) = Panel([sure, unsure, lost], weights=[3, 1, 5]).ratings([KIND], rubric("empathy"))
    assert found.expected == pytest.approx((3 * 2 + 0.5) / 4)
    assert found.by["lost"].why == "it names no score"
    (nothing,) = Panel([lost]).ratings([KIND], rubric("empathy"))
    assert (nothing.expected, nothing.why) == (None, "lost: it names no score")


def test_what_a_judge_is_told():
    judge = Judge("j", lambda _: {"1": 1.0})
    Panel([judge]).ratings([Item((Turn("seeker", "word " * 200),), "Go\non.")], rubric("empathy"))
    told = judge.asked[0][1].text
    assert told.startswith("Seeker: word word")
    assert told.count("word") == 120
    assert "Reply to judge: Go on." in told
    assert judge.asked[0][-1].text == "Score: "


def test_one_who_goes_by_the_place_prefers_nothing_and_one_who_reads_is_steady():
    (found,) = Panel([Judge("place", by_place)]).preferences([(CURT, KIND)], "Which is kinder?")
    assert found.second == pytest.approx(0.5)
    assert found.steady is False
    (found,) = Panel([Judge("reads", by_kindness)]).preferences([(CURT, KIND)], "Which is kinder?")
    assert found.second == pytest.approx(0.9)
    assert found.steady is True


def test_a_pair_that_cannot_be_read_has_no_preference():
    (found,) = Panel([Scripted("Both!", "j")]).preferences([(CURT, KIND)], "Which is kinder?")
    assert (found.second, found.steady, found.why) == (None, None, "j: it names no score")


def test_after_the_calls_it_may_make_it_asks_nothing_more():
    judge = Judge("j", lambda _: {"1": 1.0})
    panel = Panel([judge], calls=2)
    found = panel.ratings([KIND] * 4, rubric("empathy"))
    assert [one.expected for one in found] == [1.0, 1.0, None, None]
    assert "the 2 questions it may" in found[-1].why
    assert panel.spent.calls == len(judge.asked) == 2
    assert Panel([judge], seconds=0.0).ratings([KIND], rubric("empathy"))[0].expected is None


def test_a_judge_that_fails_costs_its_own_answer_only():
    def fails(messages):
        if "Ok." in messages[1].text:
            raise LLMError("the server is away")
        return "2"

    found = Panel([Scripted(fails, "j")]).ratings([KIND, CURT, KIND], rubric("empathy"))
    assert [one.expected for one in found] == [2.0, None, 2.0]
    assert found[1].why == "j: the server is away"


def test_answers_are_kept(tmp_path):
    judge = Judge("j", lambda _: {"1": 0.5, "2": 0.5})
    for _ in range(2):
        (found,) = Panel([judge], cache=tmp_path / "answers").ratings([KIND], rubric("empathy"))
        assert found.expected == pytest.approx(1.5)
    assert len(judge.asked) == 1


def test_the_embedded_model_gives_the_chances_of_scores():
    try:
        panel = Panel(["local:base"])
    except ImportError as missing:
        pytest.skip(str(missing))
    (found,) = panel.ratings([KIND], rubric("empathy"))
    (reading,) = found.by.values()
    assert 0 < found.expected < 2
    assert reading.share > 0.3
