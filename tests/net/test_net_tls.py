"""Encrypted connections: a certificate that is trusted and names the host, or nothing is sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(not OPENSSL, reason="makes its certificate with openssl")

# In a process of its own: what is trusted is read once, from the environment.
SCRIPT = """
import asyncio, json, ssl, sys
from pathlib import Path
from kinoform.core.secret import Secret
from kinoform.net.addresses import Place
from kinoform.net.carrier import HttpCarrier
from kinoform.net.line import Line
from kinoform.net.link import Effects, dial
from kinoform.ports import FetchError, Request

folder = Path(sys.argv[1])
seen = []

async def serve(reader, writer):
    try:
        seen.append((await reader.readuntil(b"\\r\\n\\r\\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    writer.close()

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    async def resolve(host, _port):
        return ["93.184.216.34"]

    async def here(place, _address):
        return await dial(Place(place.scheme, place.host, port, place.target), "127.0.0.1")

    carrier = HttpCarrier(
        Line(f"https://127.0.0.1:{port}", Secret("canary-key")), effects=Effects(resolve, here)
    )
    said = {"api": (await carrier.send(Request("GET", "x"), None)).fault}
    for host in ("cdn.example", "other.example"):
        reply = await carrier.send(Request("PUT", f"https://{host}/put", (b"x",)), None)
        said[host] = reply.fault
    said["seen"] = [text.split("\\r\\n")[0] for text in seen]
    said["keys"] = sum("canary-key" in text for text in seen)
    await carrier.close()
    server.close()
    print(json.dumps(said))

asyncio.run(main())
"""


def run(folder: Path, **environ: str) -> dict[str, Any]:
    assert OPENSSL
    names = "subjectAltName=IP:127.0.0.1,DNS:cdn.example"
    subprocess.run(
        [
            OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", names,
            "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    argv = [sys.executable, "-c", SCRIPT, str(folder)]
    done = subprocess.run(
        argv, env=os.environ | environ, check=True, capture_output=True, text=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_a_certificate_that_is_trusted_and_names_the_host_is_needed(tmp_path: Path) -> None:
    assert run(tmp_path, SSL_CERT_FILE=str(tmp_path / "cert.pem")) == {
        "api": "",
        "cdn.example": "",
        "other.example": "not-sent",
        "seen": ["GET /x HTTP/1.1", "PUT /put HTTP/1.1"],
        "keys": 1,
    }


def test_a_certificate_that_nobody_trusts_gets_nothing(tmp_path: Path) -> None:
    assert run(tmp_path) == {
        "api": "not-sent", "cdn.example": "not-sent", "other.example": "not-sent",
        "seen": [], "keys": 0,
    }  # fmt: skip
