"""The page itself: a template, a style sheet and scripts of this package, and the data, in one file of HTML.

No request ever leaves it: the policy in its head allows nothing but this style and this script, known by their digests.
The data is JSON in a block that no browser runs; the script puts every text on the page as text.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

SCRIPTS = ("base", "departments", "tree", "record", "lists", "charts", "main")
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(told: Mapping[str, Any]) -> str:
    """The page that tells a document of ``pipelines.report.document``."""
    style = _part("page.css")
    script = f"(() => {{\n'use strict';\n{''.join(_part(f'{name}.js') for name in SCRIPTS)}}})();\n"
    parts = {
        "style": style,
        "script": script,
        "data": embedded(told),
        "policy": (
            f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("page.html"))


def embedded(told: Mapping[str, Any]) -> str:
    """JSON that may stand in a script element, whatever its texts hold: no ``<`` can end the element."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return re.sub("[<>&\u2028\u2029]", lambda found: _UNSAFE[found[0]], text)


def _part(name: str) -> str:
    return files("pipelines.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a content security policy names an inline text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
