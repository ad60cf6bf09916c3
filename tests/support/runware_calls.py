"""Short ways to speak to an emulated Runware over HTTP."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

if TYPE_CHECKING:
    from emulator import Emulator


def signed_in(server: Emulator, key: str = "k") -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=server.base, headers=headers, trust_env=False, timeout=30)


def ask(client: httpx.Client, *tasks: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post("/v1", json=list(tasks))
    return answer.status_code, answer.json()


def png(width: int = 640, height: int = 640) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(sink, "PNG")
    return sink.getvalue()


def uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def codes(answer: dict[str, Any]) -> list[str]:
    return [each["code"] for each in answer["errors"]]
