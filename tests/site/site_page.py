"""A page of the built site, read without a browser."""

from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    """What a page links to, loads, shows and can be linked to."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.ids, self.links, self.loads, self.images = path, set(), [], [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "link" and found.get("href"):
            self.loads.append(found["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio") and found.get("src"):
            self.loads.append(found["src"])
        if tag == "img":
            self.images.append(found)
