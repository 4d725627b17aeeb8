"""Readers of texts under emotion labels, on made-up files in the published formats."""

from pathlib import Path

import pytest
from published import everything, judged, table, write

from insula.data import MalformedData, corpus, load
from insula.scheme import scheme


def test_goemotions_labels_are_complete_and_several(root: Path):
    files = {
        f"{split}.tsv": table((f"Thank you, {split}!", "15,17", f"c-{split}")) for split in ("train", "dev", "test")
    }
    write(root, "goemotions", files)
    first = everything("goemotions")[0]
    gold = judged(first, "emotion")
    assert (first.id, first.turns[0].speaker, first.turns[0].text) == (
        "goemotions/train/c-train",
        "author",
        "Thank you, train!",
    )
    assert gold.labels == ("gratitude", "joy")
    assert len(gold.scores) == 28
    assert sum(gold.scores.values()) == 2


def test_goemotions_number_out_of_range_is_named(root: Path):
    write(root, "goemotions", {"dev.tsv": table(("Hm", "28", "c9"))})
    with pytest.raises(MalformedData, match=r"dev.tsv: comment c9: '28' are not label numbers"):
        list(load("goemotions", "dev"))


def test_a_short_line_is_named_with_its_number(root: Path):
    write(root, "goemotions", {"dev.tsv": table(("Fine", "0", "c1"), ("no tabs in this one",))})
    with pytest.raises(MalformedData, match=r"dev.tsv: line 2: expected 3 fields, found 1"):
        list(load("goemotions", "dev"))


def test_a_label_that_is_not_in_the_scheme_is_named_with_its_place(root: Path):
    write(root, "carer", {"test.txt": "i feel calm;joy\ni feel odd;oddness\n"})
    with pytest.raises(MalformedData, match=r"test.txt: after item test-1: 'oddness' is not in scheme 'carer6'"):
        list(load("carer", "test"))


SEMEVAL = ("ID", "Tweet", "Affect Dimension", "Intensity Score")


def test_semeval_emotions_none_or_several(root: Path):
    labels = scheme("semeval11").labels
    rows = table(
        ("ID", "Tweet", *labels),
        ("1", 'He said "no" #hope', *[int(x == "joy") for x in labels]),
        ("2", "Ok", *[0] * 11),
    )
    write(root, "semeval2018-e-c", {"E-c/E-c-En-dev.txt": rows})
    both = list(load("semeval2018-e-c", "dev"))
    assert [judged(one, "emotion").labels for one in both] == [("joy",), ()]
    assert both[0].turns[0].text == 'He said "no" #hope'
    assert not judged(both[1], "emotion").abstained


def test_semeval_intensity_leaves_placeholders_out_and_valence_is_moved(root: Path):
    rows = table(
        SEMEVAL, ("2018-En-1", "Home again", "joy", 0.75), ("2018-En-mystery-1", "Amy feels glad.", "joy", 0.0)
    )
    files = {
        f"EI-reg-En-{emotion}-test-gold.txt": rows if emotion == "joy" else table(SEMEVAL)
        for emotion in scheme("intensity4").labels
    }
    write(root, "semeval2018-ei-reg", files)
    (one,) = load("semeval2018-ei-reg", "test")
    assert one.id == "semeval2018-ei-reg/test/2018-En-1-joy"
    assert judged(one, "intensity").scores == {"joy": 0.75}
    write(
        root, "semeval2018-v-reg", {"V-reg/Valence-reg-En-dev.txt": table(SEMEVAL, ("1", "Oh well", "valence", 0.25))}
    )
    assert judged(next(load("semeval2018-v-reg", "dev")), "affect").scores == {"valence": -0.5}


def test_irony_with_its_kind(root: Path):
    a = table(("Tweet index", "Label", "Tweet text"), (1, 1, "Great, rain again"), (2, 0, "See you at six"))
    b = table(("Tweet Index", "Label", "Tweet text"), (1, 3, "Great, rain again"), (2, 0, "See you at six"))
    write(root, "semeval2018-irony", {"gold_test_taskA_emoji.txt": a, "gold_test_taskB_emoji.txt": b})
    ironic, plain = load("semeval2018-irony", "test")
    assert (judged(ironic, "sarcasm").labels, ironic.turns[0].meta["irony"]) == (("sarcasm",), "other")
    assert judged(plain, "sarcasm").scores == {"sarcasm": 0.0}


@pytest.mark.parametrize(
    ("name", "text", "layer", "labels"),
    [
        ("carer", "i feel; well;joy\n", "emotion", ("joy",)),
        ("tec", "1:\tlost my keys \t:: anger\n", "emotion", ("anger",)),
        ("crowdflower", "tweet_id,sentiment,content\n1,worry,late\n", "emotion", ("worry",)),
        ("enisear", None, "emotion", ("fear",)),
        (
            "se-emotion-github",
            'type,modified_comment,Anger,Love,Fear,Joy,Sadness,Surprise\nissue,"ship\nit",0,1,0,1,0,0\n',
            "emotion",
            ("love", "joy"),
        ),
        (
            "emoevent-en",
            table(("id", "event", "tweet", "offensive", "emotion"), ("1", "Final", 'we "won"', "NO", "joy")),
            "emotion",
            ("joy",),
        ),
        (
            "emoevent-es",
            table(("id", "event", "tweet", "offensive", "emotion"), ("1", "Final", "ganamos", "OFF", "others")),
            "emotion",
            (),
        ),
    ],
)
def test_labelled_texts(root: Path, name: str, text: str | None, layer: str, labels: tuple[str, ...]):
    if text is None:
        columns = [
            f"{each}_{rater}"
            for each in ("Attention", "Certainty", "Effort", "Pleasant", "Responsibility", "Control", "Circumstance")
            for rater in ("a1", "a2", "a3", "majority")
        ]
        text = table(
            ("Sentence_id", "Prior_Emotion", "Sentence", *columns),
            ("7", "Fear", "I felt ... in the fog", *[1, 0, 1, 1] * 7),
        )
    write(root, name, {file: text for split in corpus(name).splits for file in corpus(name).splits[split]})
    one = everything(name)[0]
    assert judged(one, layer).labels == labels
    assert len(one.turns) == 1
    if name == "enisear":
        by = {x.rater: len(x.labels) for x in one.read("appraisal")}
        assert by == {"gold": 7, "rater:a1": 7, "rater:a2": 0, "rater:a3": 7}


def test_ssec_thresholds_are_raters_and_empty_annotations_are_left_out(root: Path):
    none, text = ["---"] * 8, "They promised, again"
    mark = ("XXXXXXXXXXXX EMPTY ANNOTATION",)
    anyone = table(("Anger", "---", "Disgust", *none[:5], text), mark)
    half = table(("Anger", *none[:7], text), mark)
    write(
        root,
        "ssec",
        {
            "test-combined-0.0.csv": anyone,
            "test-combined-0.5.csv": half,
            "test-combined-0.99.csv": table((*none, text), mark),
        },
    )
    (one,) = load("ssec", "test")
    assert {x.rater: x.labels for x in one.read("emotion")} == {
        **{"gold": ("anger",), "rater:anyone": ("anger", "disgust"), "rater:everyone": ()},
    }


def test_ssec_files_that_do_not_match_are_refused(root: Path):
    row = ("Anger", *["---"] * 7, "Again")
    write(
        root,
        "ssec",
        {
            "test-combined-0.0.csv": table(row, row),
            "test-combined-0.5.csv": table(row),
            "test-combined-0.99.csv": table(row),
        },
    )
    with pytest.raises(MalformedData, match="not as long as"):
        list(load("ssec", "test"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_emoevent_says_its_language(root: Path, language: str):
    rows = table(("id", "event", "tweet", "offensive", "emotion"), ("1", "Final", "gol", "NO", "joy"))
    write(root, f"emoevent-{language}", {f"{language}/dev.tsv": rows})
    (one,) = load(f"emoevent-{language}", "dev")
    assert one.meta == {"language": language}
