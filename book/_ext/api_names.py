"""Sphinx extension: the API pages' names as readers write them.

A reference to a short public name (``harsanyi.mobius``) leads to the place where the object is
documented (``harsanyi.core.transforms.mobius``). The fields of a named tuple are described once, in
its docstring, and not again as aliases for field numbers.
"""

import importlib

from sphinx.util.nodes import make_refnode


def documented_name(target: str) -> str | None:
    """Where an object reached by a public name is defined, or None."""
    module_name, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError):
        return None
    place = getattr(found, "__module__", None)
    return f"{place}.{found.__qualname__}" if place and hasattr(found, "__qualname__") else None


def resolve(app, env, node, content):
    """Answer Sphinx's question for a name that stands under another module."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target.startswith("harsanyi."):
        return None
    name = documented_name(target)
    entry = env.get_domain("py").objects.get(name)
    if entry is None:
        return None
    page = node.get("refdoc", entry.docname)
    return make_refnode(app.builder, page, entry.docname, entry.node_id, content, name)


def skip_field_alias(app, what, name, found, skip, options):
    """Leave out what a named tuple says of a field by itself."""
    return True if str(found.__doc__).startswith("Alias for field number") else None


def setup(app):
    """Connect both."""
    app.connect("missing-reference", resolve)
    app.connect("autodoc-skip-member", skip_field_alias)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
