"""The lock files agree with each other and with pyproject.toml, and name public places only."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PINNED = re.compile(r"^(?P<name>[\w.\-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"sha256:[0-9a-f]{64}")
PUBLIC = re.compile(r"https://(?:[a-z]+\.)+org/")
EXPORTS = {"requirements.lock": {"build"}, "requirements-dev.lock": {"build", "dev"}}


@pytest.fixture(scope="module")
def lock(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "uv.lock").read_text("utf-8"))


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def needed(lock: dict[str, Any], groups: set[str]) -> set[tuple[str, str]]:
    """Name and version of everything that kinoform and these groups lead to."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    (ours,) = packages["kinoform"]
    waiting = [dep["name"] for dep in ours["dependencies"]]
    waiting += [d["name"] for group in groups for d in ours["dev-dependencies"][group]]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [d["name"] for p in packages[name] for d in p.get("dependencies", ())]
    return {(name, package["version"]) for name in found for package in packages[name]}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_exported_lock_pins_what_the_lock_pins(
    root: Path, lock: dict[str, Any], name: str
) -> None:
    pinned = set(PINNED.findall((root / name).read_text("utf-8")))
    assert pinned == needed(lock, EXPORTS[name]), "run `make lock`"


@pytest.mark.parametrize("name", EXPORTS)
def test_every_hash_of_an_export_is_in_the_lock(root: Path, name: str) -> None:
    known = set(HASH.findall((root / "uv.lock").read_text("utf-8")))
    hashes = set(HASH.findall((root / name).read_text("utf-8")))
    assert hashes
    assert hashes <= known


def canonical(requirement: str) -> tuple[str, frozenset[str]]:
    name, rest = re.match(r"([\w.\-]+)(.*)", requirement).groups()  # type: ignore[union-attr]  # every requirement has a name
    return re.sub(r"[-_.]+", "-", name).lower(), frozenset(
        filter(None, rest.replace(" ", "").split(","))
    )


def recorded(rows: list[dict[str, Any]]) -> set[tuple[str, frozenset[str]]]:
    return {canonical(row["name"] + row.get("specifier", "")) for row in rows}


def test_the_lock_was_made_for_these_requirements(
    lock: dict[str, Any], project: dict[str, Any]
) -> None:
    (ours,) = (package for package in lock["package"] if package["name"] == "kinoform")
    asked = set(map(canonical, project["project"]["dependencies"]))
    assert recorded(ours["metadata"]["requires-dist"]) == asked, "run `make lock`"
    groups = project["dependency-groups"]
    everything = {r for rows in groups.values() for r in rows if isinstance(r, str)}
    locked = {r for rows in ours["metadata"]["requires-dev"].values() for r in recorded(rows)}
    assert locked == set(map(canonical, everything)), "run `make lock`"


def test_the_locks_name_no_mirror_no_machine_and_no_credential(root: Path) -> None:
    text = "".join((root / name).read_text("utf-8") for name in ("uv.lock", *EXPORTS))
    places = set(re.findall(r"\b\w+://[^/\"]*/", text))
    assert len(places) == 2  # an index and the files that it names
    assert all(PUBLIC.fullmatch(place) for place in places)


def test_what_builds_the_package_is_locked_too(project: dict[str, Any]) -> None:
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]
