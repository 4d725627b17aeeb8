"""Maps between schemes: their labels exist, their sums hold, and the loss they state is the loss of a round trip."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import insula
from insula.data import corpus, load
from insula.scheme import Map, mapping, maps, read_out, scheme

MAPS = maps()
IDS = [f"{one.source}->{one.target}" for one in MAPS]
every_map = pytest.mark.parametrize("one", MAPS, ids=IDS)
a_map = st.sampled_from(MAPS)


def alone(one: Map, label: str) -> dict[str, float]:
    """Where one label goes by itself, rounded; nothing for a label the table leaves out."""
    return {k: round(v, 9) for k, v in one.scores({label: 1.0}).items()} if label in one.table else {}


def probabilities(labels: tuple[str, ...]) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries({label: st.floats(0, 1) for label in labels})


def one_of(labels: tuple[str, ...]) -> st.SearchStrategy[dict[str, float]]:
    weights = st.lists(st.floats(0.01, 1), min_size=len(labels), max_size=len(labels))
    return weights.map(lambda found: {k: v / sum(found) for k, v in zip(labels, found, strict=True)})


@every_map
def test_a_map_names_labels_that_exist_and_says_its_source(one: Map):
    source, target = scheme(one.source), scheme(one.target)
    assert set(one.table) <= set(source.labels)
    assert one.paper
    for row in one.table.values():
        assert row
        assert set(row) <= set(target.labels)
        if one.combine == "mean":
            assert set(row) == set(target.labels), "coordinates are complete"
            target.check(row)
        else:
            assert all(0 < weight <= 1 for weight in row.values())
        if one.combine == "sum":
            assert sum(row.values()) == pytest.approx(1), "all of a label's mass goes somewhere"


@every_map
def test_combine_suits_the_target(one: Map):
    expected = {"one-of": "sum", "many-of": "any", "dimensional": "mean"}[scheme(one.target).kind]
    # one-of to many-of may also add up: exclusive labels cannot both be there
    allowed = {expected, "sum"} if scheme(one.source).kind == "one-of" else {expected}
    assert one.combine in allowed
    if one.combine == "sum":
        assert set(one.table) == set(scheme(one.source).labels), "a label left out would lose its mass unsaid"


@every_map
def test_the_loss_stated_is_the_loss_of_a_round_trip(one: Map):
    labels = scheme(one.source).labels
    images = [alone(one, label) for label in labels]

    def back(image: dict[str, float]) -> list[str]:
        return [label for label, there in zip(labels, images, strict=True) if image and there == image]

    lost = [label for label, image in zip(labels, images, strict=True) if back(image) != [label]]
    assert one.loss == pytest.approx(len(lost) / len(labels))


@pytest.mark.parametrize(
    ("source", "target"),
    [("ekman6", "ekman7"), ("ekman6", "emotionml-big6"), ("ekman6", "plutchik8"), ("sentiment3", "sentiment4")],
)
@given(data=st.data())
def test_lossless_maps_with_a_way_back_return_the_same_scores(source: str, target: str, data: st.DataObject):
    there, back = mapping(source, target), mapping(target, source)
    assert there.loss == 0
    labels = scheme(source).labels
    scores = data.draw((one_of if scheme(source).kind == "one-of" else probabilities)(labels))
    assert back.scores(there.scores(scores)) == pytest.approx(scores)


def test_known_losses():
    assert mapping("ekman7", "ekman6").loss == pytest.approx(1 / 7)
    assert mapping("sentiment4", "sentiment3").loss == pytest.approx(2 / 4)
    assert mapping("carer6", "ekman6").loss == pytest.approx(2 / 6)
    assert mapping("goemotions28", "ekman7").loss == pytest.approx(26 / 28)
    assert mapping("goemotions28", "parrott").loss < 0.25
    assert mapping("goemotions28", "vad").loss == 0
    assert mapping("emorynlp7", "ekman7").loss == pytest.approx(3 / 7)
    assert mapping("emocontext4", "ekman7").loss == pytest.approx(1 / 4)
    assert mapping("isear7", "ekman7").loss == pytest.approx(3 / 7)
    assert mapping("parrott6", "ekman7").loss == pytest.approx(2 / 6)
    assert mapping("empathetic32", "ekman7").loss > mapping("empathetic32", "goemotions28").loss


def test_what_no_label_stands_for_is_not_guessed():
    assert not any(mapping("emocontext4", "ekman7").scores({"others": 1.0}).values())
    assert mapping("empathetic32", "ekman7").scores({"nostalgic": 1.0})["sadness"] == 0.5


def test_rows_that_differ_only_by_a_weight_that_is_normalised_away_are_lost():
    table = {"positive": {"positive": 1.0}, "negative": {"positive": 0.5}, "neutral": {"neutral": 1.0}}
    assert Map("sentiment3", "sentiment3", table, "sum").loss == pytest.approx(2 / 3)


@given(one=a_map, data=st.data())
def test_mapped_scores_always_fit_the_target(one: Map, data: st.DataObject):
    source = scheme(one.source)
    scores = data.draw((one_of if source.kind == "one-of" else probabilities)(source.labels))
    mapped = one.scores(scores)
    scheme(one.target).check(mapped)
    if mapped:
        assert set(mapped) == set(scheme(one.target).labels)


@given(one=st.sampled_from([m for m in MAPS if m.combine == "sum"]), data=st.data())
def test_sum_keeps_the_mass(one: Map, data: st.DataObject):
    scores = data.draw(one_of(scheme(one.source).labels))
    assert sum(one.scores(scores).values()) == pytest.approx(1)


@given(one=st.sampled_from([m for m in MAPS if m.combine == "any"]), data=st.data())
def test_any_never_falls_when_a_score_rises(one: Map, data: st.DataObject):
    labels = scheme(one.source).labels
    low = data.draw(probabilities(labels))
    raised = data.draw(st.sampled_from(labels))
    before, after = one.scores(low), one.scores({**low, raised: 1.0})
    assert all(after[label] >= before[label] - 1e-12 for label in before)


@given(data=st.data())
def test_a_map_does_not_mind_the_order_of_scores(data: st.DataObject):
    one = data.draw(a_map)
    source = scheme(one.source)
    scores = data.draw((one_of if source.kind == "one-of" else probabilities)(source.labels))
    turned = dict(reversed(scores.items()))
    assert one.scores(turned) == pytest.approx(one.scores(scores))


def test_any_is_the_chance_that_at_least_one_is_there():
    assert mapping("goemotions28", "ekman7").scores({"anger": 0.5, "annoyance": 0.5})["anger"] == pytest.approx(0.75)


def test_mean_lies_between_the_coordinates():
    mapped = mapping("ekman6", "vad").scores({"joy": 1.0, "sadness": 1.0})
    assert mapped["valence"] == pytest.approx((0.76 - 0.63) / 2)
    assert mapping("ekman6", "vad").scores({"joy": 0.0}) == {}


def test_read_out_is_a_rater_of_its_own_that_rests_on_the_original():
    read = insula.Annotation("emotion", {"annoyance": 0.9}, scheme="goemotions28", rater="x", labels=("annoyance",))
    mapped = read_out(read, "ekman7")
    assert (mapped.rater, mapped.scheme, mapped.layer) == ("map:goemotions28->ekman7", "ekman7", "emotion")
    assert mapped.labels == ("anger",)
    assert mapped.because == (read.id,)
    assert read_out(read, "vad").layer == "affect"
    assert read_out(read, "vad").labels == ()


def test_read_out_keeps_an_abstention_and_its_reason():
    silent = insula.Annotation("emotion", {}, scheme="goemotions28", rater="x", reason="too short")
    assert read_out(silent, "ekman7").scores == {}
    assert read_out(silent, "ekman7").reason == "too short"


def test_nothing_is_mapped_to_an_abstention_not_to_an_even_guess():
    nothing = dict.fromkeys(scheme("goemotions28").labels, 0.0)
    assert mapping("goemotions28", "sentiment3").scores(nothing) == {}
    read = insula.Annotation("emotion", nothing, scheme="goemotions28", rater="x")
    assert read_out(read, "sentiment3").reason == "no label of goemotions28 leads to sentiment3"


def test_a_missing_map_says_where_one_can_go():
    with pytest.raises(KeyError, match="'carer6' leads to ekman6, ekman7, parrott"):
        mapping("carer6", "vad")


@pytest.mark.skipif(not corpus("enisear").here, reason="INSULA_DATA does not hold enisear")
def test_how_events_of_an_emotion_are_appraised_is_what_its_corpus_says():
    counts = {label: Counter[str]() for label in scheme("isear7").labels}
    for event in load("enisear", "train"):
        felt = event.read("emotion")[0].labels[0]
        counts[felt].update(["events", *event.read("appraisal", rater="gold")[0].labels])
    found = mapping("isear7", "appraisal7").table
    for felt, count in counts.items():
        shares = {name: count[name] / count["events"] for name in scheme("appraisal7").labels}
        assert found[felt] == {name: round(share, 2) for name, share in shares.items() if share >= 0.5}
