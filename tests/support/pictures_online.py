"""Pictures behind https addresses: a real server on loopback that counts, reached as a public host."""

from __future__ import annotations

import io
import shutil
import ssl
import subprocess
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from film import Film
from PIL import Image

from kinoform.api.fetching import brought
from kinoform.net.download import Downloader
from kinoform.net.link import Effects, dial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kinoform.api.project import Mode, Planned, Project
    from kinoform.api.setting import Setting
    from kinoform.net.addresses import Place
    from kinoform.net.link import Wire

HOST = "https://pictures.example"
PUBLIC = "93.184.216.34"


def picture(color: str = "teal", size: tuple[int, int] = (512, 512)) -> bytes:
    """A PNG."""
    body = io.BytesIO()
    Image.new("RGB", size, color).save(body, "PNG")
    return body.getvalue()


class Web:
    """What lies where, by path, and how often each was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.heard: list[str] = []
        self.port = 0

    def downloads(self) -> Downloader:
        """What fetches from here, whatever public host is meant."""
        return Downloader(effects=Effects(_resolve, self._dial))

    async def _dial(self, place: Place, _address: str) -> Wire:
        return await dial(type(place)("http", place.host, self.port, place.target), "127.0.0.1")


async def _resolve(_host: str, _port: int) -> Sequence[str]:
    return [PUBLIC]


def certificate(folder: Path) -> Path:
    """A certificate of this machine with its key, in one file; whoever trusts it asks over TLS."""
    openssl = shutil.which("openssl")
    assert openssl
    file = folder / "certificate.pem"
    argv = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", str(file), "-out", str(folder / "public.pem")]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True)
    file.write_text(file.read_text() + (folder / "public.pem").read_text())
    return file


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Web]:
    """Serve while the block runs; with a certificate over TLS."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            web.asked[path] += 1
            web.heard.append(str(self.headers))
            body = web.files.get(path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_address[1]
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class OnlineFilm(Film):
    """A film that reads addresses; it is run as the command does it."""

    def __init__(self, folder: Path, text: str, web: Web) -> None:
        super().__init__(folder, text)
        self._web = web

    def setting(self, draft: Mode = "", **more: object) -> Setting:
        """With the network that leads to the web here."""
        return super().setting(draft, downloads=self._web.downloads, **more)

    def fetched(self, **more: Any) -> tuple[Project, Planned]:
        """Fetch what a run would fetch, and plan again."""
        setting = self.setting(**more)
        project = self.open(**more)
        project = brought(project, setting, project.plan())
        return project, project.plan()

    def pins(self) -> dict[str, str]:
        """Every record of an address, by its file."""
        folder = self.root / "kinoform.lock/inputs"
        return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.glob("*/*")}
