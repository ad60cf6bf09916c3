"""A real editor's language server on a project's schema: what it marks, completes and shows.

Driven over its standard streams; nothing is fetched. `make editor` installs the server.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from language_server import LanguageServer

from kinoform.api import editor
from kinoform.api.starter import MODELINE, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "yaml-language-server"
SERVER = Path(sys.prefix, "editor", "node_modules", PACKAGE)
FILM = (
    MODELINE
    + """\
kinoform: 1
name: lamp
models:
  board: runware/klingai:kling-image@o3
  motion: runware/klingai:kling-video@o3-pro
shots:
  s010: {does: climbs, dur: 5}
  s020: {does: lights, dur: 5}
steps:
  still:
    uses: board
    foreach: shots
    with:
      prompt: "{{ shot.does }}"
      size: 1K 16:9
  clip:
    uses: motion
    foreach: shots
    with:
      prompt: "{{ shot.does }}, slow camera"
      first_frame: ${{ out.still }}
      duration: ${{ shot.dur }}
"""
)
STEP = "  more:\n    uses: {uses}\n    with:\n      {with_}\n"


def missing() -> str:
    """Why the server cannot be started; empty if it can."""
    if shutil.which("node") is None:
        return "node is not installed; with it, `make editor` installs the language server"
    wanted = json.loads(Path(__file__).with_name("package.json").read_text("utf-8"))
    try:
        found = json.loads((SERVER / "package.json").read_text("utf-8"))["version"]
    except OSError:
        return f"{PACKAGE} is not installed: `make editor` does it"
    needed = wanted["dependencies"][PACKAGE]
    return "" if found == needed else f"{PACKAGE} is {found}, not {needed}: `make editor` mends it"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """A server in a project whose schema has just been written."""
    reason = missing()
    if reason and os.environ.get("EDITOR_TEST") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("film")
    (folder / "pipeline.yaml").write_text(FILM, "utf-8")
    editor.save(editor.project_schema(folder).text, folder / SCHEMA)
    running = LanguageServer(["node", str(SERVER / "bin" / PACKAGE), "--stdio"], folder)
    yield running
    running.close()


def marks(server: LanguageServer, name: str, text: str) -> dict[str, str]:
    """What is marked, by the text that stands there."""
    lines = text.split("\n")
    found = {}
    for each in server.open(name, text):
        begin, end = each["range"]["start"], each["range"]["end"]
        assert begin["line"] == end["line"]
        place = lines[begin["line"]][begin["character"] : end["character"]]
        found[f"{begin['line']}: {place}"] = each["message"]
    return found


def offered(server: LanguageServer, name: str, text: str) -> set[str]:
    """The words that are completed at the sign `|` of a text."""
    above, below = text.split("|")
    server.open(name, above + below)
    line, column = above.count("\n"), len(above) - above.rfind("\n") - 1
    found: Any = server.at("textDocument/completion", name, line, column)
    return {item["label"] for item in found["items"]}


def line_of(text: str, part: str) -> int:
    """The line, from 0, of a part that stands in it once."""
    assert text.count(part) == 1
    return text[: text.index(part)].count("\n")


def test_a_good_pipeline_has_no_marks(server: LanguageServer) -> None:
    assert marks(server, "good.yaml", FILM) == {}


def test_unknown_parameters_and_wrong_values_of_two_models_are_marked_at_their_places(
    server: LanguageServer,
) -> None:
    text = FILM.replace("      size: 1K 16:9", "      size: 9K 16:9\n      duration: 5")
    text = text.replace(
        "      duration: ${{", "      fps: 24\n      format: GIF\n      duration: ${{"
    )
    found = marks(server, "bad.yaml", text)
    size, length = line_of(text, "9K 16:9"), line_of(text, "duration: 5")
    rate, form = line_of(text, "fps: 24"), line_of(text, "GIF")
    assert set(found) == {
        f"{size}: 9K 16:9", f"{length}: duration", f"{rate}: fps", f"{form}: GIF"
    }  # fmt: skip
    assert '"1K 16:9"' in found[f"{size}: 9K 16:9"]
    assert found[f"{form}: GIF"] == 'Value is not accepted. Valid values: "MP4", "WEBM", "MOV".'
    assert "fps is not allowed" in found[f"{rate}: fps"]


def test_a_name_that_is_not_known_is_marked_and_says_how_it_may_become_so(
    server: LanguageServer,
) -> None:
    text = FILM.replace("uses: motion", "uses: motoin")
    (message,) = marks(server, "alias.yaml", text).values()
    assert message == "no alias and no model; `kinoform schema --write` takes new names in"


def test_inside_with_the_parameters_of_that_model_are_completed(server: LanguageServer) -> None:
    clip = offered(
        server, "clip.yaml", FILM + STEP.format(uses="motion", with_="prompt: a\n      |")
    )
    still = offered(
        server, "still.yaml", FILM + STEP.format(uses="board", with_="prompt: a\n      |")
    )
    assert {"first_frame", "last_frame", "duration", "sound", "size", "references"} <= clip
    assert {"size", "references", "count"} <= still
    assert not {"first_frame", "last_frame", "duration", "sound"} & still
    assert not {"taskUUID", "taskType", "webhookURL", "ttl"} & (clip | still)


def test_values_of_a_parameter_are_completed(server: LanguageServer) -> None:
    found = offered(server, "size.yaml", FILM + STEP.format(uses="board", with_="size: |"))
    assert {"1K 16:9", "2K 1:1", "4K 9:16"} <= found
    found = offered(server, "format.yaml", FILM + STEP.format(uses="motion", with_="format: |"))
    assert {"MP4", "WEBM", "MOV"} <= found
    assert "JPG" not in found


def test_aliases_models_and_operations_are_completed_at_uses(server: LanguageServer) -> None:
    found = offered(server, "uses.yaml", FILM + "  more:\n    uses: |\n")
    assert {"board", "motion", "runware/klingai:kling-image@o3", "local/concat"} <= found


def test_steps_instances_and_collections_are_completed(server: LanguageServer) -> None:
    step = "  more:\n    uses: local/text\n"
    found = offered(server, "needs.yaml", f"{FILM}{step}    needs:\n      - |\n")
    assert {"still", "clip@s020"} <= found
    assert "shots" in offered(server, "each.yaml", f"{FILM}{step}    foreach: |\n")


def test_a_parameter_says_what_it_is_when_pointed_at(server: LanguageServer) -> None:
    server.open("hover.yaml", FILM)
    line = line_of(FILM, "duration:")
    found = server.at("textDocument/hover", "hover.yaml", line, 8)
    assert "Length of the clip in seconds. Default: 5." in found["contents"]["value"]
