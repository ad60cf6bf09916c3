"""Addresses on the command line: fetched over TLS from this machine, bought with at the emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pictures_online import certificate, picture, serving

from emulator import launched
from kinoform.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pictures_online import Web

pytestmark = pytest.mark.skipif(
    not shutil.which("openssl"), reason="makes its certificate with openssl"
)
FILM = """\
kinoform: 1
name: lamp
models: {{retouch: "runware/klingai:kling-image@3"}}
steps:
  still:
    uses: retouch
    with: {{prompt: in ink, image: "https://localhost:{port}/a.png", size: "1K 16:9"}}
"""


class Desk:
    """Starts the program on a film that reads an address of this machine."""

    def __init__(self, folder: Path, web: Web, provider: str) -> None:
        self.root, self.web = folder / "film", web
        self.url = f"https://localhost:{web.port}/a.png"
        self.root.mkdir()
        (self.root / "pipeline.yaml").write_text(FILM.format(port=web.port))
        self.environ = os.environ | {
            "KINOFORM_HOME": str(folder / "home"),
            "SSL_CERT_FILE": str(folder / "certificate.pem"),
            "KINOFORM_RUNWARE_URL": f"{provider}/v1",
            "RUNWARE_API_KEY": "anything",
        }

    def __call__(self, name: str, *words: str, **environ: str) -> tuple[int, str, str]:
        argv = [sys.executable, "-m", "kinoform", name, "-C", str(self.root), *words]
        done = subprocess.run(
            argv, env=self.environ | environ, check=False, capture_output=True, text=True
        )
        return done.returncode, done.stdout, done.stderr

    def json(self, name: str, *words: str) -> Any:
        return json.loads(self(name, "--json", *words)[1])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serving(certificate(tmp_path)) as web, launched("--latency", "0") as provider:
        web.files["/a.png"] = picture()
        yield Desk(tmp_path, web, provider.base)


def test_an_address_is_pinned_bought_with_and_pinned_anew(desk: Desk) -> None:
    status, out, _ = desk("plan")
    assert (status, "a value is known after run: https://localhost" in out) == (Exit.DONE, True)
    status, _, err = desk("run")
    assert (status, "not-confirmed" in err) == (Exit.SPEND, True)
    assert desk.web.asked.total() == 1
    assert desk.json("run", "--max-cost", "1")["paid"] == "0.028"
    assert desk.json("run")["counts"]["reused"] == 1
    assert desk.web.asked.total() == 1

    desk.web.files["/a.png"] = picture("red")
    status, out, err = desk("pull", "--refetch", desk.url)
    assert (status, out) == (Exit.DONE, "1 pinned in kinoform.lock/inputs\n")
    assert f"{desk.url}: was sha256:" in err
    assert "makes still stale: $0.028" in err
    assert desk.json("plan")["price"]["expected"] == "0.028"


def test_this_machine_is_no_source_where_no_provider_is_on_it(desk: Desk) -> None:
    status, _, err = desk("run", "--max-cost", "1", KINOFORM_RUNWARE_URL="")
    assert (status, "error[input-unreachable]" in err) == (Exit.ENVIRONMENT, True)
    assert desk.web.asked.total() == 0


def test_a_pull_needs_a_folder_or_an_address(desk: Desk) -> None:
    status, _, err = desk("pull")
    assert (status, "error[missing-word]" in err) == (Exit.USAGE, True)
    status, _, err = desk("pull", "--refetch", desk.url, "nowhere")
    assert (status, "error[bad-usage]" in err) == (Exit.USAGE, True)
    status, _, err = desk("pull", "--refetch", "https://localhost/other.png")
    assert (status, "error[no-such-input]" in err) == (Exit.USAGE, True)
