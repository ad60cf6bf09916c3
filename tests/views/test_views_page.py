"""The page of a comparison: one file that reads nothing else, whatever a project calls its things."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.compare import Change
from kinoform.core.types import Blob, Facts, Reason
from kinoform.views.page import page

ADDRESSES = {"src", "href", "srcset", "action", "formaction", "data", "poster", "background"}
KNOWN = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "bdi",
        "ul",
        "li",
    ),
    *("article", "small", "del", "ins", "div", "figure", "figcaption", "img"),
}
PICTURE = "data:image/jpeg;base64,AAAA"
OLD, NEW = (Blob(f"sha256:{n * 64}", 1, "image/png", Facts(1360, 768)) for n in "ab")
EVIL = "</title></style><script>alert(1)</script><img src=//evil.example onerror=x>\"'&\u202e\x1b"


class Reader(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def _page(word: str) -> str:
    reasons = (Reason("changed", word, word, f"{word}!"), Reason("changed", "x", "", word))
    changes = (
        Change("changed", word, "", reasons, OLD, NEW),
        Change("moved", word, word),
        Change("added", "b", new=Blob("sha256:c", 1, "video/mp4", Facts(seconds=5.0))),
    )
    return page(word, [word, word], [word], changes, {OLD.digest: PICTURE})


@given(st.text() | st.just(EVIL))
def test_no_name_can_run_or_fetch_anything(word: str) -> None:
    text = _page(word)
    reader = Reader(text)
    assert {tag for tag, _ in reader.tags} <= KNOWN
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        found = {name: value for name, value in attributes.items() if name in ADDRESSES}
        assert found in ({}, {"src": PICTURE}), tag
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_what_was_written_can_be_read() -> None:
    said = Reader(_page("<b>teal & rust</b>")).said
    assert "<b>teal & rust</b>" in said


def test_its_own_policy_lets_nothing_be_loaded() -> None:
    (policy,) = [
        attributes["content"]
        for tag, attributes in Reader(_page("x")).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert set(rules) == {"default-src", "img-src", "style-src", "base-uri", "form-action"}
    assert rules["style-src"].startswith("'sha256-")


def test_pictures_stand_side_by_side_and_what_is_missing_is_said() -> None:
    text = _page("x")
    assert text.count("<img ") == 1
    assert "its picture is not here" in text
    assert "nothing before" in text
    assert "1360x768" in text
