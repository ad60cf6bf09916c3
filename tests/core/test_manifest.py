"""What is in a key, and what is not."""

from __future__ import annotations

from dataclasses import replace

from build_steps import HOSTED, LOCAL, step, still

from kinoform.core.manifest import bind, diff, key_of, manifest
from kinoform.core.types import Blob, Bytes, Derived, File, Op, Ref, Source

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _key(one: object, take: int = 1, identity: Bytes | Derived = Bytes(A)) -> str:  # noqa: B008  (a frozen value)
    return key_of(manifest(one, take, lambda _: identity))  # type: ignore[arg-type]  # a step


def test_name_item_tags_place_and_price_are_not_in_the_key() -> None:
    one = still("still@s010", prompt="a lamp")
    other = replace(
        still(
            "wide@s990",
            prompt="a lamp",
        ),
        tags=("x",),
        price=None,
        timeout=9.0,
    )
    assert _key(one) == _key(other)


def test_every_part_of_the_recipe_is_in_the_key() -> None:
    one = still("a", prompt="a lamp")
    changed = [
        still("a", prompt="two lamps"),
        still("a", prompt="a lamp", size=1),
        replace(one, op=replace(HOSTED, name="acme/pen")),
    ]
    keys = {_key(one), _key(one, take=2), *map(_key, changed)}
    assert len(keys) == 5


def test_the_digest_of_a_model_file_is_not_in_the_key() -> None:
    one = still("a", prompt="x")
    assert _key(one) == _key(replace(one, op=replace(HOSTED, model_digest="sha256:ff")))


def test_our_own_version_of_a_local_op_is_in_the_key() -> None:
    newer = Op(LOCAL.name, LOCAL.version + 1, LOCAL.kind, LOCAL.pool)
    assert _key(step("a")) != _key(step("a", newer))


def test_an_input_counts_by_what_it_is_and_not_by_its_name() -> None:
    assert _key(still("a", image=Ref("x"))) == _key(still("a", image=File("art/x.png")))


def test_other_bytes_or_another_derivation_are_another_request() -> None:
    one = still("a", image=Ref("x"))
    keys = {_key(one, identity=i) for i in (Bytes(A), Bytes(B), Derived("k"), Derived("k", 1))}
    assert len(keys) == 4


def test_binding_puts_blobs_where_bytes_go_and_keeps_the_key() -> None:
    one = still("a", frames=[{"image": Ref("x")}])
    blob = Blob(A, 3, "image/png")
    found: dict[Source, Bytes | Derived] = {Ref("x"): Bytes(A)}
    action = bind(one, 1, found, {Ref("x"): blob})
    assert action.params == {"frames": [{"image": blob}]}
    assert action.inputs == {"frames.0.image": Bytes(A)}
    assert action.key == _key(one)


def test_a_difference_names_path_and_changed_words() -> None:
    old = manifest(still("a", prompt="a wide shot of a teal sea at dusk"), 1, lambda _: Bytes(A))
    new = manifest(still("a", prompt="a wide shot of a rust sea at dusk"), 1, lambda _: Bytes(A))
    (reason,) = diff(old, new)
    assert (reason.kind, reason.path) == ("changed", "prompt")
    assert (reason.old, reason.new) == ("… of a teal sea at …", "… of a rust sea at …")


def test_a_difference_of_inputs_is_said_apart() -> None:
    one = still("a", image=Ref("x"))
    old, new = (manifest(one, 1, lambda _, d=d: Bytes(d)) for d in (A, B))  # type: ignore[misc]  # d is bound early
    (reason,) = diff(old, new)
    assert (reason.kind, reason.path) == ("input", "image")


def test_equal_manifests_do_not_differ() -> None:
    one = manifest(still("a", prompt="x"), 1, lambda _: Bytes(A))
    assert diff(one, one) == ()
