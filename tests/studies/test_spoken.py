"""Studies of speech at smoke scale: a made-up voice and ear, whose answers are known."""

import numpy as np
import pytest

pytest.importorskip("pydantic", reason="a conductor's answer is checked by pydantic: pip install 'insula[llm]'")

from insula import studies
from insula.speak.plan import plan
from insula.studies import batonvoice, daisy_tts, spoken


def _metrics(name):
    return {one["name"]: one["score"] for one in studies.run(name)["metrics"]}


def test_daisy_hears_what_a_made_up_voice_hums():
    found = _metrics("daisy-tts")
    assert found["intended feeling first of six, primary"] > 0.8
    assert found["steps of length that go further along the plan, measured"] == 1
    assert found["intended feeling first of six, random directions"] < 0.6


def test_a_mixture_is_as_long_as_its_parts():
    blend = daisy_tts.mixture("joy", "sadness")
    assert np.linalg.norm(daisy_tts._scaled(blend)) > 0.3 * np.linalg.norm(daisy_tts._scaled(plan("", "joy")))
    assert set(blend.feeling) == {"joy", "sadness"}


def test_the_form_for_listeners_holds_its_sounds_and_hides_its_key(tmp_path):
    pytest.importorskip("soundfile", reason="sound files need soundfile: pip install 'insula[speech]'")
    page, sheet, key = daisy_tts.write_form(tmp_path, "smoke")
    assert page.read_text().count("<audio") == len(sheet.read_text().splitlines()) - 1 == 12
    assert "joy+sadness" in key.read_text()
    assert "joy+sadness" not in page.read_text()


def test_batonvoice_compares_conductors():
    found = _metrics("batonvoice")
    assert found["plans that fit the schema, llm"] == 1
    assert found["emotion accuracy, feeling known"] > found["emotion accuracy, no plan"]
    assert found["rank correlation of planned and measured pitch, rule"] > 0.9


def test_instructions_are_balanced_and_name_no_number():
    counts = [sum(one.feeling == feeling for one in batonvoice.styles()) for feeling in spoken.FEELINGS]
    assert counts == [4] * 6
    assert not any(letter.isdigit() for one in batonvoice.styles() for letter in one.words)


def test_misheard_characters_are_counted():
    assert batonvoice._misheard("きょうは朝。", "きょうは朝") == 0
    assert batonvoice._misheard("きょうは夜", "きょうは朝") == pytest.approx(0.2)
