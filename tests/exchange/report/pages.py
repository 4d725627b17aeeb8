"""A parser that a page must get through."""

from html.parser import HTMLParser

VOID = {"meta", "input", "br"}


class Checker(HTMLParser):
    """Collects text and tags, and asserts that every element is closed where it was opened."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words, self.ids, self.links = [], [], [], [], []

    def handle_starttag(self, name, attributes):
        self.tags.append(name)
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values[key] for key in ("href", "src") if key in values]
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        if name not in VOID:
            self.open.pop()

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        self.words.append(data)
