"""Benchmarks of speech on made-up speakers: nobody is on both sides, and what is measured is kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("scipy")
pytest.importorskip("soundfile")

import voices

from insula.evaluate import Benchmark, benchmark, clips, outcomes, speakers
from insula.evaluate.clips import Clips, altered, joined
from insula.evaluate.listeners import LISTENERS, against_own, targets, voice
from insula.evaluate.speakers import Folds, folds, parted, strangers
from insula.evaluate.task import Hearing

LABELS = ("neutral", "joy", "sadness", "anger")


@pytest.fixture(autouse=True)
def corpora(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three corpora, what is measured kept in a folder of the test, and four bands in place of the encoder."""
    monkeypatch.setenv("INSULA_DATA", str(tmp_path))
    monkeypatch.setenv("INSULA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(clips, "pooled_states", bands)
    voices.write(tmp_path, "ravdess", 6)
    voices.write(tmp_path, "emovo", 3, labels=voices.FULL)
    return tmp_path


def bands(samples: np.ndarray, _: str) -> np.ndarray:
    """Two layers: the energy of 60 bands up to 1.5 kHz, in place of means and of deviations."""
    power = np.abs(np.fft.rfft(samples, 32000))[:3000].reshape(60, 50).sum(1)
    return np.log(power + 1e-3).astype(np.float32)[None, None].repeat(2, 1).repeat(2, 0)


def small(name: str = "ravdess", **hearing: object) -> Benchmark:
    """A published benchmark with the four feelings and one slice."""
    whole = benchmark(name)
    slice = replace(whole.slices[0], labels=LABELS, hearing=Hearing(**hearing))  # type: ignore[arg-type]
    return replace(whole, slices=(slice,), folds=3)


def run(one: Benchmark, listener: str = "encoder"):
    return list(folds(one, listener, None, 0, lambda _: None))


def test_speakers_are_dealt_into_folds_with_women_and_men_in_each():
    who = np.array([f"s{k}" for k in range(12)] * 3)
    genders = np.array(["F" if int(name[1:]) % 2 else "M" for name in who])
    fold = parted(who, genders, 6)
    for number in range(6):
        inside = fold == number
        assert not set(who[inside]) & set(who[~inside])
        assert set(genders[inside]) == {"F", "M"}
    assert np.array_equal(fold, parted(who, genders, 6))
    assert set(parted(who, genders, 99)) == set(range(12))
    with pytest.raises(ValueError, match="one speaker alone"):
        parted(np.array(["a", "a"]), np.array(["F", "F"]), 2)


def test_a_speaker_on_both_sides_is_an_error():
    every = clips.clips("ravdess")
    with pytest.raises(AssertionError, match="1 speakers are in training and in test, such as ravdess_0"):
        strangers(every, every.only(every.speakers == "ravdess_0"))


def spying(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Clips, Clips]]:
    """Every (train, test) that a listener is given."""
    seen: list[tuple[Clips, Clips]] = []

    def listen(train: Clips, labels: tuple[str, ...]):
        hear = LISTENERS["blind"](train, labels)
        return lambda test, own: (seen.append((train, test)), hear(test, own))[1]

    monkeypatch.setattr(speakers, "LISTENERS", {"blind": LISTENERS["blind"], "spy": listen})
    return seen


def test_what_learns_has_heard_neither_the_speaker_nor_where_asked_the_statement(monkeypatch: pytest.MonkeyPatch):
    seen = spying(monkeypatch)
    one = replace(small(apart=("speaker", "statement")), baselines=("blind",))
    (outcome,) = run(one, "spy")
    assert len(seen) == 3 * 2
    for train, test in seen:
        assert not set(train.speakers) & set(test.speakers)
        assert not set(train.statements) & set(test.statements)
    assert sorted(name for _, test in seen for name in test.ids) == sorted(clips.clips("ravdess").ids)
    assert outcome.results[0].n == 48
    assert outcome.results[0].score == outcome.results[0].baselines["blind"]


def test_what_learnt_elsewhere_has_heard_only_the_others_and_its_loss_is_told(monkeypatch: pytest.MonkeyPatch):
    seen = spying(monkeypatch)
    run(replace(small(learnt=("emovo",)), baselines=("blind",)), "spy")
    assert {name.split("_")[0] for name in seen[0][0].speakers} == {"emovo"}
    assert {name.split("_")[0] for name in seen[0][1].speakers} == {"ravdess"}
    monkeypatch.undo()


def test_a_whole_run_beats_chance_and_says_by_how_much(tmp_path: Path):
    (outcome,) = run(small())
    first = outcome.results[0]
    assert first.metric == "unweighted_recall"
    assert first.low <= first.score <= first.high
    assert first.score > 0.5
    assert first.baselines["blind"] == 0.25
    assert set(first.baselines) == {"blind", "prosody"}  # no opensmile beside a made-up corpus
    assert first.pipeline == "encoder in folds"
    assert {result.metric for result in outcome.results} == {"unweighted_recall", "accuracy", "ece", "lead"}
    lead = next(result for result in outcome.results if result.metric == "lead")
    assert lead.score == pytest.approx(first.score - first.baselines["prosody"], abs=1e-6)


def test_against_their_own_clips_people_are_heard_better():
    plain, own = (run(small(own=own))[0].results[0].score for own in (False, True))
    assert own > plain


def test_against_own_needs_no_label():
    values = np.array([[1.0], [3.0], [10.0], [30.0]], np.float32)
    found = against_own(values, np.array(["a", "a", "b", "b"]))
    assert np.allclose(found, [[-1], [1], [-1], [1]], atol=1e-4)


def test_learnt_elsewhere_tells_the_loss():
    (outcome,) = run(small(learnt=("emovo",)))
    by_metric = {result.metric: result for result in outcome.results}
    assert by_metric["loss"].n == 48
    home = run(small())[0].results[0].score
    assert by_metric["loss"].score == pytest.approx(home - by_metric["unweighted_recall"].score, abs=1e-6)


def test_groups_are_compared():
    (women,) = run(small(only={"gender": "F"}))
    (men,) = run(small(only={"gender": "M"}))
    (gap,) = run(small(between="gender"))
    assert (women.results[0].n, gap.results[0].n) == (24, 48)
    assert gap.results[0].metric == "gap"
    assert gap.results[0].score == pytest.approx(women.results[0].score - men.results[0].score, abs=1e-6)


def test_the_shipped_method_is_fitted_in_folds():
    listeners = {**LISTENERS, "voice": voice(lambda some: some.states, lambda _: None)}
    for own in (False, True):
        one = small(own=own)
        outcome = Folds(one, "voice", ("blind",), listeners=listeners).outcome(one.slices[0])
        assert outcome.results[0].score > 0.5
        assert outcome.results[0].pipeline == "voice in folds"


def test_soft_targets_leave_part_of_what_is_weakly_acted_to_neutral():
    every = clips.clips("ravdess").only(np.arange(8))
    hard = targets(every, LABELS)
    assert set(np.unique(hard)) == {0.0, 1.0}
    soft = targets(every, LABELS, 0.25)  # all are of normal intensity
    assert np.allclose(soft.sum(1), 1)
    assert set(np.unique(soft[hard[:, 0] == 0])) == {0.0, 0.25, 0.75}
    assert np.array_equal(soft[hard[:, 0] == 1], hard[hard[:, 0] == 1])


def test_a_pipeline_with_weights_is_refused():
    with pytest.raises(ValueError, match="fitted anew in each: choose one of"):
        run(small(), "text")
    with pytest.raises(ValueError, match="fitted anew in each"):
        list(outcomes(["ravdess"], "text"))


def test_what_was_measured_is_kept_and_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clips, "_PART", 10)
    calls: list[int] = []

    def counting(samples: np.ndarray, name: str) -> np.ndarray:
        calls.append(len(samples))
        if len(calls) == 26:  # one of them is the probe that the digest is made from
            raise KeyboardInterrupt
        return bands(samples, name)

    monkeypatch.setattr(clips, "pooled_states", counting)
    with pytest.raises(KeyboardInterrupt):
        clips.clips("ravdess")
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 2 + 5
    found = clips.clips("ravdess")
    assert len(calls) == 26 + 1 + 28
    clips._clips.cache_clear()
    assert np.array_equal(clips.clips("ravdess").states, found.states)
    assert len(calls) == 26 + 1 + 28 + 1


def test_opensmile_counts_only_where_all_have_it():
    one = replace(clips.clips("ravdess"), egemaps=np.ones((48, 88), np.float32))
    other = clips.clips("emovo")
    assert joined([one, one]).egemaps.shape == (96, 88)
    assert joined([one, other]).egemaps.shape == (72, 0)


def test_sounds():
    draws = np.random.default_rng(0)
    quiet = 0.001 * draws.standard_normal(48000).astype(np.float32)
    quiet[20000:30000] += 0.3 * np.sin(np.arange(10000) * 0.3).astype(np.float32)
    cut = altered(quiet, "1 s")
    assert len(cut) == 16000
    assert np.sum(cut**2) > 0.99 * np.sum(quiet**2)
    assert altered(quiet[:8000], "1 s") is not None
    assert len(altered(quiet[:8000], "2 s")) == 8000
    noise = altered(quiet, "10 dB") - quiet
    assert 10 * np.log10(np.mean(quiet**2) / np.mean(noise**2)) == pytest.approx(10, abs=0.1)
    time = np.arange(16000) / 16000
    both = (0.1 * np.sin(2 * np.pi * 1000 * time) + 0.1 * np.sin(2 * np.pi * 6000 * time)).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(altered(both, "phone")))
    assert spectrum[1000] > 100 * spectrum[6000]
    with pytest.raises(KeyError):
        altered(quiet, "underwater")
