"""Help lines by place: real places, places nobody knows, and mistakes that say where they are."""

from datetime import date

import pytest

from insula.guard.helplines import KINDS, emergency, helplines, place, read


@pytest.mark.parametrize(
    ("locale", "kind", "first"),
    [
        ("en-US", "suicide", "988"),
        ("en_GB.UTF-8", "suicide", "116 123"),
        ("FR", "suicide", "3114"),
        ("nl-BE", "suicide", "1813"),
        ("fr-BE", "suicide", "0800 32 123"),
        ("de-CH", "self-harm", "143"),
        ("zh-Hant-TW", "suicide", "1925"),
        ("it-IT", "abuse", "1522"),
        ("en-GB", "eating-disorder", "0808 801 0677"),
        ("pt-BR", "medical", "192"),
        ("es-ES", "children", "900 20 20 10"),
    ],
)
def test_the_first_line_of_a_place(locale, kind, first):
    found = helplines(locale, kind)
    assert found.known
    assert found.lines[0].contact == first


@pytest.mark.parametrize("locale", ["", "en", "xx-XX", "de", "C.UTF-8", "en-001", "??"])
def test_a_place_that_is_not_known_says_so_and_leaves_nobody_without(locale):
    found = helplines(locale)
    assert not found.known
    assert {line.contact for line in found.lines} == {"findahelpline.com", "112"}
    assert emergency(locale) == "112"


def test_where_a_country_has_no_line_of_a_kind_it_has_the_nearest():
    assert helplines("es-MX", "eating-disorder").lines[0].kind == "suicide"
    assert helplines("tr-TR", "suicide").lines[0].contact == "112"


def test_the_table_covers_thirty_countries_and_names_its_sources():
    lines = read()
    countries = {line.country for line in lines}
    assert len(countries) >= 30
    assert all(any(x.kind == "medical" and x.country == one for x in lines) for one in countries)
    assert {line.kind for line in lines} == set(KINDS)
    for line in lines:
        assert date.fromisoformat(line.checked.split()[0])
        assert any(character.isdigit() for character in line.contact) or "." in line.contact


@pytest.mark.parametrize("kind", ["suicides", ""])
def test_an_unknown_kind(kind):
    with pytest.raises(ValueError, match="no help lines of kind"):
        helplines("en-GB", kind)


HEADER = "country\tkind\torganisation\tcontact\thow\thours\tlanguages\turl\tchecked\n"
GOOD = "GB\tsuicide\tA\t1\tcall\t24/7\ten\thttps://a.org\t2026-01-01\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("GB", "UK1"), "line 3, column 'country': 'UK1' is no country"),
        (GOOD.replace("suicide", "sad"), "line 3, column 'kind': 'sad' is not one of"),
        (GOOD.replace("https", "ftp"), "line 3, column 'url'"),
        (GOOD.replace("call", "shout"), "line 3, column 'how'"),
        (GOOD.replace("\t1\t", "\t\t"), "line 3, column 'contact': it is empty"),
        ("GB\tsuicide\n", "line 3: 2 columns"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(tmp_path, line, message):
    file = tmp_path / "lines.tsv"
    file.write_text(HEADER + GOOD + line, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        helplines("en-GB", table=file)


def test_ones_own_table(tmp_path):
    file = tmp_path / "lines.tsv"
    file.write_text(HEADER + GOOD, encoding="utf-8")
    assert [line.contact for line in helplines("en-GB", table=file).lines] == ["1"]


@pytest.mark.parametrize(
    ("locale", "found"), [("pt_BR.UTF-8", ("pt", "BR")), ("US", ("", "US")), ("de", ("de", "")), ("", ("", ""))]
)
def test_place(locale, found):
    assert place(locale) == found
