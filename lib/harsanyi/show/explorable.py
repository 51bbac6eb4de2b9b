"""What every explorable is: data, a script and a style sheet as one piece of HTML.

An explorable is data (JSON) and a small script ``static/<kind>.js`` that defines
``render({model, el})`` and reads the data through ``model.get(name)``. Its HTML loads nothing, so
it works offline, from a file, in a notebook and in the book. A new kind is a script, perhaps a
style sheet of the same name, and a function in :mod:`harsanyi.show.explore`; what all kinds use
is in ``static/common.js`` and ``static/common.css``.
"""

import html
import json
import os
from collections import Counter
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

_STATIC = files("harsanyi.show") / "static"
_MADE = Counter()  # explorables made with each content: equal ones on a page get different ids
_OFF = "This picture is interactive and needs JavaScript, which is off here."


class Explorable:
    """An interactive picture: shown by a notebook as its last value, or saved as a page.

    Args:
        kind: name of the script in ``static``, such as ``"playground"``.
        title: what a screen reader announces.
        data: what the script reads, JSON-serialisable.
        extra: names of further scripts that the kind is made of.
    """

    def __init__(self, kind: str, title: str, data: dict, extra: tuple[str, ...] = ()):
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        digest = sha256(f"{kind}{title}{text}".encode()).hexdigest()[:8]
        _MADE[digest] += 1
        self.kind, self.title, self.data = kind, title, data
        self._parts = ("common", *extra, kind)
        self.id = f"{kind}-{digest}-{_MADE[digest]}"
        self._json = text.replace("<", "\\u003c")  # no text can close the script element

    def __repr__(self) -> str:
        return f"Explorable: {self.title} (interactive; open the HTML page to use it)"

    def _repr_html_(self) -> str:
        style, script = _static(self._parts, "css"), _static(self._parts, "js")
        return (
            f'<div class="explorable explorable-{self.kind} mathjax_ignore" id="{self.id}" '
            f'role="group" aria-label="{html.escape(self.title)}">\n<style>\n{style}</style>\n'
            f'<noscript>{_OFF}</noscript>\n<div class="hx-body"></div>\n'
            f'<script>\n(function () {{\n"use strict";\n{script}\nconst data = {self._json};\n'
            "const model = { get: (name) => data[name] };\n"
            f'render({{ model, el: document.querySelector("#{self.id} > .hx-body:empty") }});\n'
            "})();\n</script>\n</div>"
        )

    def save(self, path: str | Path) -> Path:
        """Write the explorable as a page of its own, in the reader's light or dark colours."""
        path = Path(path)
        part = path.with_name(path.name + ".part")
        page = (_STATIC / "page.html").read_text(encoding="utf-8")
        page = page.replace("{title}", html.escape(self.title))
        part.write_text(page.replace("{body}", self._repr_html_()), encoding="utf-8")
        os.replace(part, path)
        return path


def _static(names: tuple[str, ...], suffix: str) -> str:
    """Join the static files of these names and this suffix that exist."""
    found = [_STATIC / f"{name}.{suffix}" for name in names]
    return "\n".join(file.read_text(encoding="utf-8") for file in found if file.is_file())
