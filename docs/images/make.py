"""Draws the pictures of the README from an example and the shipped weights: `python docs/images/make.py`.

`timeline.svg` is what `insula read` prints; `report.png` is a photograph of `report.html`, written where you stand:

    chromium --headless --hide-scrollbars --window-size=1100,1180 --screenshot=docs/images/report.png report.html
"""

import io
import re
from pathlib import Path

from rich.console import Console

from insula import read_many
from insula.exchange.report import html
from insula.exchange.report.terminal import Timeline

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "support_chat.json"


def timeline(turns: int = 8) -> str:
    """The first turns of the example as SVG, without the web fonts rich links to: a picture needs no network."""
    console = Console(file=io.StringIO(), width=108, force_terminal=True, color_system="truecolor", record=True)
    with Timeline(console, turns) as printed:
        for conversation in read_many(EXAMPLE):
            printed.show(conversation)
    svg = console.export_svg(title="insula read examples/support_chat.json", unique_id="insula")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    (HERE / "timeline.svg").write_text(timeline(), encoding="utf-8")
    html.write(read_many(EXAMPLE), "report.html")
