"""Pipelines check their order before they run; run, stream, listen and run_many give the same annotations."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insula import Anchor, Annotation, Conversation, Pipeline, Turn, component
from insula.wire import dump


@component(reads=["turn"], writes=["emotion"])
def joy(conversation):
    for turn in conversation.pending("emotion", "joy"):
        yield Annotation("emotion", {"joy": min(len(turn.text) / 10, 1.0)}, Anchor(turn.id), "words", "joy")


@component(reads=["turn", "emotion"], writes=["cause"])
def cause(conversation):
    for turn in conversation.pending("cause", "cause"):
        found = conversation.read("emotion", turn=turn.id)
        yield Annotation("cause", {"cause": 1.0}, Anchor(turn.id), "words", "cause", because=tuple(x.id for x in found))


@component(reads=["turn"], writes=["stress"])
async def slow(conversation):
    for turn in conversation.pending("stress", "slow"):
        await asyncio.sleep(0)
        yield Annotation("stress", {"stress": 0.5}, Anchor(turn.id), "words", "slow")


@component(writes=["mood"])
def silent(conversation):
    return None


class Batched:
    """Counts how often it was called one by one, and how often in batches."""

    reads, writes = ("turn",), ("emotion",)

    def __init__(self):
        self.sizes = []

    def __call__(self, conversation):
        self.sizes.append(1)
        return list(joy(conversation))

    def batch(self, conversations):
        self.sizes.append(len(conversations))
        return [list(joy(conversation)) for conversation in conversations]


def judgements(conversation):
    return sorted(dump(x) for x in conversation if isinstance(x, Annotation))


chats = st.lists(st.lists(st.text(max_size=8), max_size=4), max_size=5)


def made(texts, id=""):
    return Conversation(*(Turn("ana", text) for text in texts), id=id)


def test_a_wrong_order_names_the_missing_writer():
    with pytest.raises(ValueError, match="^cause reads 'emotion', which nothing before it writes$"):
        Pipeline(cause, joy)
    with pytest.raises(ValueError, match=r"cause reads 'signal.*|cause reads 'turn'"):
        Pipeline(cause, given=["emotion"])
    assert Pipeline(joy, cause).problems() == []
    Pipeline(cause, given=["turn", "emotion"])


def test_a_pipeline_is_a_component():
    inner = Pipeline(joy)
    outer = Pipeline(inner, cause)
    assert outer.components == (joy, cause)
    assert outer.reads == ("turn",)
    assert outer.writes == ("emotion", "cause")


def test_nested_pipelines_do_not_log_twice():
    once = Pipeline(joy, cause).run(made(["a", "b"]))
    nested = Pipeline(Pipeline(Pipeline(joy)), Pipeline(cause, given=["turn", "emotion"])).run(made(["a", "b"]))
    assert nested.log == once.log


@given(chats.map(lambda chats: chats[0] if chats else []))
def test_stream_equals_run(texts):
    pipeline = Pipeline(joy, cause, silent)
    live = made([])
    for text in texts:
        live.add(Turn("ana", text))
        for addition in pipeline.stream(live):
            assert live.log[-1] == addition
    assert judgements(live) == judgements(pipeline.run(made(texts)))


@given(chats, st.integers(1, 4))
def test_batches_equal_one_by_one(chats, size):
    one_by_one = [Pipeline(joy, cause).run(made(texts)) for texts in chats]
    batched = list(Pipeline(Batched(), cause).run_many((made(texts) for texts in chats), size))
    assert [x.log for x in batched] == [x.log for x in one_by_one]


def test_batches_have_the_asked_size_and_stay_lazy():
    asked = []

    def arriving():
        for number in range(5):
            asked.append(number)
            yield made(["hi"], str(number))

    part = Batched()
    running = Pipeline(part).run_many(arriving(), size=2)
    assert next(running).id == "0"
    assert asked == [0, 1], "read no further than the batch being worked on"
    assert [conversation.id for conversation in running] == ["1", "2", "3", "4"]
    assert part.sizes == [2, 2, 1]


def test_a_batch_that_forgets_one_is_an_error():
    part = Batched()
    part.batch = lambda conversations: []
    with pytest.raises(ValueError, match="shorter"):
        list(Pipeline(part).run_many([made(["hi"])]))


def test_running_again_adds_nothing():
    pipeline = Pipeline(joy, cause)
    conversation = pipeline.run(made(["a", "b"]))
    before = conversation.log
    assert pipeline.run(conversation).log == before


def test_async_components_run_everywhere_but_in_stream():
    pipeline = Pipeline(joy, slow, cause)
    assert pipeline.asynchronous
    conversation = pipeline.run(made(["a", "b"]))
    assert [x.layer for x in conversation.log[2:]] == ["emotion", "emotion", "stress", "stress", "cause", "cause"]
    with pytest.raises(TypeError, match="pipeline.listen"):
        next(pipeline.stream(made(["a"])))
    (again,) = pipeline.run_many([made(["a", "b"])])
    assert judgements(again) == judgements(conversation)


def test_listen_inside_a_loop_gives_what_run_gives():
    pipeline = Pipeline(joy, slow, cause)

    async def chat():
        live, heard = made([]), []
        for text in ("a", "b"):
            live.add(Turn("ana", text))
            heard += [addition async for addition in pipeline.listen(live)]
        return live, heard

    live, heard = asyncio.run(chat())
    assert judgements(live) == judgements(pipeline.run(made(["a", "b"])))
    assert heard == [x for x in live.log if isinstance(x, Annotation)]


def test_an_async_component_may_be_a_class():
    class Slow:
        reads, writes = ("turn",), ("stress",)

        async def __call__(self, conversation):
            async for addition in slow(conversation):
                yield addition

    assert Pipeline(Slow()).asynchronous
    assert len(Pipeline(Slow()).run(made(["a"])).read("stress")) == 1


def test_what_was_added_before_an_error_is_kept():
    @component(writes=["mood"])
    def broken(conversation):
        yield Annotation("mood", {"low": 1.0}, Anchor("t1"), "words", "broken")
        raise RuntimeError("the network went away")

    conversation = made(["a"])
    with pytest.raises(RuntimeError, match="network"):
        Pipeline(joy, broken).run(conversation)
    assert conversation.layers == {"turn", "emotion", "mood"}
