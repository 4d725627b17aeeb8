"""Run the code of one page, in order, in the current folder; test_pages.py gives it a process of its own.

Python blocks share a namespace; `insula` lines go through the entry the shell uses.
"""

import re
import shlex
import sys
from pathlib import Path

BLOCK = re.compile(
    r"(?:<!-- skip: (?P<skip>[^\n]+) -->\n)?^```(?P<language>python|console|bash)\n(?P<code>.*?)^```$", re.M | re.S
)


def blocks(text):
    """(line, language, code, reason to skip) of every block that runs."""
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code"))
        yield line + 1, found["language"], found["code"], found["skip"] or ""


def main(page):
    from insula.cli import run

    namespace = {"__name__": "page"}
    for line, language, code, skip in blocks(page.read_text(encoding="utf-8")):
        if skip:
            print(f"{page.name}:{line} skipped: {skip}")
        elif language == "python":
            # blank lines in front, so that an error names the page's own line
            exec(compile("\n" * (line - 1) + code, str(page), "exec"), namespace)
        else:
            for command in code.splitlines():
                if command.startswith("insula ") and (failed := run(shlex.split(command, comments=True)[1:])):
                    sys.exit(f"{page.name}:{line}: {command!r} ended with {failed}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
