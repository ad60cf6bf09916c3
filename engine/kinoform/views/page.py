"""Two states of one film as one HTML page that reads nothing else: no script, no address, no font. Pure.

Everything that comes from a project is escaped, and the page's own policy lets nothing be loaded: a
name that somebody chose badly can neither run nor fetch.
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Final

from kinoform.views import diff as views
from kinoform.views import plan as plans
from kinoform.views.words import field, length, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.core.compare import Change
    from kinoform.core.types import Blob, Reason

# What steers a reader's eyes or breaks a line is spelled out.
_ODD: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --old: #b3564a; --new: #3f8a5b }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere }
header p { margin: .2rem 0; opacity: .8; overflow-wrap: anywhere }
.sums { list-style: none; padding: .8rem 1rem; margin: 1.2rem 0; background: var(--soft); border-radius: .5rem }
article { border-top: 1px solid var(--line); padding: 1rem 0 }
article h2 small { font-weight: normal; opacity: .7; margin-left: .6rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin: .7rem 0 0 }
figure { margin: 0 } figcaption { font-size: .85rem; opacity: .75 }
img, .none { width: 100%; border-radius: .3rem; display: block }
.none { padding: 2rem 1rem; text-align: center; background: var(--soft); opacity: .7; font-size: .9rem }
.said { margin: .6rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere }
del { color: var(--old); text-decoration-thickness: 1px } ins { color: var(--new); text-decoration: none }
"""
_ALLOWED: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode("ascii")
_POLICY: Final = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{_ALLOWED}'"
)


def page(
    film: str,
    names: Sequence[str],
    sums: Iterable[str],
    changes: Sequence[Change],
    prints: Mapping[str, str],
) -> str:
    """The whole page. `prints` leads from digests to pictures as data URIs."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_plain(f'{film}: {names[0]} and {names[1]}')}</title>",
        f"<style>{_STYLE}</style></head><body>",
        f"<header><h1>{_text(film)}</h1>",
        f"<p>from {_text(names[0])}</p><p>to {_text(names[1])}</p></header>",
        f'<ul class="sums">{_items(map(_text, sums))}</ul>',
        *(_article(change, prints) for change in changes),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _text(said: str) -> str:
    """Text that stays text, in its own direction."""
    return f"<bdi>{_plain(said)}</bdi>"


def _plain(said: str) -> str:
    return escape(_ODD.sub(_spelled, said))


def _spelled(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _items(items: Iterable[str]) -> str:
    return "".join(f"<li>{item}</li>" for item in items)


def _article(change: Change, prints: Mapping[str, str]) -> str:
    head = f"<h2>{_text(change.step)}<small>{_text(views.kind(change))}</small></h2>"
    said = [*map(_reason, change.reasons), *map(_text, views.money(change))]
    told = f'<ul class="said">{_items(said)}</ul>' if said else ""
    after = "after" if change.new != change.old else "after, until it is made again"
    pair = f"{_figure(change.old, 'before', prints)}{_figure(change.new, after, prints)}"
    shown = f'<div class="pair">{pair}</div>' if change.old or change.new else ""
    return f"<article>{head}{told}{shown}</article>"


def _reason(reason: Reason) -> str:
    """A changed value with the old words struck out."""
    if not (reason.old and reason.new) or reason.kind not in ("changed", "op"):
        return _text(plans.words(reason))
    old, new = _text(reason.old), _text(reason.new)
    return f"{_text(field(reason.path))}: <del>{old}</del> <ins>{new}</ins>"


def _figure(blob: Blob | None, when: str, prints: Mapping[str, str]) -> str:
    if blob is None:
        return f'<figure><div class="none">nothing {when}</div></figure>'
    facts = " ".join(filter(None, (size(blob.facts), length(blob.facts))))
    told = _text(f"{when}: {views.digest(blob)} {facts}".strip())
    uri = prints.get(blob.digest)
    if uri is None:
        return f'<figure><div class="none">its picture is not here</div><figcaption>{told}</figcaption></figure>'
    return f'<figure><img src="{escape(uri)}" alt="{when}"><figcaption>{told}</figcaption></figure>'
