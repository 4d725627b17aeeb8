"""Every shipped scheme: labels, sources, and the published lists they come from."""

import json
import os
import re
from pathlib import Path

import pytest

import insula
from insula.scheme import Scheme, register, scheme, schemes

NAMES = [one.name for one in schemes()]


def published(corpus: str) -> Path:
    folder = Path(os.environ.get("INSULA_DATA", "")) / corpus
    if not os.environ.get("INSULA_DATA") or not folder.is_dir():
        pytest.skip(f"INSULA_DATA does not hold {corpus}")
    return folder


def test_the_promised_schemes_are_here():
    promised = "ekman6 ekman7 plutchik8 goemotions28 sentiment4 sentiment3 parrott emonet40 vad words sarcasm stress"
    promised += " intensity4 semeval11 carer6 crowdflower13 emotionml-big6 emotionml-everyday-categories"
    promised += (
        " emotionml-occ-categories emotionml-fsre-categories emotionml-frijda-categories emotionml-pad-dimensions"
    )
    promised += " emotionml-fsre-dimensions emotionml-intensity-dimension emotionml-occ-appraisals"
    promised += " emotionml-scherer-appraisals emotionml-ema-appraisals emotionml-frijda-action-tendencies"
    promised += " empathetic-intents9 appraisal24 alignment caused counterfactual influence3 trajectory findings"
    promised += " sentences bigfive"
    assert set(promised.split()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_scheme_says_what_it_is_and_where_it_comes_from(name: str):
    one = scheme(name)
    assert one.title
    assert one.meaning
    assert re.search(r"\b(19|20)\d\d\b", one.paper), "a paper has a year"
    assert one.url.startswith("https://")
    assert one.version
    assert bool(one.labels) == (one.kind != "open")
    assert len(set(one.labels)) == len(one.labels)
    # ids that are file, column and EmotionML names at once
    assert all(re.fullmatch(r"([a-z]|AU\d)[a-z0-9.-]*", label) for label in one.labels)
    assert set(one.titles) <= set(one.labels)
    assert {*one.parents, *one.parents.values()} <= set(one.labels)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("emotionml-")])
def test_emotionml_vocabularies_are_known_by_uri(name: str):
    assert scheme(name).uri == f"http://www.w3.org/TR/emotion-voc/xml#{name.removeprefix('emotionml-')}"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("plutchik8", 8),
        ("goemotions28", 28),
        ("emonet40", 40),
        ("semeval11", 11),
        ("crowdflower13", 13),
        ("emotionml-everyday-categories", 17),
        ("emotionml-occ-categories", 22),
        ("emotionml-fsre-categories", 24),
        ("emotionml-frijda-categories", 12),
        ("emotionml-scherer-appraisals", 20),
        ("emotionml-frijda-action-tendencies", 10),
        ("empathetic-intents9", 9),
        ("appraisal24", 24),
    ],
)
def test_sizes_as_published(name: str, size: int):
    assert len(scheme(name).labels) == size


def test_goemotions_labels_are_in_the_published_order():
    lines = (published("goemotions") / "labels.txt").read_text(encoding="utf-8").split()
    assert list(scheme("goemotions28").labels) == lines


@pytest.mark.parametrize(
    ("target", "file"), [("ekman7", "ekman_mapping.json"), ("sentiment4", "sentiment_mapping.json")]
)
def test_goemotions_maps_are_the_published_ones(target: str, file: str):
    groups = json.loads((published("goemotions") / file).read_text(encoding="utf-8"))
    table = {label: {group: 1.0} for group, labels in groups.items() for label in labels}
    assert insula.mapping("goemotions28", target).table == {**table, "neutral": {"neutral": 1.0}}


def test_emonet_titles_are_the_published_categories():
    rows = (published("emonet_face") / "taxonomy.tsv").read_text(encoding="utf-8").splitlines()[1:]
    emonet = scheme("emonet40")
    written = [emonet.titles.get(label, label).lower() for label in emonet.labels]
    assert sorted(written) == sorted(row.split("\t")[0].lower() for row in rows)


def test_parrott_is_a_tree_of_three_tiers_with_six_roots():
    tree = scheme("parrott")
    tiers = [len(tree.ancestors(label)) + 1 for label in tree.labels]
    assert [tiers.count(tier) for tier in (1, 2, 3)] == [6, 25, 109]
    assert tree.ancestors("cheerfulness.joy") == ("cheerfulness", "joy")
    assert tree.ancestors("joy") == ()


def test_scores_that_do_not_fit_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="'bliss' is not in scheme 'ekman6': anger"):
        scheme("ekman6").check({"bliss": 0.5})
    with pytest.raises(ValueError, match=r"outside -1.0..1.0 of scheme 'vad'"):
        scheme("vad").check({"valence": -1.5})
    with pytest.raises(ValueError, match=r"sum to 0.5000, not to 1"):
        scheme("carer6").check({"joy": 0.5})
    scheme("vad").check({"valence": -1.0, "arousal": 1.0, "dominance": 0.0})
    scheme("words").check({"any word at all": 0.2})
    scheme("ekman6").check({})


def test_unknown_names_get_a_hint():
    with pytest.raises(KeyError, match="did you mean 'ekman6'"):
        scheme("ekmann6")
    with pytest.raises(ValueError, match="kind 'some-of'"):
        Scheme("guest", "emotion", "some-of")  # type: ignore[arg-type]


def test_a_guest_scheme_may_not_take_a_name():
    with pytest.raises(ValueError, match="already called 'ekman6'"):
        register(Scheme("ekman6", "emotion", "many-of", ("joy",)))
    register(scheme("ekman6"))
