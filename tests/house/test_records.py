"""Every method, model and corpus says what it is, where it is from and who may use it."""

import hashlib
import re
from importlib import import_module
from pathlib import Path

import pytest

from insula import catalogue, scheme
from insula.catalogue import rows

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "src" / "insula" / "weights"
SUFFIXES = {".onnx", ".safetensors", ".npz", ".npy", ".gguf"}
MODELS = sorted(file for file in WEIGHTS.rglob("*") if file.suffix in SUFFIXES)
NOT_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial|research[- ]only|academic use", re.IGNORECASE)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_row_is_whole(row):
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9-]+)+", row.name)
    assert row.summary
    assert not row.summary.endswith(".")
    assert row.licence
    assert row.writes
    for name in row.schemes:
        assert scheme(name).layer in row.writes, f"{row.name} writes no layer of {name}"
    if NOT_COMMERCIAL.search(row.licence):
        assert not row.commercial_ok, f"{row.licence} does not allow commercial use"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_target_resolves(row):
    module, _, attribute = row.target.partition(":")
    if row.extra and not _installed(module):
        pytest.skip(f"the extra {row.extra!r} is not installed")
    assert callable(getattr(import_module(module), attribute))


def _installed(module):
    try:
        import_module(module)
    except ModuleNotFoundError as error:
        return (error.name or "").startswith("insula")
    return True


def test_no_row_of_another_room_is_in_a_rooms_file():
    folder = Path(catalogue.__file__).parent
    for file in folder.glob("*.toml"):
        for row in catalogue.load_rows(file):
            assert row.target.startswith("insula.") or row.extra, row.name


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.name)
def test_a_model_has_a_card(file):
    """Beside `name.onnx` and `name.part.onnx` stands `name.md`: licence, data, command and the hash of the file."""
    card = file.with_name(file.name.split(".")[0] + ".md")
    assert card.exists(), f"no card {card.name}"
    text = card.read_text(encoding="utf-8")
    for word in ("licence: ", "## made from", "## for what, and for what not"):
        assert word in text.lower(), f"{card.name} says nothing of {word!r}"
    assert "insula train" in text, f"{card.name} does not name the command that made it"
    assert hashlib.sha256(file.read_bytes()).hexdigest() in text, f"{card.name} does not hold the sha256 of {file.name}"


def test_weights_are_never_pickles():
    assert not [file.name for file in WEIGHTS.rglob("*") if file.suffix in {".pt", ".pth", ".bin", ".pkl", ".joblib"}]


def test_no_file_of_the_machine_is_named(tracked):
    """A path of somebody's machine in a tracked file works nowhere else."""
    path = re.compile(r"""(^|["'\s(=`:])/(home|root|work|tmp|Users|mnt)/""", re.MULTILINE)
    found = []
    for file in tracked:
        if file == Path(__file__) or file.suffix in {".onnx", ".safetensors", ".npz", ".png", ".parquet", ".gguf"}:
            continue
        text = file.read_text(encoding="utf-8", errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {text[hit.start() : hit.end() + 30]!r}" for hit in path.finditer(text)]
    assert not found


def test_nothing_is_left_for_later(tracked):
    word = re.compile(r"\b(TODO|FIXME|XXX)\b")
    sources = [file for file in tracked if file.suffix == ".py" and "src" in file.parts]
    assert not [file for file in sources if word.search(file.read_text(encoding="utf-8"))]


def test_tracked_files_are_small(tracked):
    assert not [file.name for file in tracked if file.stat().st_size > 30_000_000]


def test_changelog_fragments(tracked):
    fragments = [file for file in tracked if file.parent == ROOT / "changelog" and file.name != "README.md"]
    assert fragments
    for file in fragments:
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", file.name), file.name
        text = file.read_text(encoding="utf-8").strip()
        assert text.endswith("."), f"{file.name} is no sentence"
        assert len(text) < 600, f"{file.name} is longer than three sentences"


def test_the_licence_is_whole_and_third_parties_are_named():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "END OF TERMS AND CONDITIONS" in (ROOT / "LICENSE").read_text()
    notice = (ROOT / "NOTICE").read_text()
    for work in ("all-MiniLM-L6-v2", "GoEmotions", "EmoBank", "EmoTag"):
        assert work in notice
