"""Lessons and the adapter, on made-up talks and a tiny random model; the real weights are never loaded."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("gguf", reason="the adapter's file needs gguf")

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from insula.conversation import Conversation, Turn
from insula.data.gold import one_of
from insula.llm import Message
from insula.respond.evidence import Evidence
from insula.train.respond import gguf
from insula.train.respond.lessons import (
    Answer,
    Lesson,
    answers_of,
    good,
    helped,
    read,
    readings,
    strategy_of,
    tidy,
    write,
)
from insula.train.respond.tune import Example, Recipe, batch_loss, batches, example, losses, pace, recipe, tune


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("i dont  know , sorry", "I don't know, sorry."),
        ("oh no!what now? i'm here", "Oh no! What now? I'm here."),
        ("Wow!!", "Wow!!"),
        ("", ""),
    ],
)
def test_tidy(text, better):
    assert tidy(text) == better
    assert tidy(better) == better


@pytest.mark.parametrize(
    "reply",
    [
        "My wife had the very same thing last year.",
        "I was in college when that happened to my dog.",
        "You can find more at www.help.com if you like.",
        "I am a mother too, so I know that.",
        "Thanks for doing this task on mturk with me.",
        "Oh no, really?",
        "word " * 60,
    ],
)
def test_what_a_companion_must_not_say_is_left_out(reply):
    assert not good(reply, "listener")


@pytest.mark.parametrize(
    "reply", ["That sounds so lonely. What was it like for you?", "I'm so glad it worked out for you in the end!"]
)
def test_kind_replies_are_kept(reply):
    assert good(reply, "listener")


def _talk(first="I lost my keys and feel awful about it.", reply="Oh no, I'm so sorry! That must be stressful."):
    reply_turn = Turn("listener", reply, meta={"auto_label": "sympathizing"})
    return Conversation(Turn("speaker", first), reply_turn, Turn("speaker", "Yes."), id="empathetic-dialogues/train/x")


def test_an_answer_knows_only_what_was_said_before():
    ((gold, said),) = readings([_talk()])
    (answer,) = answers_of(said, gold)
    assert [turn.text for turn in answer.turns] == ["I lost my keys and feel awful about it."]
    assert answer.strategy == "reflection"
    assert answer.evidence.primary
    lesson = answer.lesson()
    assert lesson.messages[0].role == "system"
    assert answer.evidence.primary in lesson.messages[0].text
    assert lesson.messages[-1] == Message("user", "I lost my keys and feel awful about it.")


def test_replies_that_are_unfit_are_drawn_only_where_every_one_is():
    ((gold, said),) = readings([_talk(reply="My wife did that once.")])
    assert not list(answers_of(said, gold))
    assert len(list(answers_of(said, gold, every=True))) == 1


def test_the_gold_strategy_wins():
    talk = Conversation(Turn("seeker", "Hello."), Turn("supporter", "Hi!"), id="esconv/train/1")
    talk.add(one_of("esconv8", "others", turn="t2"))
    assert strategy_of(talk, talk.turn("t2")) == "others"


@pytest.mark.parametrize(
    ("survey", "kept"),
    [
        ({"initial_emotion_intensity": "5", "final_emotion_intensity": "2"}, True),
        ({"initial_emotion_intensity": "3", "final_emotion_intensity": "3"}, False),
        ({"initial_emotion_intensity": "3"}, False),
    ],
)
def test_only_seekers_who_felt_less_bad_teach(survey, kept):
    assert helped(Conversation(id="esconv/train/1", meta={"survey_score": {"seeker": survey}})) is kept
    assert helped(Conversation(id="empathetic-dialogues/train/1"))


def test_each_piece_of_evidence_is_left_out_a_quarter_of_the_time():
    shown = Evidence("sadness", ("lonely",), ("he left",))
    answer = Answer(_talk(), (Turn("speaker", "He left."),), "Oh.", "question", shown)
    dice = random.Random(0)
    prompts = [answer.lesson(dice).messages[0].text for _ in range(800)]
    for piece in ("he left", "open question", "sadness"):
        assert 0.70 < np.mean([piece in prompt for prompt in prompts]) < 0.80


def test_lessons_are_written_and_read(tmp_path):
    made = [Lesson("x/1", (Message("system", "Be kind."), Message("user", "“Hé”")), "Oh.\nYes.")]
    write(made, tmp_path / "a.jsonl")
    assert read(tmp_path / "a.jsonl") == made


class _Letters:
    """A tokenizer of letters."""

    eos_token_id = 2

    def apply_chat_template(self, said, *, tokenize, add_generation_prompt):
        assert add_generation_prompt
        assert not tokenize
        return "".join(f"<{one['role']}>{one['content']}" for one in said)

    def __call__(self, text, *, add_special_tokens):
        assert not add_special_tokens
        return {"input_ids": [3 + ord(letter) % 60 for letter in text]}


def test_the_reply_begins_where_the_prompt_ends():
    found = example(_Letters(), [Message("user", "ab")], "cd")
    assert len(found.ids) == len("<user>ab") + len("cd") + 1
    assert found.start == len("<user>ab")
    assert found.ids[-1] == 2


def _model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        pad_token_id=0,
        initializer_range=0.2,  # with the usual one a random head cannot tell anything apart
    )
    return LlamaForCausalLM(config).eval()


def _examples(count=96):
    dice = random.Random(0)
    return [
        Example((*(dice.randrange(3, 60) for _ in range(dice.randrange(4, 12))), 7, 8, 9, 2), 0) for _ in range(count)
    ]


def _placed(examples):
    return [Example(one.ids, len(one.ids) - 4) for one in examples]


def _plan(**changed):
    values = {**vars(recipe()), "learning_rate": 1e-2, "alpha": 10, "batch": 64, "every": 4, "longest": 64, **changed}
    return Recipe(**values)


def test_batches_hold_each_example_once_and_no_more_tokens_than_told():
    made = list(batches(_examples(), 64, seed=0))
    assert sorted(one.ids for batch in made for one in batch) == sorted(one.ids for one in _examples())
    assert max(len(batch) * max(len(one.ids) for one in batch) for batch in made) <= 64


def test_the_pace_rises_then_falls():
    values = [pace(step / 100, 0.1) for step in range(100)]
    assert values[0] < 0.05
    assert max(values) == pytest.approx(1, abs=0.01)
    assert values[-1] < 0.06
    assert values[10:] == sorted(values[10:], reverse=True)


def test_the_loss_is_of_the_reply_alone_and_padding_changes_nothing():
    model, (one, *others) = _model(), _placed(_examples(8))
    with torch.inference_mode():
        whole = torch.log_softmax(model(torch.tensor([one.ids])).logits[0].float(), -1)
    by_hand = -sum(float(whole[place - 1, one.ids[place]]) for place in range(one.start, len(one.ids)))
    (alone,) = losses(model, [one])
    beside = losses(model, [*others, one])[-1]
    assert alone[1] == 4
    assert alone[0] == pytest.approx(by_hand, rel=0.02)  # bfloat16
    assert beside[0] == pytest.approx(alone[0], rel=0.02)


def test_tuning_learns_and_leaves_the_base_alone(tmp_path):
    model, taught = _model(), _placed(_examples())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    network = tune(model, taught, taught[:8], _plan(), tmp_path)
    log = [line.split("\t") for line in (tmp_path / "log.tsv").read_text().splitlines()]
    assert float(log[-1][2]) < 0.7 * float(log[0][2])
    held = {
        name.replace("base_model.model.", "").replace(".base_layer", ""): x for name, x in network.state_dict().items()
    }
    assert all(torch.equal(held[name], value) for name, value in before.items())


def test_a_stopped_run_goes_on_to_the_same_end(tmp_path):
    taught = _placed(_examples())
    whole = tune(_model(), taught, taught[:4], _plan(), tmp_path / "whole")

    def stop(step, steps, loss):
        if step == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(_model(), taught, taught[:4], _plan(), tmp_path / "cut", stop)
    steps = []
    again = tune(_model(), taught, taught[:4], _plan(), tmp_path / "cut", lambda step, *_: steps.append(step))
    assert steps[0] == 5  # the checkpoint before step 6 was at 4
    assert np.allclose(losses(again, taught[:4]), losses(whole, taught[:4]), rtol=0.01)


def test_the_file_holds_the_same_adapter(tmp_path):
    """What llama.cpp reads, merged back into the weights, expects what the tuned network does."""
    taught = _placed(_examples())
    network = tune(_model(), taught, taught[:4], _plan(), tmp_path)
    gguf.write(tmp_path, tmp_path / "a.gguf", heads=4, shared=2, licence="none", name="a")
    merged = _model()
    before = batch_loss(merged, taught[:8]).mean().item()
    gguf.merge(merged, tmp_path / "a.gguf")
    with torch.inference_mode():
        tuned, after = (float(batch_loss(one.eval(), taught[:8]).mean()) for one in (network, merged))
    assert after == pytest.approx(tuned, rel=0.03)
    assert after < 0.8 * before


def test_rows_of_queries_are_turned_as_llama_cpp_turns_them():
    rows = np.arange(8, dtype=np.float32)[:, None]
    assert gguf.neighbours(rows, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert gguf.halves(gguf.neighbours(rows, 2), 2).tolist() == rows.tolist()


def test_a_tensor_without_a_place_is_named(tmp_path):
    from safetensors.numpy import save_file

    (tmp_path / "adapter_config.json").write_text(json.dumps({"lora_alpha": 2}))
    save_file(
        {"base_model.model.lm_head.lora_A.weight": np.ones((2, 2), np.float32)}, tmp_path / "adapter_model.safetensors"
    )
    with pytest.raises(ValueError, match="no place"):
        gguf.write(tmp_path, Path(tmp_path / "x.gguf"), heads=1, shared=1)
