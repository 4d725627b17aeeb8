"""The tools, called by the protocol's own client over standard input and output."""

import asyncio
import json
import sys

import pytest

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


def called(*calls):
    async def run():
        started = StdioServerParameters(
            command=sys.executable, args=["-m", "insula", "serve", "--mcp", "--locale", "en-GB"]
        )
        async with Client(stdio_client(started)) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            found = [await client.call_tool(name, arguments) for name, arguments in calls]
            return names, found

    return asyncio.run(asyncio.wait_for(run(), 120))


def test_an_assistant_reads_explains_and_guards():
    turns = [{"speaker": "ana", "text": "I lost my job."}, {"speaker": "ben", "text": "Oh no, I'm so sorry."}]
    risk = [{"speaker": "ana", "text": "I want to end my life tonight."}]
    names, (read, explain, guard, wrong) = called(
        ("read", {"text": "I am so happy for you!"}),
        ("explain", {"turns": turns}),
        ("guard", {"turns": risk}),
        ("explain", {"turns": []}),
    )
    assert names == ["read", "explain", "guard"]
    told = [json.loads(one.content[0].text) for one in (read, explain, guard)]
    assert told[0]["emotion"] == "joy"
    assert told[0]["affect"]["valence"] > 0
    assert [turn["speaker"] for turn in told[1]["turns"]] == ["ana", "ben"]
    assert told[1]["turns"][0]["explanation"]
    assert told[2]["verdicts"][0]["level"] == "crisis"
    assert any(line["contact"] == "116 123" for line in told[2]["verdicts"][0]["lines"])
    assert wrong.is_error
