"""Reading scenario files: what a team writes, and what it gets wrong."""

from itertools import pairwise

import pytest

from insula.evaluate.scenarios import Mistake, files, read, suites

GOOD = """\
suite: mine
never: diagnosis
scenarios:
  - name: one
    turns:
      - person: Hello there.
        expect:
          - question
          - says: [hello, hi]
      - person: Hm.
      - bot: Hm.
      - person: And you?
"""


def written(tmp_path, text, name="mine.yaml"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_with_its_lines(tmp_path):
    suite = read(written(tmp_path, GOOD))
    turn = suite.scenarios[0].turns[0]
    assert [one.text for one in turn.expect] == ["question", "says: hello or hi"]
    assert suite.never[0].name == "diagnosis"
    assert suite.line("scenarios", 0, "turns", 0, "expect", 1) == 9
    assert suite.line("scenarios", 0, "turns", 1) == 10
    assert suite.scenarios[0].turns[2].bot == "Hm."


@pytest.mark.parametrize("name", suites())
def test_the_suites_that_ship_can_be_read(name):
    (file,) = files([name])
    assert len(read(file).scenarios) >= 8


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("turns:", "trun:", "line 5: unknown key 'trun'; did you mean 'turns'"),
        ("- question", "- qestion", "line 8: no expectation 'qestion'; did you mean 'question'"),
        ("- person: Hello there.", "- persn: Hello there.", "did you mean 'person'"),
        ("suite: mine", "sute: mine", "did you mean 'suite'"),
        ("person: And you?", "person: no", "line 12: False is no text; put it in quotes"),
        ("person: And you?", "person: 112", "line 12: 112 is no text; put it in quotes"),
        ("person: And you?", 'person: ""', "line 12: '' is no text"),
        ("- person: And you?", "- bot: Bye.", "line 4: the last turn is the bot's"),
        ("says: [hello, hi]", "says: [hello, 3]", "line 9: 'says' takes a text or a list of texts"),
        ("says: [hello, hi]", "matches: '(('", "line 9: '((' is no regular expression"),
        ("says: [hello, hi]", "question: 3", "'question' stands alone"),
        ("says: [hello, hi]", "words-at-most: few", "takes a whole number"),
        ("never: diagnosis", "suite: other", "line 1: the key 'suite' stands here more than once"),
        ("- person: Hm.\n      ", "", "a turn with expectations is followed by a given reply"),
        ("- bot: Hm.", "- expect: question", "a turn has either `person`"),
        ("- bot: Hm.", "- bot: Hm.\n        never: [harm]", "`bot` is a reply that is given"),
        ("  - name: one", "  - about: one", "line 4: the key 'name' is missing"),
        ("never: diagnosis", "lines: {}", "line 2: unknown key 'lines'"),
        ("[hello, hi]", "[hello, hi", "no YAML"),
        ("Hello there.", "{{ user }}", "line 6: a key is one word; a text with braces"),
        ("- question", "- !question it", "line 8: no YAML that can be read: could not determine a constructor"),
        ("never: diagnosis", "? [a, b]\n: c", "line 2: a key is one word"),
        ("never: diagnosis", "about: 2020-13-45", "line 2: no YAML that can be read: “2020-13-45” is no timestamp"),
        ("never: diagnosis", f"about: {'9' * 5000}", "line 2: no YAML that can be read: “999"),
        ("never: diagnosis", "about: !!bool perhaps", "line 2: no YAML that can be read: “perhaps” is no bool"),
        ("never: diagnosis", "never: &a [*a]", "line 2: no YAML that can be read: `*a` stands for something"),
        ("- question", "- *that", "line 8: no YAML that can be read: `*that` stands for something"),
        ("never: diagnosis", f"never: {'[' * 3000}", "line 2: brackets in brackets, too deep"),
    ],
)
def test_a_typo_is_told_with_its_line(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(Mistake) as caught:
        read(written(tmp_path, GOOD.replace(old, new)))
    assert "mine.yaml" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "suite: x\nscenarios: []\n", "\x00"])
def test_what_is_no_suite_is_said(tmp_path, text):
    with pytest.raises(Mistake, match="mine.yaml"):
        read(written(tmp_path, text))


def test_bytes_that_are_no_text(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_bytes(b"suite: \xff\xfe\xfa")
    with pytest.raises(Mistake, match="no YAML text"):
        read(file)


def test_aliases_of_aliases_are_refused_at_once(tmp_path):
    rows = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    rows += [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdefgh")]
    with pytest.raises(Mistake, match=r"line 2: .*`\*a`"):
        read(written(tmp_path, "\n".join(rows)))


def test_two_scenarios_of_one_name(tmp_path):
    twice = GOOD + GOOD[GOOD.index("  - name") :]
    with pytest.raises(Mistake, match="two scenarios are called 'one'"):
        read(written(tmp_path, twice))


def test_files_by_suite_path_and_folder(tmp_path):
    written(tmp_path, GOOD, "b.yml")
    (tmp_path / "below").mkdir()
    written(tmp_path / "below", GOOD, "a.yaml")
    assert [file.name for file in files([str(tmp_path), "safety"])] == ["b.yml", "a.yaml", "safety.yaml"]
    with pytest.raises(FileNotFoundError, match="near suites: 'safety'"):
        list(files(["safty"]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no scenario file"):
        list(files([str(tmp_path / "empty")]))
