"""The ontology: words find their node, labels roll up, sets are scored by group, shipped files are what code writes."""

import json
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from insula.ontology import IRI, RELATIONS, export, group, ontology, roll_up, set_score
from insula.scheme import maps, scheme

SHIPPED = Path(str(resources.files("insula"))) / "schemes" / "ontology"
TREE = ontology()
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
OWL = "{http://www.w3.org/2002/07/owl#}"
RDFS = "{http://www.w3.org/2000/01/rdf-schema#}"
words = st.sampled_from(sorted(TREE.words))
nodes = st.sampled_from(sorted(TREE.parents))


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("wistful", ("love", "longing")),
        ("pissed off", ("anger", "rage", "rage.anger")),
        ("Pissed-off!", ("anger", "rage", "rage.anger")),
        ("furious", ("anger", "rage", "fury")),
        ("happily", ("joy", "cheerfulness", "happiness")),
        ("worries", ("fear", "nervousness", "worry")),
        ("terrifies", ("fear", "horror", "terror")),
        ("a bit worried", ("fear", "nervousness", "worry")),
        ("heart-broken", ("sadness", "sadness.sadness", "grief")),
        ("sad", ("sadness", "sadness.sadness")),
        ("angrier", ("anger", "rage", "rage.anger")),
        ("joy", ("joy", "cheerfulness", "cheerfulness.joy")),
        ("love", ("love",)),
    ],
)
def test_a_word_finds_its_place(word: str, path: tuple[str, ...]):
    found = TREE.find(word)
    assert found is not None
    assert TREE.path(found) == path
    assert [roll_up(word, tier) for tier in (1, 2, 3)] == [*path, None, None][:3]


@pytest.mark.parametrize(
    "word", ["", " ", "zorp", "table", "not happy", "car", "made", "confused", "hopping", "??", "难过"]
)
def test_what_it_does_not_know_it_does_not_guess(word: str):
    assert TREE.find(word) is None
    assert roll_up(word, 1) is None


@pytest.mark.parametrize(
    ("one", "other"), [("hope", "hopeless"), ("happy", "unhappy"), ("comfortable", "uncomfortable")]
)
def test_a_prefix_or_suffix_that_turns_a_word_around_is_kept(one: str, other: str):
    assert roll_up(one, 1) == "joy"
    assert roll_up(other, 1) in ("sadness", "fear")


def test_no_word_has_two_places():
    listed = [word.strip() for line in _vocabulary().values() for word in line.split(",") if word.strip()]
    assert sorted(set(listed)) == sorted(listed)
    assert set(_vocabulary()) == set(TREE.parents)
    assert all(word == word.lower() for word in listed)


@given(words)
def test_every_word_is_found_where_it_was_put(word: str):
    assert TREE.find(word) == TREE.words[word]


@given(words, st.sampled_from([str.upper, str.title, "  {} ".format, "very {}".format]))
def test_case_space_and_degree_do_not_matter(word: str, change):
    assert TREE.find(change(word)) == TREE.find(word)


@given(nodes)
def test_tiers_agree_with_the_scheme(node: str):
    assert TREE.path(node) == (*reversed(scheme("parrott").ancestors(node)), node)
    assert all(TREE.path(child)[:-1] == TREE.path(node) for child in TREE.narrower(node))
    for tier in (1, 2, 3):
        assert roll_up(node, tier, scheme="parrott") == dict(enumerate(TREE.path(node), 1)).get(tier)


@given(st.lists(nodes, min_size=1, max_size=4))
def test_what_nodes_have_in_common_is_above_all_of_them(found: list[str]):
    shared = TREE.common(found)
    assert all(shared in TREE.path(node) for node in found) if shared else len({TREE.path(n)[0] for n in found}) > 1


def test_labels_of_any_scheme_roll_up():
    assert roll_up("annoyance", 2, scheme="goemotions28") == "irritation"
    assert roll_up("worry", 1, scheme="crowdflower13") == "fear"
    assert roll_up("pleasure-ecstasy", 1, scheme="emonet40") == "joy"
    assert roll_up("pleasure-ecstasy", 2, scheme="emonet40") is None, "spans two groups"
    assert roll_up("joy", 2, scheme="ekman6") is None, "broader than the tier"
    assert roll_up("neutral", 1, scheme="goemotions28") is None, "not in the tree"
    assert roll_up("anger", 1, scheme="intensity4") == "anger", "no map: by its name"


def test_wrong_questions_are_answered_in_a_sentence():
    with pytest.raises(KeyError, match="'bliss' is not in scheme 'ekman6'"):
        roll_up("bliss", 1, scheme="ekman6")
    with pytest.raises(ValueError, match="tier 4 is not 1, 2 or 3"):
        roll_up("sad", 4)
    with pytest.raises(ValueError, match="no items"):
        set_score([])


@pytest.mark.parametrize("one", [m for m in maps() if m.target == "parrott"], ids=lambda m: m.source)
def test_maps_and_vocabulary_agree_on_the_primary_emotion(one):
    titles = scheme(one.source).titles
    for label in one.table:
        word = TREE.find(titles.get(label, label))
        assert word is None or TREE.path(word)[0] == roll_up(label, 1, scheme=one.source), label


def test_group():
    assert group(["wistful", "zorp", "fond"]) == {"love": ["wistful", "fond"], None: ["zorp"]}
    assert group(["wistful", "fond"], tier=2) == {"longing": ["wistful"], "affection": ["fond"]}


def test_set_score_by_hand():
    found = set_score([({"furious"}, {"angry", "sad"}), ({"glad", "worried"}, {"anxious"})])
    assert (found.precision, found.recall) == (0.75, 0.75)
    assert set_score([({"furious"}, {"angry"})], tier=3).f1 == 0
    assert set_score([({"sad"}, {"sadness"})], tier=3).f1 == 1, (
        "the narrowest node, where a word is broader than the tier"
    )
    assert set_score([({"zorp"}, {"Zorp"})]).f1 == 1
    assert set_score([({"zorp"}, {"quux"})]).unknown == 1
    assert set_score([({"glad"}, set())]).precision == 0


@given(st.lists(st.tuples(st.sets(words, min_size=1, max_size=4), st.sets(words, min_size=1, max_size=4)), min_size=1))
def test_set_score_laws(pairs):
    forth = set_score(pairs)
    back = set_score([(predicted, gold) for gold, predicted in pairs])
    assert (forth.precision, forth.recall) == pytest.approx((back.recall, back.precision))
    assert 0 <= forth.f1 <= 1
    assert set_score([(gold, gold) for gold, _ in pairs]).f1 == pytest.approx(1)
    assert forth.unknown == 0


def test_relations_are_sound():
    for kind, one, other in TREE.relations:
        assert kind in RELATIONS
        assert one in TREE.parents
        assert other in TREE.parents
        assert one != other
    assert "sadness" in TREE.near("joy", "opposite")
    assert "joy" in TREE.near("sadness", "opposite")
    assert "annoyance" in TREE.near("rage.anger", "stronger")
    assert "rage.anger" not in TREE.near("annoyance", "stronger")


@given(nodes)
def test_nothing_is_stronger_than_itself(node: str):
    below = list(TREE.near(node, "stronger"))
    for one in below:
        below += [other for other in TREE.near(one, "stronger") if other not in below]
    assert node not in below


@pytest.mark.parametrize("name", ["ontology.json", "ontology.owl"])
def test_the_shipped_files_are_up_to_date(name: str, tmp_path: Path):
    export(tmp_path / name)
    assert (tmp_path / name).read_text("utf-8") == (SHIPPED / name).read_text("utf-8"), (
        f"run insula.ontology.export({name!r})"
    )


def test_the_json_says_the_same_as_the_tree():
    found = json.loads((SHIPPED / "ontology.json").read_text("utf-8"))
    assert {node["id"]: node["broader"] for node in found["nodes"]} == dict(TREE.parents)
    assert {word: node["id"] for node in found["nodes"] for word in node["words"]} == dict(TREE.words)


def test_the_owl_is_well_formed_and_holds_the_classes_and_their_order():
    root = etree.parse(str(SHIPPED / "ontology.owl")).getroot()
    classes = {one.get(f"{RDF}about").removeprefix(IRI): one for one in root.iter(f"{OWL}Class")}
    assert set(classes) == set(TREE.parents)
    for node, element in classes.items():
        above = [one.get(f"{RDF}resource").removeprefix(IRI) for one in element.iter(f"{RDFS}subClassOf")]
        assert above == [parent for parent in [TREE.parents[node]] if parent]
    declared = {one.get(f"{RDF}about").removeprefix(IRI) for one in root.iter(f"{OWL}AnnotationProperty")}
    assert set(RELATIONS) <= declared
    used = {
        etree.QName(child).localname for one in classes.values() for child in one if child.tag.startswith(f"{{{IRI}}}")
    }
    assert used == set(RELATIONS)


def _vocabulary() -> dict[str, str]:
    lines = (SHIPPED / "vocabulary.tsv").read_text("utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)
