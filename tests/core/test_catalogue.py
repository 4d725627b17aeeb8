"""Methods are found by name, built lazily, refused where their licence says so, and brought by guests."""

import subprocess
import sys
import textwrap

import pytest

from insula import catalogue
from insula.catalogue import NotForCommercialUse, Row, build, find, load_rows, nearest, register, rows


@pytest.fixture
def guest(monkeypatch):
    """A catalogue of its own with one row, so that the tests leave no trace."""
    row = Row("test.counter", "collections:Counter", "counts", "MIT", True, params={"a": 1})
    known = {row.name: row}
    monkeypatch.setattr(catalogue, "_rows", lambda: known)
    return row


def test_did_you_mean(guest):
    with pytest.raises(KeyError, match="no method 'test.conter'; did you mean 'test.counter'") as raised:
        find("test.conter")
    assert "insula list" in str(raised.value)


def test_nearest_names_something_even_for_nonsense():
    assert nearest("zzzzzz", ["joy", "fear"]) == "'fear' or 'joy'"


def test_build_calls_the_target_with_the_rows_parameters(guest):
    assert build("test.counter") == {"a": 1}
    assert build("test.counter", a=2, b=3) == {"a": 2, "b": 3}


def test_the_target_is_not_imported_before_it_is_built(guest):
    register(Row("test.absent", "insula.no_such_module:x", "absent", "MIT", True))
    assert [row.name for row in rows("test")] == ["test.absent", "test.counter"]
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        build("test.absent")


def test_a_missing_library_names_the_extra(guest):
    register(Row("test.heavy", "no_such_library:Model", "heavy", "MIT", True, extra="train"))
    with pytest.raises(ImportError, match=r"test.heavy needs no_such_library: pip install 'insula\[train\]'"):
        build("test.heavy")


def test_commercial_use_is_refused_before_anything_is_imported(guest):
    register(Row("test.research", "no_such_library:Model", "research", "CC-BY-NC-4.0", False))
    with pytest.raises(NotForCommercialUse, match="CC-BY-NC-4.0"):
        build("test.research", commercial_ok=True)


def test_a_name_is_taken_once(guest):
    register(guest)
    with pytest.raises(ValueError, match="already called"):
        register(Row("test.counter", "collections:OrderedDict", "other", "MIT", True))


def test_a_row_with_a_typo_says_which(tmp_path):
    file = tmp_path / "rows.toml"
    file.write_text('["test.x"]\ntarget = "a:b"\nsummmary = "s"\nlicence = "MIT"\ncommercial_ok = true\n')
    with pytest.raises(ValueError, match=r"'test.x'.*summmary"):
        load_rows(file)


def test_guests_come_through_an_entry_point(tmp_path):
    """A made-up distribution on the path: its rows are found, and its module is imported only to be built."""
    package = tmp_path / "guest_methods"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("def make(word):\n    return word.upper()\n")
    row = '["guest.upper"]\ntarget = "guest_methods.parts:make"\nparams = { word = "hi" }\n'
    (package / "rows.toml").write_text(row + 'summary = "shouts"\nlicence = "MIT"\ncommercial_ok = true\n')
    info = tmp_path / "guest_methods-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-methods\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[insula.catalogue]\nguest = guest_methods\n")
    script = """
        import sys
        from insula.catalogue import build, find
        assert find("guest.upper").room == "guest"
        assert "guest_methods.parts" not in sys.modules
        print(build("guest.upper"))
    """
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + textwrap.dedent(script)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout == "HI\n", ran.stderr
