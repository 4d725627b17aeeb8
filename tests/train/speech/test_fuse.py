"""The pool is fitted to what channels are worth, pairs are what they say, the joint model learns across channels."""

import json
from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training needs scipy: pip install 'insula[train]'")

from insula.perceive.fuse.fusion import fitted
from insula.perceive.fuse.pool import Pool
from insula.train.speech import fuse_pool
from insula.train.speech.fuse import FACE, VOICE, fit_fusion
from insula.train.speech.fuse_pairs import EMOTIONS, NEUTRAL, PLACES, Readings, pairs, several, together, two_feelings

SEVEN = len(EMOTIONS)


def _opinions(gold, strength, seed):
    """Opinions whose logits are so many deviations of noise higher at the right label."""
    logits = np.random.default_rng(seed).normal(0, 1, (len(gold), SEVEN))
    logits[np.arange(len(gold)), gold] += strength
    raw = np.exp(1.5 * logits)
    return raw / raw.sum(1, keepdims=True)


def _recall(gold, read):
    decided = read.argmax(1)
    return np.mean([(decided[gold == label] == label).mean() for label in np.unique(gold)])


def _readings(count, strength, seed):
    gold = np.arange(count) % SEVEN
    emotion = _opinions(gold, strength, seed)
    group = np.array([f"one {number}" for number in range(count)])
    return Readings(gold, emotion, emotion / emotion.sum(1, keepdims=True) @ PLACES, group)


def test_two_channels_are_better_than_the_better_one():
    gold = np.arange(2100) % SEVEN
    parts = {name: _opinions(gold, strength, seed) for name, strength, seed in (("a", 1.5, 1), ("b", 2.0, 2))}
    learn, ask = slice(0, 1400), slice(1400, None)
    pool = fuse_pool.fit({name: some[learn] for name, some in parts.items()}, gold[learn])
    alone = [_recall(gold[ask], pool.channels[name].read(some[ask])) for name, some in parts.items()]
    assert _recall(gold[ask], pool.fuse({name: some[ask] for name, some in parts.items()})) > max(alone) + 0.02


def test_a_channel_that_knows_nothing_harms_nothing():
    gold = np.arange(2100) % SEVEN
    parts = {"good": _opinions(gold, 2.0, 1), "blind": _opinions(gold, 0.0, 2)}
    learn, ask = slice(0, 1400), slice(1400, None)
    pool = fuse_pool.fit({name: some[learn] for name, some in parts.items()}, gold[learn])
    both = pool.fuse({name: some[ask] for name, some in parts.items()})
    assert _recall(gold[ask], both) >= _recall(gold[ask], pool.channels["good"].read(parts["good"][ask])) - 0.01


def test_probabilities_are_as_often_right_as_they_say():
    gold = np.arange(3500) % SEVEN
    parts = {name: _opinions(gold, 1.5, seed) for seed, name in enumerate("ab")}
    pool = fuse_pool.fit({name: some[:2100] for name, some in parts.items()}, gold[:2100])
    read = pool.fuse({name: some[2100:] for name, some in parts.items()})
    assert read.max(1).mean() == pytest.approx((read.argmax(1) == gold[2100:]).mean(), abs=0.05)


def test_too_few_of_a_label_is_said():
    with pytest.raises(ValueError, match="every label needs 10"):
        fuse_pool.fit({"a": np.full((20, 3), 1 / 3)}, np.arange(20) % 3)


def test_nothing_to_fuse_is_an_error():
    with pytest.raises(ValueError, match="at least one channel"):
        Pool({}).fuse({})


def test_pairs_are_of_one_feeling_or_of_another():
    words, voices = np.arange(70) % SEVEN, np.arange(35) % SEVEN
    drawn = pairs(words, voices, 3)
    same = words[drawn.words] == voices[drawn.voices]
    assert (same == ~drawn.conflict).all()
    assert np.bincount(drawn.voices).tolist() == [2] * 35
    again = pairs(words, voices, 3)
    assert (again.words == drawn.words).all()


def test_a_feeling_without_a_text_is_said():
    with pytest.raises(ValueError, match=f"no text expresses {EMOTIONS[2]}"):
        pairs(np.array([0, 1]), np.array([0, 2]))


def test_plain_is_no_second_feeling():
    joy, anger = EMOTIONS.index("joy"), EMOTIONS.index("anger")
    said, heard = np.array([joy, joy, NEUTRAL, anger]), np.array([anger, joy, anger, NEUTRAL])
    assert two_feelings(said, heard).tolist() == [True, False, False, False]


def test_a_fusion_finds_conflicts_trusts_the_surer_and_can_be_written_and_read(tmp_path):
    words, voices = _readings(1400, 2.5, 1), _readings(700, 1.5, 2)
    fusion = fit_fusion({"text.encoder": words}, voices)
    drawn = pairs(words.gold, voices.gold, 9)
    said, heard = words[drawn.words], voices[drawn.voices]
    found = fusion.join({"text.encoder": said.emotion, VOICE: heard.emotion})
    two, same = two_feelings(said.gold, heard.gold), ~drawn.conflict
    assert (found.conflict[two][:, None] > found.conflict[same]).mean() > 0.7
    assert _recall(heard.gold[same], found.fused[same]) > _recall(heard.gold[same], found.read["words"][same])
    assert found.trust["voice"][two].mean() < 0.5
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"name": "one", **fusion.record()}))
    again = fitted(str(file))
    assert again.pool.fuse({VOICE: heard.emotion}) == pytest.approx(fusion.pool.fuse({VOICE: heard.emotion}))
    assert again.disagreements == fusion.disagreements


def test_a_face_beside_words_and_voice_changes_nothing_of_theirs():
    words, voices, faces = _readings(1400, 1.5, 1), _readings(700, 1.5, 2), _readings(700, 2.0, 3)
    two, three = fit_fusion({"text.encoder": words}, voices), fit_fusion({"text.encoder": words}, voices, faces)
    assert {name: three.pool.channels[name] for name in two.pool.channels} == dict(two.pool.channels)
    assert three.disagreement(("words", "voice")) == two.disagreement(("words", "voice"))
    assert {"words face", "voice face", "words voice face"} <= set(three.disagreements)
    rows = together([words.gold, voices.gold, faces.gold], 9)
    said, heard, seen = words[rows[:, 0]], voices[rows[:, 1]], faces[rows[:, 2]]
    golds = np.stack([said.gold, heard.gold, seen.gold])
    found = three.join({"text.encoder": said.emotion, VOICE: heard.emotion, FACE: seen.emotion})
    one, many = (golds == golds[0]).all(0), several(golds)
    assert (found.conflict[many][:, None] > found.conflict[one]).mean() > 0.75
    best = max(_recall(heard.gold[one], read[one]) for read in found.read.values())
    assert _recall(heard.gold[one], found.fused[one]) > best + 0.03
    # what two of three agree on is trusted before what the third says
    odd = (golds[0] == golds[1]) & (golds[2] != golds[0]) & many
    assert found.trust["face"][odd].mean() < found.trust["face"][one].mean()


@pytest.mark.parametrize("blind", [None, "text.encoder", VOICE, FACE])
def test_whatever_is_left_is_never_worse_than_its_best_channel(blind):
    """Each set of channels, one of which may know nothing; judged on items nothing was fitted on."""
    strength = {"text.encoder": 1.5, VOICE: 1.5, FACE: 2.0}
    parts = {name: _readings(2100, 0.0 if name == blind else one, n) for n, (name, one) in enumerate(strength.items())}
    learn, ask = np.arange(1050), np.arange(1050, 2100)
    known = {name: one[learn] for name, one in parts.items()}
    fusion = fit_fusion({"text.encoder": known["text.encoder"]}, known[VOICE], known[FACE])
    gold = parts[VOICE].gold[ask]
    for size in (2, 3):
        for left in combinations(parts, size):
            found = fusion.join({name: parts[name].emotion[ask] for name in left})
            best = max(_recall(gold, one) for one in found.read.values())
            assert _recall(gold, found.fused) >= best - 0.015, left


def test_the_joint_model_learns_what_neither_channel_says_alone():
    torch = pytest.importorskip("torch", reason="the joint model is trained with torch: pip install 'insula[train]'")
    from insula.train.speech.fuse_joint import LAYERS, STATES, Bridge, States, judge, lesson, teach

    torch.set_num_threads(1)
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    along = draw.normal(0, 1, (SEVEN, STATES)).astype(np.float32)
    gold = np.arange(42) % SEVEN
    text = States([along[one] + draw.normal(0, 1, (3 + one % 2, STATES)).astype(np.float32) for one in gold])
    voice = States([along[one] + draw.normal(0, 1, (LAYERS, 4, STATES)).astype(np.float32) for one in gold])
    network = teach(Bridge(dropout=0.0), text, voice, (lesson(gold, gold, epoch) for epoch in range(8)), rate=3e-3)
    drawn = pairs(gold, gold, 99)
    said = judge(network, text, voice, drawn.words, drawn.voices)
    two, same = two_feelings(gold[drawn.words], gold[drawn.voices]), ~drawn.conflict
    assert said.conflict[two].mean() > said.conflict[same].mean() + 1
    assert (said.emotion.argmax(1).numpy()[same] == gold[drawn.voices][same]).mean() > 0.8
    order = np.array([0])
    padded = judge(network, text, voice, np.array([0, 1]), np.array([0, 1])).emotion[:1]
    assert torch.allclose(judge(network, text, voice, order, order).emotion, padded, atol=1e-4)
