"""Readers of dialogues, on made-up files in the published formats: who speaks, when, and what holds where."""

from pathlib import Path

import pytest
from published import everything, jsonl, judged, table, write

from insula.data import MalformedData, load
from insula.scheme import scheme


def test_meld_scenes_have_speakers_times_and_two_layers(root: Path):
    header = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
    rows = '1,"No, really?",Mona,surprise,positive,0,0,1,2,"00:01:00,500","00:01:02,000"\n'
    rows += '2,Really.,Ned,neutral,neutral,0,2,1,2,"00:01:03,000","00:01:02,000"\n3,Hi,Ned,joy,positive,1,0,1,2,,\n'
    write(root, "meld", {"dev_sent_emo.csv": header + rows})
    first, second = load("meld", "dev")
    assert (first.id, second.id) == ("meld/dev/dev-0", "meld/dev/dev-1")
    assert [(x.id, x.speaker, x.seconds) for x in first.turns] == [("u0", "Mona", (60.5, 62.0)), ("u2", "Ned", None)]
    assert first.read("emotion", turn="u0")[0].labels == ("surprise",)
    assert first.read("sentiment", turn="u0")[0].scores == {"negative": 0, "neutral": 0, "positive": 1}
    assert second.turns[0].seconds is None


def test_emorynlp_scenes_and_speakers_in_chorus(root: Path):
    header = "Utterance,Speaker,Emotion,Scene_ID,Utterance_ID,Season,Episode,Start_Time,End_Time\n"
    rows = "Tea?,['Mona Lee'],Peaceful,3,1,1,15,00:00:03.795,00:00:05.004\n"
    rows += "Yes!,\"['Ned Poe', 'Ida Poe']\",Joyful,3,4,1,15,00:00:05.100,00:00:06.000\n"
    write(root, "emorynlp", {"emorynlp_dev_final.csv": header + rows})
    (one,) = load("emorynlp", "dev")
    assert one.id == "emorynlp/dev/s01-e15-c03"
    assert [turn.speaker for turn in one.turns] == ["Mona Lee", "Ned Poe & Ida Poe"]
    assert one.turns[0].seconds == pytest.approx((3.795, 5.004))
    assert [x.labels for x in one.read("emotion")] == [("peaceful",), ("joyful",)]


def test_cped_traits_are_of_speakers_and_strangers_have_none(root: Path):
    columns = ("Dialogue_ID", "Utterance_ID", "Speaker", *(trait.capitalize() for trait in scheme("bigfive").labels))
    header = (*columns, "Scene", "Sentiment", "Emotion", "DA", "Utterance")
    rows = [
        (
            "1_000",
            "1_000_000",
            "甲",
            "low",
            "high",
            "low",
            "high",
            "low",
            "car",
            "negative",
            "worried",
            "question",
            "好吗",
        ),
        ("1_000", "1_000_001", "其他", *["unknown"] * 5, "car", "neutral", "neutral", "answer", "好"),
    ]
    write(root, "cped", {"valid_split.csv": table(header, *rows, separator=",")})
    (one,) = load("cped", "dev")
    assert (one.id, one.meta["language"]) == ("cped/dev/1_000", "zh")
    assert [(turn.id, turn.speaker, turn.text) for turn in one.turns] == [("u0", "甲", "好吗"), ("u1", "其他", "好")]
    assert [x.top for x in one.read("emotion")] == ["worried", "neutral"]
    assert [x.top for x in one.read("dialogue_act")] == ["question", "answer"]
    (traits,) = one.read("personality")
    assert (traits.at.speaker, traits.at.turn) == ("甲", None)
    assert list(traits.scores.values()) == [-1, 1, -1, 1, -1]


def test_dailydialog_splits_by_its_own_word_for_them(root: Path):
    turns = [
        {"text": "We won!", "emotion": "happiness", "act": "inform"},
        {"text": "Who?", "emotion": "no emotion", "act": "question"},
    ]
    rows = [
        {"dialogue_id": f"{split}-0", "split": split, "topic": "Sport", "turns": turns}
        for split in ("train", "validation")
    ]
    write(root, "dailydialog", {"dialogues.jsonl.gz": jsonl(*rows)})
    (one,) = load("dailydialog", "dev")
    assert one.id == "dailydialog/dev/validation-0"
    assert [turn.speaker for turn in one.turns] == ["A", "B"]
    assert [x.labels[0] for x in one.read("emotion")] == ["joy", "neutral"]
    assert [x.labels[0] for x in one.read("dialogue_act")] == ["inform", "question"]


def test_emocontext_labels_the_third_message(root: Path):
    rows = table(("id", "turn1", "turn2", "turn3", "label"), (4, 'say "hi"', "Hi!", "leave me alone", "angry"))
    write(root, "emocontext", {"valid.txt": rows})
    (one,) = load("emocontext", "test")
    assert [turn.speaker for turn in one.turns] == ["user", "bot", "user"]
    (gold,) = one.read("emotion")
    assert (one.id, gold.at.turn, gold.labels) == ("emocontext/test/valid-4", "t3", ("angry",))


def test_emocontext_is_tuned_on_a_split_of_train_that_shares_no_text_with_it(root: Path):
    chats = [(number, "hi", "Hi!", f"word{number % 100}", "others") for number in range(400)]
    write(root, "emocontext", {"train.txt": table(("id", "turn1", "turn2", "turn3", "label"), *chats)})
    train, dev = ({one.turns[2].text: one.id for one in load("emocontext", split)} for split in ("train", "dev"))
    assert len(dev) < len(train)
    assert not set(train) & set(dev)
    assert len({*train, *dev}) == 100
    assert all(id.startswith("emocontext/dev/train-") for id in dev.values())


def test_empathetic_dialogues_emotion_is_the_speakers_and_machine_labels_are_no_gold(root: Path):
    said = [
        {"speaker": "speaker", "text": "I passed!", "auto_label": "proud"},
        {"speaker": "listener", "text": "Well done"},
    ]
    row = {"conv_id": "hit:1_conv:2", "emotion": "proud", "situation": "An exam", "utterances": said}
    write(root, "empathetic-dialogues", {"test.jsonl": jsonl(row)})
    (one,) = load("empathetic-dialogues", "test")
    (gold,) = one.read("emotion")
    assert (gold.at.turn, gold.at.speaker, gold.labels) == (None, "speaker", ("proud",))
    assert one.turns[0].meta["auto_label"] == "proud"
    assert len(gold.scores) == 32


MANUAL = table(("intent", "text"), ("wishing", "Good luck, my friend!"), ("appreciating", "Such a lovely cake"))


def test_empathetic_intents_are_of_replies_and_a_persons_label_stands_apart(root: Path):
    replies = "26 <SEP> I won the cup\n39 <SEP> good luck my friend\n40 <SEP> so you said\n40 <SEP> such a lovely cake"
    write(root, "empathetic-intents", {"train_data/valid.txt": replies, "manual_annotations.tsv": MANUAL})
    wish, neutral, cake = load("empathetic-intents", "dev")
    assert [one.id.rpartition("/")[2] for one in (wish, neutral, cake)] == ["valid-2", "valid-3", "valid-4"]
    assert [(x.rater, x.labels) for x in wish.read("intent")] == [
        ("gold", ("wishing",)),
        ("rater:manual", ("wishing",)),
    ]
    assert [x.labels for x in neutral.read("intent")] == [("neutral",)]
    assert [x.rater for x in cake.read("intent")] == ["gold"], "the finer label is none of the nine"


@pytest.mark.parametrize("line", ["41 <SEP> hello", "hello", "joy <SEP> hello"])
def test_empathetic_intents_name_the_line_that_is_not_one(root: Path, line: str):
    replies = f"33 <SEP> oh my\n{line}\n"
    write(root, "empathetic-intents", {"train_data/test.txt": replies, "manual_annotations.tsv": MANUAL})
    with pytest.raises(MalformedData, match=r"test.txt: line 2: expected 'number 0..40 <SEP> text'"):
        list(load("empathetic-intents", "test"))


def esconv_row(strategy: str) -> dict[str, object]:
    about = dict.fromkeys(("experience_type", "emotion_type", "problem_type", "situation"), "made up")
    said = [
        {"text": "I am worn out", "speaker": "usr"},
        {"text": "What happened?", "speaker": "sys", "strategy": strategy},
    ]
    return {**about, "survey_score": {"seeker": {"initial_emotion_intensity": "4"}}, "dialog": said}


def test_esconv_strategies_are_the_supporters(root: Path):
    write(root, "esconv", {"valid.jsonl": jsonl(esconv_row("Question"))})
    (one,) = load("esconv", "dev")
    assert [turn.speaker for turn in one.turns] == ["seeker", "supporter"]
    (gold,) = one.read("strategy")
    assert (gold.at.turn, gold.labels) == ("t2", ("question",))
    assert one.meta["survey_score"]["seeker"]["initial_emotion_intensity"] == "4"


def test_esconv_unknown_strategy_is_named(root: Path):
    write(root, "esconv", {"valid.jsonl": jsonl(esconv_row("Scolding"))})
    with pytest.raises(MalformedData, match="dialogue 1: unknown strategy 'Scolding'"):
        list(load("esconv", "dev"))


def test_an_absent_field_is_named(root: Path):
    write(root, "esconv", {"valid.jsonl": jsonl({"situation": "made up"})})
    with pytest.raises(MalformedData, match=r"valid.jsonl: in its first item: no field 'experience_type'"):
        list(load("esconv", "dev"))


def test_friends_personality_is_of_the_character_and_stage_directions_are_left_out(root: Path):
    said = "<b>s01_e01_c01(1) for Mona Lee</b><br><br><b>Mona Lee</b>: So (quietly) we go.<br><br>(She goes.)<br><br>"
    said += "<b>Ned</b>: No!<br><br>"
    rows = f',scene_id,text,character,cAGR,cCON,cEXT,cOPN,cNEU\n7,01_e01_c01,"{said}",Mona Lee,1,1,0,0,1\n'
    write(root, "friends-personality", {"friends-personality.csv": rows})
    (one,) = everything("friends-personality")
    assert [(turn.speaker, turn.text) for turn in one.turns] == [("Mona Lee", "So (quietly) we go."), ("Ned", "No!")]
    (traits,) = one.read("personality")
    assert (traits.at.speaker, traits.at.turn) == ("Mona Lee", None)
    assert dict(traits.scores) == {
        **{"openness": -1, "conscientiousness": 1, "extraversion": -1},
        **{"agreeableness": 1, "neuroticism": 1},
    }


PELD = (
    "Speaker_1",
    "Speaker_2",
    "Personality",
    *(f"{x}_{k}" for x in ("Utterance", "Emotion", "Sentiment") for k in "123"),
)


def peld_row(*said: str) -> tuple[str, ...]:
    felt = ("joy", "neutral", "anger", "positive", "neutral", "negative")
    return ("Mona", "Ned", "[0.75, 0.5, 0.25, 1.0, 0.0]", *said, *felt)


def test_peld_triples_of_one_scene_stay_together(root: Path):
    long, other = "we are all going home tonight", "but nobody has seen the keys"
    scenes = [[(long, "No.", f"{k}"), ("Yes.", long, other), (other, "Hm.", f"{k}!")] for k in range(40)]
    told = [tuple(f"{text} {k}" for text in three) for k, scene in enumerate(scenes) for three in scene]
    write(root, "peld", {"Dyadic_PELD.tsv": table(PELD, *(peld_row(*three) for three in told))})
    found = everything("peld")
    where: dict[str, set[str]] = {}
    for one in found:
        where.setdefault(one.meta["group"], set()).add(one.id.split("/")[1])
    assert (len(found), len(where)) == (120, 40)
    assert all(len(splits) == 1 for splits in where.values())
    assert set.union(*where.values()) == {"train", "dev", "test"}
    first = found[0]
    assert [turn.speaker for turn in first.turns] == ["Mona", "Ned", "Mona"]
    assert [x.top for x in first.read("emotion")] == ["joy", "neutral", "anger"]
    assert list(judged(first, "personality").scores.values()) == [0.5, 0, -0.5, 1, -1]


def test_talk_about_tasks_is_read_without_labels(root: Path):
    files = {
        "taskmaster3_contexts.jsonl": jsonl(
            {"id": "dlg-1", "turns": [["agent", "Hi"], ["user", "Two"], ["user", "Now"]]}
        ),
        "banking77_test.csv": 'text,category\n"My card, where is it?",card_arrival\n',
        "nlupp.jsonl": jsonl({"domain": "hotels", "fold": 3, "text": "A room please", "intents": ["room"]}),
    }
    write(root, "task-dialogues", files)
    (tickets,), (question,), (request,) = (load(name, "test") for name in ("task-dialogues", "banking77", "nlupp"))
    assert [turn.speaker for turn in tickets.turns] == ["agent", "user", "user"]
    assert tickets.id == "task-dialogues/test/dlg-1"
    assert (question.turns[0].text, question.turns[0].meta["category"]) == ("My card, where is it?", "card_arrival")
    assert (request.turns[0].meta["domain"], request.turns[0].meta["intents"]) == ("hotels", ("room",))
    assert not any(one.layers - {"turn"} for one in (tickets, question, request))


def test_annomi_tells_therapist_from_client_and_raters_from_gold(root: Path):
    about = "transcript_id,utterance_id,interlocutor,main_therapist_behaviour,client_talk_type"
    both = [("therapist", "therapist_input", "n/a"), ("client", "n/a", "sustain")]
    gold = [",".join(("7", str(k), *row, "Made up", "high", "tea", "v")) for k, row in enumerate(both)]
    raters = ["7,0,therapist,question,n/a,3", *(",".join(("7", str(k), *row, "4")) for k, row in enumerate(both))]
    files = {
        "AnnoMI-simple.csv": "\n".join([f"{about},utterance_text,mi_quality,topic,video_url", *gold]),
        "AnnoMI-full.csv": "\n".join([f"{about},annotator_id", *raters]),
    }
    write(root, "annomi", files)
    (one,) = everything("annomi")
    assert [turn.speaker for turn in one.turns] == ["therapist", "client"]
    assert one.meta["quality"] == "high"
    assert [(x.rater, x.top) for x in one.read("strategy", turn="u0")] == [
        ("gold", "input"),
        ("rater:3", "question"),
        ("rater:4", "input"),
    ]
    assert [(x.rater, x.top) for x in one.read("change_talk")] == [("gold", "sustain"), ("rater:4", "sustain")]
