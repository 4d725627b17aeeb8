"""A film on the page: player, boxes and names, lanes of words, voice, face and all, curves, what is read right now."""

import json
import re
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from insula import Anchor, Annotation, Conversation
from insula.conversation import Signal
from insula.exchange.report.film.boxes import boxes
from insula.exchange.report.film.drawing import curves
from insula.exchange.report.html import write
from insula.exchange.report.people import GROUP, people, runs
from insula.exchange.report.terminal import Timeline
from insula.exchange.report.view import views

sys.path.insert(0, str(Path(__file__).parent))

from pages import Checker

FACE = "face.expression@1"


@pytest.fixture
def page(film, tmp_path):
    write([film], tmp_path / "report.html")
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    parsed = Checker()
    parsed.feed(source)
    assert parsed.open == []
    return source


def seen(page):
    """What the script is given to draw."""
    return json.loads(re.findall(r'<script type="application/json" class="seen">(.*?)</script>', page)[0])["people"]


def test_a_face_is_its_speaker_s_and_every_channel_has_a_row(film):
    ana, other, group = people(film, list(views(film)))
    assert (ana.title, other.title, group.title) == ("ana · face 1", "face 2", GROUP)
    assert [row.name for row in ana.rows] == ["words", "face", "all together"]
    assert [cell.label for cell in ana.row("face")] == ["neutral", "sadness", "sadness", ""]
    assert ana.row("face")[1].note == "inner brows raised 2.1, lip corners lowered 1.2"
    assert ana.row("all together")[0].label == "sadness"
    assert [sign.why for sign in ana.signs] == ["glad words, a sad face: inner brows raised"]


def test_the_whole_person_names_its_evidence(film):
    told = "Ana sounds low and her lip corners are down at 1.4 s."
    film.add(Annotation("explanation", {told: 0.7}, Anchor("t1"), "sentences", "explain.evidence@1", (told,)))
    ana, *_ = people(film, list(views(film)))
    assert ana.row("all together")[0].note == told


def test_seconds_that_say_the_same_are_one_bar(film):
    ana, *_ = people(film, list(views(film)))
    found = [(cell.start, cell.end, cell.label, round(cell.score, 2)) for cell in runs(ana.row("face"))]
    assert found == [(0, 1, "neutral", 0.6), (1, 3, "sadness", 0.75), (3, 4, "", 0)]


def test_the_whole_person_leads_and_channels_stand_side_by_side(film):
    (view,) = views(film)
    assert view.expressed == [("sadness", 0.55)]
    assert {name: read.top for name, read in view.heard.channels.items()} == {"words": "joy", "face": "sadness"}


def test_the_page_plays_the_film_where_it_is_and_draws_what_was_seen(page, tmp_path):
    assert '<video src="films/talk%20%231%3F.mp4"' in page
    assert str(tmp_path) not in page
    ana, other, group = seen(page)
    assert ana["boxes"][0]["at"][:8] == [100, 50, 80, 90, 103, 53, 83, 93]
    assert ana["boxes"][0]["step"] == 0.2
    assert ana["boxes"][0]["at"][4 * 10 : 4 * 11] == [0, 0, 0, 0]
    assert other["boxes"][0]["start"] == 1.0
    assert group["boxes"] == []
    assert ana["says"]["face"][1][2].startswith("sadness 0.70, valence −0.10, arousal +0.10 (inner brows raised")
    assert ana["labels"][3] == [3.0, "?"]


def test_the_page_shows_doubt_conflict_and_curves(page):
    assert "ana, face, 0:01.0–0:03.0: sadness 0.75" in page
    assert "ana, face, 0:03.0–0:04.0: cannot tell: the face is turned away" in page
    assert "channels differ, 0:00.5: glad words, a sad face: inner brows raised" in page
    assert "Channels differ" in page
    assert "valence of each face over time, the group" in page
    assert 'class="curve group"' in page


def test_what_people_say_ends_no_script(film, tmp_path):
    at = Anchor(seconds=(2, 3), speaker="</script><script>alert(1)")
    film.add(Annotation("emotion", {"joy": 0.9}, at, "ekman7", FACE, ("joy",)))
    write([film], tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text.count("<script") == 2
    assert seen(text)[-2]["name"] == "</script><script>alert(1)"


def test_a_silent_film_has_a_page(film, tmp_path):
    silent = Conversation(
        *(one for one in film if isinstance(one, Signal) or (isinstance(one, Annotation) and not one.at.turn)),
        id="silent.mp4",
    )
    write([silent], tmp_path / "silent.html")
    text = (tmp_path / "silent.html").read_text(encoding="utf-8")
    assert "<dd>2</dd><dt>faces seen</dt>" in text
    assert [one["name"] for one in seen(text)] == ["face 1", "face 2", GROUP]
    assert "texts read" not in text


def test_a_film_that_is_gone_is_said_and_its_readings_stay(film, tmp_path):
    next((tmp_path / "films").iterdir()).unlink()
    write([film], tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<video" not in text
    assert "not where it was read" in text
    assert len(seen(text)) == 3


def test_half_an_hour_of_boxes_stays_small():
    frames = np.random.default_rng(0).uniform(100, 900, (15 * 1800, 6)).astype(np.float32)
    found = boxes(Conversation(Signal("face", frames, 15.0, "face 1")), "face 1")
    assert len(json.dumps(found)) < 220_000


def test_names_at_the_ends_of_lines_do_not_cover_each_other(film):
    for second in (0.0, 1.0, 2.0, 3.0):
        at = Anchor(seconds=(second, second + 1.0), speaker="face 2")
        film.add(Annotation("affect", {"valence": -0.3, "arousal": 0.1}, at, "vad", FACE))
    (_, valence), _ = curves(people(film, list(views(film))), 4.0)
    found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="person end', valence)
    names = [(float(x), float(y)) for x, y in found]
    beside = [abs(b - d) for n, (a, b) in enumerate(names) for c, d in names[:n] if abs(a - c) < 60]
    assert len(names) == 3
    assert beside
    assert min(beside) >= 12


@pytest.mark.parametrize("alone", [False, True])
def test_the_terminal_has_a_line_for_each_face_and_the_group(film, alone):
    kept = [x for x in film if not alone or isinstance(x, Signal) or (isinstance(x, Annotation) and not x.at.turn)]
    console = Console(width=140, record=True, file=StringIO())
    with Timeline(console) as timeline:
        timeline.show(Conversation(*kept, id="talk.mp4"))
    text = console.export_text()
    assert "NSS?   0:00 neutral .60 · 0:01 sadness .75 · 0:03 ? the face is turned away" in text
    assert "What is expressed is not what is felt" in text
    assert ("words joy" in text and "face sadness" in text and "⚑ channels differ .80: glad words" in text) is not alone


def test_a_body_has_a_page_and_a_line(tmp_path):
    found = Conversation(id="wrist.csv")
    for start, stress in ((0.0, 0.2), (10.0, 0.9), (20.0, 0.9)):
        at = Anchor(seconds=(start, start + 60.0))
        label = "stress" if stress > 0.5 else "rest"
        scores = {"rest": 1 - stress, "stress": stress}
        found.add(Annotation("stress", scores, at, "bodily-stress", "body.stress@1", (label,)))
        found.add(Annotation("affect", {"valence": -stress, "arousal": stress}, at, "vad", "body.stress@1"))
    write([found], tmp_path / "wrist.html")
    text = (tmp_path / "wrist.html").read_text(encoding="utf-8")
    assert "What was measured" in text
    assert "the one measured, body, 0:35.0–1:20.0: stress 0.90" in text
    assert "valence of each body over time" in text
    assert "can be played" not in text
    assert "<dl></dl>" not in text
    console = Console(width=140, record=True, file=StringIO())
    with Timeline(console) as timeline:
        timeline.show(found)
    assert "RSS   0:00 rest .80 · 0:35 stress .90" in console.export_text()


def test_a_picture_has_boxes_and_no_time(film, tmp_path):
    (tmp_path / "pair.png").write_bytes(b"png")
    faces = [one for one in film if isinstance(one, Annotation) and one.at.seconds and one.at.seconds[0] == 1.0]
    picture = Signal("video", str(tmp_path / "pair.png"), 0)
    write([Conversation(picture, *film.signals("face"), *faces)], tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<img src="pair.png" alt="the picture"/>' in text
    assert len(seen(text)) == 3
    assert "All of it" not in text
