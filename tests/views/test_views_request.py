"""A request as it would be sent, with names where bytes will stand."""

from __future__ import annotations

from dataclasses import replace

from build_steps import Shelf, step, still

from kinoform.core.address import masked
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Blob, Data, File, Late, Ref, Url
from kinoform.views import request as views

ART = Blob(f"sha256:{'a' * 64}", 3, "image/png")


def test_each_kind_of_input_has_its_name() -> None:
    params = {
        "prompt": "a lamp",
        "first": Ref("a"),
        "second": Ref("a", take=2, index=1),
        "art": File("art/x.png"),
        "from": [Url("https://u:p@x.test/a.png?sig=abc&w=1")],
        "data": Data("data:image/png;base64,AAAA"),
        "late": Late((Ref("a"),), lambda _facts: 5),
    }
    graph = build([replace(still("a", x=1), takes=2), still("b", **params)])
    survey = plan(graph, Shelf().world(blobs={File("art/x.png"): ART}), wish(graph))[1]
    assert views.shown(graph.steps[1].params, survey) == {
        "prompt": "a lamp",
        "first": {"$artifact": "a", "digest": None},
        "second": {"$artifact": "a#2", "result": 2, "digest": None},
        "art": {"$file": "art/x.png", "digest": ART.digest},
        "from": [{"$url": "https://***@x.test/a.png?sig=***&w=1", "digest": None}],
        "data": {"$data": "data:image/png;base64,AAAA", "digest": None},
        "late": {"$later": ["a"]},
    }


def test_signed_addresses_show_no_signature() -> None:
    shown = masked("https://x.test/a?X-Amz-Signature=s3cr3t&w=2&access_token=t#f")
    assert shown == "https://x.test/a?X-Amz-Signature=***&w=2&access_token=***#f"


def test_the_prompt_is_that_of_the_brief_or_a_text() -> None:
    hosted = replace(still("a", positivePrompt="x"), brief={"prompt": "a lamp"})
    assert views.prompt(hosted) == "a lamp"
    assert views.prompt(step("note", text="words")) == "words"
    assert views.prompt(step("cut", clips=[])) is None
