"""English is let through, slang and all; other languages, other scripts and no words at all are refused by name."""

from __future__ import annotations

import csv
import gzip
import os
import timeit
from pathlib import Path

import pytest

from insula.perceive.text.language import EMPTY, LANGUAGE, NO_WORDS, SCRIPT, unreadable

ENGLISH = """lol same
omg noooo
hahaha
Thanks!
I feel so lost because my dog died yesterday.
No i didn't, all i know is that i binged three seasoms of it
it’s kinda sad tbh 😭
[NAME] is on fire
u ok hun?
ya
what a café, très chic darling, I loved every minute of it
Also a throwback
Old man yells at cloud
brb dying
La la land was great"""

OTHERS = """Hoy la humanidad ha perdido otro gran monumento
No me lo puedo creer, estoy muy triste
gracias por todo, te quiero mucho
je ne sais pas quoi faire, c'est vraiment triste
Bonjour, je suis très content de vous voir
Ich bin heute so traurig, weil mein Hund gestorben ist
Das war ein schöner Tag mit euch
Non posso crederci, sono felicissimo!
Ik ben zo blij dat je er bent
Estou muito feliz hoje, obrigado a todos
Jag är så ledsen och trött
Bugün çok mutluyum ve heyecanlıyım
Jestem dzisiaj bardzo smutny
aku sedih banget hari ini"""


@pytest.mark.parametrize("text", ENGLISH.splitlines())
def test_english_is_readable(text: str) -> None:
    assert unreadable(text) == ""


@pytest.mark.parametrize("text", OTHERS.splitlines())
def test_other_languages_are_refused(text: str) -> None:
    assert unreadable(text) == LANGUAGE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", EMPTY),
        (" \n\t", EMPTY),
        ("🙂🙂", NO_WORDS),
        ("?? 123", NO_WORDS),
        ("\x00\u202e \n", NO_WORDS),
        ("我今天很难过", SCRIPT),
        ("Мне сегодня очень грустно, the end", SCRIPT),
        ("أنا حزين", SCRIPT),
    ],
)
def test_the_reason_names_what_is_missing(text: str, reason: str) -> None:
    assert unreadable(text) == reason


def test_addresses_and_mentions_are_no_evidence() -> None:
    assert unreadable("https://example.org/que-pasa @quien #hoy lovely day") == ""


def test_it_costs_microseconds() -> None:
    texts = ENGLISH.splitlines() * 100
    seconds = min(timeit.repeat(lambda: [unreadable(text) for text in texts], number=1, repeat=5))
    assert seconds / len(texts) < 50e-6  # about 3e-6 on a quiet machine


@pytest.mark.skipif("INSULA_DATA" not in os.environ, reason="INSULA_DATA is not set")
def test_rates_on_real_texts() -> None:
    root = Path(os.environ["INSULA_DATA"])
    english = [line.split("\t")[0] for line in (root / "goemotions/dev.tsv").read_text(encoding="utf-8").splitlines()]
    with gzip.open(root / "emoevent/emoevent_es.csv.gz", "rt", encoding="utf-8") as file:
        spanish = [row["tweet"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    with gzip.open(root / "cped/test_split.csv.gz", "rt", encoding="utf-8-sig") as file:
        chinese = [row["Utterance"] for row in csv.DictReader(file)]
    refused = [sum(map(bool, map(unreadable, texts))) / len(texts) for texts in (english, spanish, chinese)]
    assert refused[0] < 0.005
    assert min(refused[1:]) > 0.95
