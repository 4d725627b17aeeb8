import dataclasses

import pytest

from insula.respond.persona import DEFAULT, Persona, persona, personas
from insula.scheme import scheme

WHOLE = 'name = "Ida"\nabout = "Ida listens."\n'


def written(folder, text):
    file = folder / "ida.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_three_ship_and_each_is_whole():
    assert personas() == ("calm", "playful", "warm")
    for name in personas():
        one = persona(name)
        assert one.about
        assert one.style
        assert one.languages
        scheme("bigfive").check(one.bigfive)
        assert set(one.bigfive) == set(scheme("bigfive").labels)
    assert len({tuple(persona(name).bigfive.values()) for name in personas()}) == 3
    assert persona() == persona(DEFAULT)


def test_what_is_left_out_is_the_middle(tmp_path):
    ida = persona(written(tmp_path, WHOLE + "[bigfive]\nneuroticism = 1\n"))
    assert ida.bigfive["neuroticism"] == 1.0
    assert ida.bigfive["openness"] == 0.0
    assert (ida.style, ida.languages) == ((), ("en",))
    assert persona(str(tmp_path / "ida.toml")) == ida


@pytest.mark.parametrize("key", ["guard = false", "safety = 'off'", "[risk]\nlevel = 'none'", "skip_filter = true"])
def test_nothing_in_a_persona_reaches_the_guard(tmp_path, key):
    with pytest.raises(ValueError, match="nothing in a persona changes what the guard does"):
        persona(written(tmp_path, WHOLE + key))
    assert {field.name for field in dataclasses.fields(Persona)} == {"name", "about", "style", "bigfive", "languages"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 'Ida'", "'about' is missing"),
        (WHOLE + "styel = []", "unknown key 'styel'; did you mean 'style'"),
        (WHOLE + "style = 'warm'", "a list of at most 8 sentences, not 'warm'"),
        (WHOLE + "style = ['warm', 3]", r"style\[1\] must be a text of 1 to 400 characters, not 3"),
        (WHOLE + "[bigfive]\nneurotic = 1", "unknown key 'neurotic'; did you mean 'neuroticism'"),
        (
            WHOLE + "[bigfive]\nopenness = 1.2",
            r"bigfive.openness must be a number from -1 \(low\) to 1 \(high\), not 1.2",
        ),
        (WHOLE + "[bigfive]\nopenness = true", "not True"),
        (WHOLE + "bigfive = 3", "must be a table of openness"),
        (WHOLE + "languages = 'en'", "list of language codes"),
        (WHOLE + "languages = []", "list of language codes"),
        (WHOLE + "languages = ['English']", "not 'English'"),
        ("name = ", "this is no TOML"),
        (f"name = '{'x' * 500}'\nabout = 'y'", "1 to 400 characters"),
    ],
)
def test_errors_name_file_key_and_what_is_allowed(tmp_path, text, said):
    with pytest.raises(ValueError, match=said) as error:
        persona(written(tmp_path, text))
    assert "ida.toml" in str(error.value)


def test_a_name_or_file_that_is_not_there():
    with pytest.raises(KeyError, match="did you mean 'warm'"):
        persona("warn")
    with pytest.raises(FileNotFoundError, match="calm, playful, warm"):
        persona("nowhere/ida.toml")
