"""Readers of texts with ratings, roles, raters or groups of their own, on made-up files in the published formats."""

from pathlib import Path
from typing import Any

import pytest
from published import everything, jsonl, judged, table, three, write

from insula.data import MalformedData, load


def test_emobank_keeps_readers_writers_and_single_raters_apart(root: Path):
    ratings = "id,V,A,D\ns1,3,4,3\n"
    write(
        root,
        "emobank",
        {
            "emobank.csv": 'id,split,V,A,D,text\ns1,train,4,5,3,"He said ""go"", so we went."\ns2,test,1,3,3,Rain.\n',
            "meta.tsv": "id\tdocument\tcategory\tsubcategory\ns1\td1\tletters\t\n",
            "reader.csv": '"id","V","A","D","stdV","stdA","stdD","N"\n"s1","5","5","3","0","0","0","5"\n',
            "writer.csv": '"id","V","A","D","stdV","stdA","stdD","N"\n"s1","3","5","3","0","0","0","5"\n',
            "individual_reader_ratings.csv.gz": ratings + "s1,1,4,3\n",
            "individual_writer_ratings.csv.gz": ratings,
        },
    )
    (first,) = load("emobank", "train")
    assert first.turns[0].text == 'He said "go", so we went.'
    assert first.turns[0].meta == {"document": "d1", "genre": "letters"}
    assert judged(first, "affect").scores == {"valence": 0.5, "arousal": 1.0, "dominance": 0.0}
    valence = {one.rater: one.scores["valence"] for one in first.read("affect")}
    assert valence.pop("gold") == 0.5
    assert valence == {
        **{"rater:reader": 1.0, "rater:writer": 0.0},
        **{"rater:reader-1": 0.0, "rater:reader-2": -1.0, "rater:writer-1": 0.0},
    }
    assert [x.id for x in load("emobank", "test")] == ["emobank/test/s2"]


@pytest.mark.parametrize("file", ["dreaddit-train.csv", "dreaddit-train.slim.csv.gz"])
def test_dreaddit_keeps_segments_of_a_post_together(root: Path, file: str):
    header = "subreddit,sentence_range,text,id,label,confidence,social_karma,social_upvote_ratio,social_num_comments\n"
    rows = [
        f'r{post},"({part}, {part + 5})",made up,{post}{part},{part % 2},0.8,{post},0.9,4\n'
        for post in range(60)
        for part in range(3)
    ]
    write(root, "dreaddit", {file: header + "".join(rows)})
    dev = [x.turns[0].meta["subreddit"] for x in load("dreaddit", "dev")]
    train = [x.turns[0].meta["subreddit"] for x in load("dreaddit", "train")]
    assert len(dev) + len(train) == 180
    assert dev
    assert not set(dev) & set(train)
    one = next(load("dreaddit", "train"))
    assert one.turns[0].meta["confidence"] == 0.8
    assert judged(one, "stress").scores == {"stress": 0.0}


def test_affective_headlines(root: Path):
    xml = '<corpus task="affective text">\n<instance id="5">Cat finds way home</instance>\n</corpus>\n'
    files = {
        "affectivetext_trial.xml": xml,
        "affectivetext_trialemotionsgold": "5 0 0 0 80 0 45\n",
        "affectivetext_trial.valence.gold": "5 64\n",
    }
    write(root, "semeval2007-affective", files)
    (one,) = load("semeval2007-affective", "dev")
    assert one.turns[0].text == "Cat finds way home"
    assert judged(one, "intensity").scores == {
        "anger": 0,
        "disgust": 0,
        "fear": 0,
        "joy": 0.8,
        "sadness": 0,
        "surprise": 0.45,
    }
    assert judged(one, "affect").scores == {"valence": 0.64}
    write(root, "semeval2007-affective", {"affectivetext_trial.valence.gold": "6 64\n"})
    with pytest.raises(MalformedData, match="headline 5 has no row"):
        list(load("semeval2007-affective", "dev"))


def test_good_news_roles_are_anchored_at_their_words(root: Path):
    header = (
        "id",
        "headline",
        "dominant_emotion",
        "intensity",
        "cause",
        "experiencer",
        "target",
        "cue",
        "other_emotions",
        "reader_emotions",
    )
    lists = ('"[[""new toll""], [""not there""]]"', '"[[""drivers""]]"', "[[]]", '"[[""furious""]]"')
    three(
        root,
        "good-news-everyone",
        table(
            header,
            (
                "h1",
                "Drivers furious at new toll",
                "anger",
                "medium",
                *lists,
                "negative_surprise, sadness",
                "no_i_did_not_feel_any_emotion",
            ),
        ),
    )
    (one,) = everything("good-news-everyone")
    assert judged(one, "emotion").labels == ("anger",)
    assert judged(one, "emotion", "rater:reader").labels == ()
    assert one.turns[0].meta["other_emotions"] == ["negative-surprise", "sadness"]
    text = one.turns[0].text
    words = {x.labels[0]: text[slice(*x.at.chars)] for x in one.read("role") if x.at.chars}
    assert words == {"cause": "new toll", "experiencer": "Drivers", "cue": "furious"}


def test_equity_has_no_gold_and_says_whom_it_names(root: Path):
    write(
        root,
        "equity",
        {
            "Equity-Evaluation-Corpus.csv": "ID,Sentence,Template,Person,Gender,Race,Emotion,Emotion word\n"
            "1,Ada feels glad.,<person> feels <word>.,Ada,female,European,joy,glad\n"
        },
    )
    (one,) = everything("equity")
    assert one.layers == {"turn"}
    expected: dict[str, Any] = {
        "gender": "female",
        "race": "European",
        "person": "Ada",
        "emotion": "joy",
        "emotion_word": "glad",
        "template": "<person> feels <word>.",
    }
    assert one.turns[0].meta == expected


def test_facebook_gold_is_the_mean_of_two_raters(root: Path):
    three(root, "facebook-va", 'Anonymized Message,Valence1,Valence2,Arousal1,Arousal2\n"Beach, at last",9,7,1,5\n')
    (one,) = everything("facebook-va")
    assert judged(one, "affect").scores == {"valence": 0.75, "arousal": -0.5}
    assert judged(one, "affect", "rater:1").scores == {"valence": 1.0, "arousal": -1.0}
    assert judged(one, "affect", "rater:2").scores == {"valence": 0.5, "arousal": 0.0}


def test_the_body_part_is_where_the_emotion_is(root: Path):
    row = {
        "sentence_id": "a",
        "sentence": "Her hands shook .",
        "context": ["Night ."],
        "body_part_token_idx": 1,
        "label": "Fear",
    }
    write(root, "cheer-ekman", {"dev.jsonl": jsonl(row, row | {"body_part_token_idx": 0})})
    hands, her = load("cheer-ekman", "dev")
    gold = judged(hands, "emotion")
    assert gold.labels == ("fear",)
    assert gold.at.chars is not None
    assert hands.turns[0].text[slice(*gold.at.chars)] == "hands"
    assert (hands.id, judged(her, "emotion").at.chars) == ("cheer-ekman/dev/a-1", (0, 3))


def test_politeness_has_five_raters_whom_nobody_can_name(root: Path):
    columns = ",".join([*(f"Score{n}" for n in range(1, 6)), *(f"TurkId{n}" for n in range(1, 6))])
    header = f"Community,Id,Request,{columns},Normalized Score\n"
    row = "Wikipedia,3,Could you look?,1,13,25,13,13,W1,W2,W3,W4,W5,0.5\n"
    write(root, "politeness", {"wikipedia.annotated.csv": header + row, "stack-exchange.annotated.csv": header})
    (one,) = everything("politeness")
    ratings = one.read("politeness")
    assert [x.scores["politeness"] for x in ratings if x.rater != "gold"] == [-1, 0, 1, 0, 0]
    assert judged(one, "politeness").scores == {"politeness": 0.0}
    assert len({x.rater for x in ratings}) == 6
    assert not any("W" in x.rater for x in ratings)
    assert one.id.endswith("/wikipedia-3")


def test_essays_on_news_with_and_without_labels(root: Path):
    header = ("message_id", "response_id", "article_id", "essay")
    dev = table((*header, "empathy", "distress", "emotion"), ("m1", "p1", "9", "A hard read", 6.5, 1.0, "sadness"))
    write(root, "wassa2022", {"messages_dev_features_ready_for_WS_2022.slim.tsv": dev})
    write(
        root,
        "wassa2022",
        {"messages_test_features_ready_for_WS_2022.tsv.gz": table(header, ("m2", "p2", "9", "Sad news"))},
    )
    (one,) = load("wassa2022", "dev")
    assert judged(one, "empathy").scores == {"empathy": 6.5, "distress": 1.0}
    assert judged(one, "emotion").labels == ("sadness",)
    (unlabelled,) = load("wassa2022", "test")
    assert unlabelled.layers == {"turn"}
    three(
        root,
        "empathic-reactions",
        "message_id,response_id,article_id,empathy,distress,essay\nm1,p1,9,7,1,Poor things\n",
    )
    assert judged(everything("empathic-reactions")[0], "empathy").scores["empathy"] == 7


def test_stories_are_conversations_in_order(root: Path):
    said = {
        "category": "fairytales",
        "text_id": "swan",
        "sentence_da": "Ja.",
        "valence_human": 7.5,
        "a1": 5,
        "a2": 10,
        "a3": None,
        "year": None,
    }
    rows = [
        said | {"row": 1, "sentence_en": "Yes."},
        said | {"row": 0, "sentence_en": "Once."},
        said | {"row": 2, "text_id": "hymns", "year": 1873.0, "sentence_en": "Sing!", "a1": "5"},
    ]
    write(root, "fiction-fairytales-valence", {"fairytales_hymns.jsonl": jsonl(*rows)})
    hymns, swan = sorted(everything("fiction-fairytales-valence"), key=lambda x: x.id)
    assert hymns.id.endswith("/hymns-1873")
    assert [turn.text for turn in swan.turns] == ["Once.", "Yes."]
    valence = {x.rater: x.scores["valence"] for x in swan.read("affect", turn="s0")}
    assert valence == {"gold": 0.5, "rater:a1": 0.0, "rater:a2": 1.0}


def test_covidet_raters_stand_apart_and_gold_is_the_mean_of_those_who_rated(root: Path):
    dims = [f"dim{place}" for place in range(1, 25)]
    header = ",".join(["post", "worker", "Reddit Post", *(f"{dim},{dim}_rationale" for dim in dims)])
    rest = ",".join(",Says nothing of it" for _ in dims[2:])
    post = '"We are shut in, and I called it off."'
    rows = [
        f'0,1,{post},8.0,"They say ""I called it off"".",,None,{rest}',
        f"1,0,Made-up post,1.0,No,,None,{rest}",
        f'0,0,{post},4.0,"They say ""it was me"".",3.0,They,{rest}',
    ]
    three(root, "covidet", "\n".join([header, *rows]))
    both, alone = sorted(everything("covidet"), key=lambda one: one.id.rpartition("/")[2])
    first, second = (judged(both, "appraisal", rater) for rater in ("rater:1", "rater:0"))
    assert first.scores == {"self-responsibility": 8.0}
    assert second.scores == {"self-responsibility": 4.0, "other-responsibility": 3.0}
    gold = judged(both, "appraisal")
    assert gold.scores == {"self-responsibility": 6.0, "other-responsibility": 3.0}
    assert set(gold.because) == {first.id, second.id}
    (quote,) = both.read("evidence")
    assert quote.at.chars is not None
    assert both.turns[0].text[slice(*quote.at.chars)] == "I called it off"
    assert (quote.rater, first.because, second.because) == ("rater:1", (quote.id,), ())
    assert judged(alone, "appraisal").scores == {"self-responsibility": 1.0}
