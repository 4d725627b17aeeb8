"""Histories longer than a model can hold."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from insula.llm import Message
from insula.llm.window import EACH, fit

SYSTEM = Message("system", "Be kind.")


def words(text: str) -> int:
    return len(text.split())


def talk(count: int) -> list[Message]:
    return [Message("user" if k % 2 == 0 else "assistant", f"turn {k} and so on") for k in range(count)]


def test_the_oldest_turns_go_and_the_system_stays() -> None:
    kept = fit([SYSTEM, *talk(1001)], 60, words)
    assert kept == [SYSTEM, *talk(1001)[-3:]]
    assert fit([SYSTEM, *talk(3)], 6000, words) == [SYSTEM, *talk(3)]


def test_of_one_endless_turn_the_end_stays_and_so_does_an_opening() -> None:
    opening = Message("assistant", "I am so sorry")
    kept = fit([SYSTEM, Message("user", "long ago " * 50_000 + "she left"), opening], 80, words)
    assert [x.role for x in kept] == ["system", "user", "assistant"]
    assert kept[1].text.endswith("she left")
    assert kept[2] == opening


def test_endless_system_words_leave_room_for_the_person() -> None:
    kept = fit([Message("system", "be kind " * 50_000), Message("user", "hello")], 80, words)
    assert kept[0].text.startswith("be kind")
    assert kept[1].text == "hello"


messages = some.builds(Message, some.sampled_from(["system", "user", "assistant"]), some.text(max_size=100))


@settings(max_examples=50)
@given(some.lists(messages, max_size=12), some.integers(40, 400))
def test_what_is_kept_fits_and_is_in_order(given_messages: list[Message], room: int) -> None:
    kept = fit(given_messages, room, len)
    assert sum(len(x.text) + EACH for x in kept) <= room
    for system in (True, False):  # the system's words come first
        rest = iter(x for x in given_messages if (x.role == "system") == system)
        for one in (x for x in kept if (x.role == "system") == system):
            assert any(one.role == x.role and one.text in x.text for x in rest)
    if given_messages and given_messages[-1].role == "user" and given_messages[-1].text and room > 100:
        assert kept[-1].text
        assert given_messages[-1].text.endswith(kept[-1].text)
