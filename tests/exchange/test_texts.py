"""Plain text, dialogues, WhatsApp and subtitles; what is a path and what is a text; bytes that are no text."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from insula.conversation import Conversation, Turn
from insula.exchange import Missing, Unreadable, conversations


def said(found) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for conversation in found for turn in conversation.turns]


@pytest.mark.parametrize("text", ["I miss him.", "🙂🙂", "我今天很难过", "and, well... so/so today", "a\nb.txt\nc"])
def test_a_quoted_text(read, text):
    assert said(read(text)) == [("author", text)]


@pytest.mark.parametrize("text", ["chat.txt", "My holiday chat.txt", "some/where", "reviews.CSV"])
def test_a_mistyped_path_is_not_read_as_a_text(read, text):
    with pytest.raises(Missing, match="there is no file"):
        read(text)
    assert said(read([text])) == [("author", text)]


def test_a_missing_path_is_both_kinds_of_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(conversations(tmp_path / "none.txt"))
    with pytest.raises(ValueError, match=r"none\.txt"):
        list(conversations(tmp_path / "none.txt"))


@pytest.mark.parametrize("nothing", ["", "  \n", []])
def test_nothing_to_read(read, nothing):
    with pytest.raises(Unreadable, match="holds nothing to read"):
        read(nothing)


def test_lists_hold_texts_paths_and_conversations(read, file):
    given = Conversation(Turn("ana", "Hi"))
    found = read(["one", file("a.txt", "two"), given])
    assert [c.id for c in found] == ["text:1", "a.txt", ""]
    assert found[2] is given


def test_paragraphs_are_turns(read, file):
    (found,) = read(file("diary.txt", "First day.\nIt rained.\r\n\r\n \r\nSecond day.\n"))
    assert [t.text for t in found.turns] == ["First day.\nIt rained.", "Second day."]
    assert found.id == "diary.txt"


def test_lines_with_names_are_a_dialogue(read, file):
    text = "**Ana**: I miss him.\n\nDr. O'Neil: I know.\nIt takes time.\nAna: Yes: a lot of it.\n"
    assert said(read(file("talk.md", text))) == [
        ("Ana", "I miss him."),
        ("Dr. O'Neil", "I know.\nIt takes time."),
        ("Ana", "Yes: a lot of it."),
    ]


def test_one_colon_makes_no_dialogue(read, file):
    text = "Note: I was late.\n\nI ran to the bus.\n\nIt left."
    assert said(read(file("a.txt", text)))[0] == ("author", "Note: I was late.")


def test_a_text_per_line_and_a_wrapped_paragraph(read, file):
    tweets = "so happy today\nmy dog ran away and I have looked for her everywhere since\n🙂\n"
    assert [text for _, text in said(read(file("tweets.txt", tweets)))] == tweets.split("\n")[:3]
    wrapped = "It was a long day, and when it was over nobody\nwanted to talk about it, not even those who had\nbegun."
    assert said(read(file("wrapped.txt", wrapped))) == [("author", wrapped)]


def test_headings_lose_their_marks(read, file):
    assert said(read(file("a.md", "# Title\n\n#happy as *ever*"))) == [
        ("author", "Title"),
        ("author", "#happy as *ever*"),
    ]


WHATSAPP = {
    "android, British": "31/12/2023, 21:41 - Ana: Happy new year!\n31/12/2023, 21:42 - Bo: You\ntoo!",
    "android, American": "12/31/23, 9:41 PM - Ana: Happy new year!\n12/31/23, 9:42 PM - Bo: You\ntoo!",
    "android, narrow space": "12/31/23, 9:41\u202fPM - Ana: Happy new year!\n12/31/23, 9:42\u202fPM - Bo: You\ntoo!",
    "android, German": "31.12.23, 21:41 - Ana: Happy new year!\n31.12.23, 21:42 - Bo: You\ntoo!",
    "android, Spanish": "31/12/23 9:41 p. m. - Ana: Happy new year!\n31/12/23 9:42 p. m. - Bo: You\ntoo!",
    "android, Japanese": "2023/12/31 21:41 - Ana: Happy new year!\n2023/12/31 21:42 - Bo: You\ntoo!",
    "android, Chinese": "2023/12/31 下午9:41 - Ana: Happy new year!\n2023/12/31 下午9:42 - Bo: You\ntoo!",
    "android, Dutch": "31-12-2023 21:41 - Ana: Happy new year!\n31-12-2023 21:42 - Bo: You\ntoo!",
    "iPhone, British": "[31/12/2023, 21:41:05] Ana: Happy new year!\n[31/12/2023, 21:42:00] Bo: You\ntoo!",
    "iPhone, American": "[12/31/23, 9:41:05 PM] Ana: Happy new year!\n\u200e[12/31/23, 9:42:00 PM] Bo: You\ntoo!",
    "iPhone, German": "[31.12.23, 21:41:05] Ana: Happy new year!\n[31.12.23, 21:42:00] Bo: You\ntoo!",
}


@pytest.mark.parametrize("export", WHATSAPP.values(), ids=WHATSAPP)
def test_whatsapp_in_many_countries(read, file, export):
    (found,) = read(file("WhatsApp Chat with Ana.txt", export))
    assert said([found]) == [("Ana", "Happy new year!"), ("Bo", "You\ntoo!")]
    assert found.turns[0].meta["time"].startswith("2023-12-31T21:41")


def test_whatsapp_notices_and_placeholders_are_left_out(read, file):
    export = (
        "\ufeff1/2/24, 10:00 - Messages and calls are end-to-end encrypted.\n"
        "1/2/24, 10:01 - Ana created group “Us”\n"
        "1/2/24, 10:02 - Ana: <Media omitted>\n"
        "1/2/24, 10:03 - Ana: \u200eimage omitted\n"
        "1/2/24, 10:04 - Bo: This message was deleted\n"
        "1/2/24, 10:05 - +49 170 1234567: look: a link\n"
    )
    (found,) = read(file("chat.txt", export))
    assert said([found]) == [("+49 170 1234567", "look: a link")]
    assert "time" not in found.last.meta, "1/2 may be January or February"


VTT = """WEBVTT - made up

NOTE a remark

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v.loud Ana Lee>I <i>did</i> it &amp; so did you</v>

01:00:03.000 --> 01:00:04.000
<v Ana Lee>Yes?</v>
<v Bo>Yes!</v>
"""


def test_webvtt(read, file):
    (found,) = read(file("a.vtt", VTT))
    assert said([found]) == [("Ana Lee", "I did it & so did you"), ("Ana Lee", "Yes?"), ("Bo", "Yes!")]
    assert [t.seconds for t in found.turns] == [(1.0, 2.5), (3603.0, 3604.0), (3603.0, 3604.0)]


def test_srt_with_names_in_the_text(read, file):
    text = "1\n00:00:01,000 --> 00:00:02,500\nAna: I did\nit!\n\n2\n00:00:03,000 --> 00:00:04,000\nBo: Yes!\n"
    (found,) = read(file("a.srt", text.replace("\n", "\r\n")))
    assert said([found]) == [("Ana", "I did it!"), ("Bo", "Yes!")]
    assert found.turns[1].seconds == (3.0, 4.0)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", ["Hi"]),
        ('{"text": "Hi"}\n{"text": "Ho"}\n', ["Hi", "Ho"]),
        ('{"messages": [{"role": "user", "content": "Hi"}]}', ["Hi"]),
        ("id,text\n1,Hi\n2,Ho\n", ["Hi", "Ho"]),
        ("[31/12/2023, 21:41:05] Ana: Hi", ["Hi"]),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\n", ["Hi"]),
        ("Hi, you\n\nHo\n", ["Hi, you", "Ho"]),
    ],
)
def test_standard_input_is_recognised_by_how_it_begins(read, monkeypatch, content, texts):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert [turn.text for found in read("-") for turn in found.turns] == texts


def test_an_empty_file(read, file):
    for name in ("a.txt", "a.csv", "a.jsonl", "a.json", "a.parquet", "a.vtt"):
        with pytest.raises(Unreadable, match=f"{name}: is empty"):
            read(file(name, ""))


def test_a_file_of_blanks(read, file):
    with pytest.raises(Unreadable, match="holds no words"):
        read(file("a.txt", " \n\n\t\n"))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.json", "a.vtt", "unnamed"])
def test_binary_junk(read, file, name):
    with pytest.raises(Unreadable, match="is not text"):
        read(file(name, bytes(range(256)) * 40))


def test_encodings(read, file, problems):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert said(read(file("a.txt", "Grüße 🙂".encode(encoding)))) == [("author", "Grüße 🙂")]
    assert problems == []
    assert said(read(file("a.txt", "gut\nGrüße – schön".encode("cp1252")))) == [("author", "gut\nGrüße – schön")]
    assert [p.where for p in problems] == ["line 2"]
    assert "not UTF-8" in problems[0].what


def test_nul_bytes_here_and_there(read, file):
    assert said(read(file("a.txt", "a\x00b"))) == [("author", "a\x00b")]


def test_five_megabytes_in_one_text(read, file):
    ((_, text),) = said(read(file("a.txt", "all the words there are " * 220_000)))
    assert len(text) > 5_000_000


def test_a_folder_is_walked_in_order_and_damage_is_reported(read, file, problems):
    file("f/b.txt", "second")
    file("f/a.csv", "text\nfirst\n")
    file("f/deep/c.md", "third")
    file("f/deep/empty.txt", "")
    file("f/photo.png", b"\x89PNG")
    file("f/.hidden.txt", "no")
    folder = file("f/junk.txt", bytes(range(256)) * 40).parent
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    found = read(folder)
    assert [c.id for c in found] == ["a.csv:2", "b.txt", "deep/c.md"]
    assert {p.source for p in problems} == {"dangling.txt", "deep/empty.txt", "junk.txt", "photo.png"}
    assert said(read(str(folder))) == said(found)


def test_a_folder_without_anything_to_read_says_why(read, file):
    with pytest.raises(Unreadable, match=r"empty\.txt: is empty"):
        read(file("f/empty.txt", "").parent)


def test_problems_are_warnings_by_default(file):
    with pytest.warns(UserWarning, match=r"a\.jsonl, line 1: not a whole JSON object"):
        assert len(list(conversations(file("a.jsonl", '{"text"\n{"text": "x"}\n')))) == 1


def test_reading_begins_with_the_first_line(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n' + "not json\n" * 5)
    first = next(conversations(path, lambda problem: pytest.fail(str(problem))))
    assert first.last.text == "one"
