"""Where things lie: a short top level, and links in the documents that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

TOP = {"pyproject.toml", "engine", "schemas", "pipelines", "tests", "docs"}
ALSO = {"README.md", "LICENSE", "Makefile", "uv.lock", "requirements.lock", "requirements-dev.lock"}
LINK = re.compile(r"(?<!\\)\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def test_the_top_level_holds_only_what_it_must(files: list[str]) -> None:
    top = {name.partition("/")[0] for name in files}
    assert not {name for name in top if not name.startswith(".")} - TOP - ALSO


def test_the_top_level_holds_all_that_it_must(files: list[str]) -> None:
    assert not (TOP | ALSO) - {name.partition("/")[0] for name in files}


def test_no_two_test_modules_share_a_name(files: list[str]) -> None:
    tests = [PurePosixPath(n).name for n in files if n.startswith("tests/") and n.endswith(".py")]
    twice = {name for name in tests if tests.count(name) > 1 and name != "conftest.py"}
    assert not twice
    assert "__init__.py" not in tests


def anchors(text: str) -> set[str]:
    """What a heading is called in a link: lower case, no punctuation, blanks as hyphens."""
    heads = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken(root: Path, name: str, target: str) -> bool:
    """Whether a relative link from the page `name` leads nowhere."""
    path, _, fragment = target.partition("#")
    page = root / name
    aim = (page.parent / path) if path else page
    if not aim.exists():
        return True
    return bool(
        fragment and aim.suffix == ".md" and fragment not in anchors(aim.read_text("utf-8"))
    )


def test_every_link_in_the_documents_leads_somewhere(root: Path, texts: dict[str, str]) -> None:
    faults = [
        f"{name}: {target}"
        for name, text in texts.items()
        if name.endswith(".md")
        for target in LINK.findall(CODE.sub("", FENCE.sub("", text)))
        if not re.match(r"[a-z]+:", target) and broken(root, name, target)
    ]
    assert not faults, "\n".join(faults)
