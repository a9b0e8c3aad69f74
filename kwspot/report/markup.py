"""Fill the templates of a page; whatever is not known to be HTML is escaped."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def fill(name: str, /, **values: object) -> Html:
    """Fill a template of this package.

    Parameters
    ----------
    name : str
        Its file in ``kwspot/report/page``.
    values : object
        What takes the place of each ``$name``; escaped unless it is `Html`.

    Raises
    ------
    KeyError
        If a value is missing.
    """
    return Html(Template(read(name)).substitute({key: html(one) for key, one in values.items()}))


def html(value: object) -> Html:
    """Return anything as HTML.

    Examples
    --------
    >>> html("<b>"), html(Html("<b>")), html(0.5)
    ('&lt;b&gt;', '<b>', '0.5')
    """
    return value if isinstance(value, Html) else Html(escape(str(value)))


def join(parts: Iterable[Html]) -> Html:
    """Return pieces of HTML as one.

    Examples
    --------
    >>> join([html("a < b"), Html("<br>")])
    'a &lt; b<br>'
    """
    return Html("".join(parts))


def element(tag: str, content: object, **attributes: object) -> Html:
    """Return an HTML element; an underscore before an attribute is dropped.

    Examples
    --------
    >>> element("p", "a < b", _class="remark")
    '<p class="remark">a &lt; b</p>'
    """
    told = "".join(f' {key.lstrip("_")}="{html(one)}"' for key, one in attributes.items())
    return Html(f"<{tag}{told}>{html(content)}</{tag}>")


def pairs(told: Iterable[tuple[str, object]]) -> Html:
    """Return names and values as the content of a description list.

    Examples
    --------
    >>> pairs([("clips", 5)])
    '<div><dt>clips</dt><dd>5</dd></div>'
    """
    return join(
        element("div", join([element("dt", name), element("dd", value)])) for name, value in told
    )


@cache
def read(name: str) -> str:
    """Return the text of a file in ``kwspot/report/page``."""
    return files("kwspot.report.page").joinpath(name).read_text(encoding="utf-8")


def as_json(value: Any) -> Html:
    r"""Return a value as JSON that may stand in a script element: without ``<``.

    Examples
    --------
    >>> as_json({"name": "</script>"})
    '{"name":"\\u003c/script>"}'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return Html(text.replace("<", "\\u003c"))


def fingerprint(text: str) -> str:
    """Return what a content security policy calls an inline script or style by.

    Examples
    --------
    >>> fingerprint("")[:20]
    "'sha256-47DEQpj8HBSa"
    """
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
