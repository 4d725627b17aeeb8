from insula import Anchor, Annotation, Conversation, Turn
from insula.exchange.report.tally import Tally
from insula.exchange.report.view import family, group, views, visible


def test_what_is_expressed_what_could_be_and_what_cannot_be_told(talk):
    first, second, third, _ = views(talk)
    assert first.expressed == [("anger", 0.82)]
    assert first.could_be == ["annoyance"]
    assert second.affect_of("valence") == (-0.4, 0.3)
    assert third.cannot_tell == "too short"
    assert third.expressed == []


def test_neutral_is_shown_only_when_alone():
    text = Conversation(Turn("ana", "well"))
    text.add(Annotation("emotion", {"neutral": 0.6, "joy": 0.4}, Anchor("t1"), "ekman7", "x@1", ("neutral", "joy")))
    assert next(views(text)).expressed == [("joy", 0.4)]


def test_nobody_looked_is_not_cannot_tell():
    view = next(views(Conversation(Turn("ana", "well"))))
    assert view.emotion is None
    assert view.cannot_tell == ""


def test_a_machine_leads_and_the_person_stands_beside(talk):
    gold = Annotation("emotion", {"joy": 1.0}, Anchor("t1"), "ekman7", "gold", ("joy",))
    text = Conversation(*talk.turns, gold, *talk.read("emotion"))
    view = next(views(text))
    assert view.emotion.rater == "made_up.reader@1"
    assert gold in view.beside


def test_overlapping_evidence_keeps_the_stronger_and_punctuation_is_none():
    text = Conversation(Turn("ana", "so angry!"))
    spans = {(0, 8): 0.2, (3, 8): 0.9, (8, 9): 0.8}
    text.add(*(Annotation("evidence", {"anger": w}, Anchor("t1", s), "words", "x@1") for s, w in spans.items()))
    assert [x.at.chars for x in next(views(text)).evidence] == [(3, 8)]


def test_words_that_the_leading_emotion_names_come_before_others():
    text = Conversation(Turn("ana", "so very angry"))
    alone = Annotation("evidence", {"annoyance": 0.9}, Anchor("t1", (0, 2)), "words", "text.x@1")
    words = Annotation("evidence", {"anger": 0.5}, Anchor("t1", (8, 13)), "words", "dialogue.x@1")
    earlier = Annotation("evidence", {"anger": 0.9}, Anchor("t1", (3, 7)), "words", "dialogue.x@1")
    emotion = Annotation("emotion", {"anger": 0.9}, Anchor("t1"), "ekman7", "dialogue.x@1", because=(words.id,))
    text.add(alone, words, earlier, emotion)
    assert next(views(text)).evidence == (words,)
    assert next(views(Conversation(*text.turns, alone, words, earlier))).evidence == (alone,)


def test_families_follow_the_published_map():
    assert family("goemotions28", "grief") == "sadness"
    assert family("ekman7", "anger") == "anger"
    assert family("words", "saudade") == "other"


def test_rows_of_a_table_belong_together():
    assert group(Conversation(id="reviews.csv:17")) == "reviews.csv"
    assert group(Conversation(id="goemotions/test/abc")) == "goemotions/test"
    assert group(Conversation(id="chat.txt")) == "chat.txt"


def test_what_steers_a_terminal_is_made_visible():
    assert visible("a\x1b[2Jb\u202ec\ud800") == "a�[2Jb�c�"
    assert visible("Größe\n\t我 🙂") == "Größe\n\t我 🙂"


def test_the_tally_keeps_the_extremes_and_no_more(table):
    tally = Tally()
    for text in table(1000):
        for view in views(text):
            tally.add(view)
    assert tally.turns == tally.judged == 1000
    assert sum(tally.valence) == 1000
    assert [view.turn.text for view in tally.unpleasant] == [f"text number {i}" for i in range(5)]
    assert tally.pleasant[0].turn.text == "text number 999"
