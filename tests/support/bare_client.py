"""A Runware client with nothing around it: arrays of 50, polls each second, results to files.

Keeps no record, syncs nothing, looks at no byte: what is left is what the requests take. Run as
`python bare_client.py BASE COUNT FOLDER KEY`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

FOLD, LANES, DOWNLOADS = 50, 4, 16  # tasks in an array, arrays and downloads under way
LOOK = 1.0  # seconds between two polls of an array

Item: TypeAlias = "dict[str, Any]"


class Wires:
    """Kept connections to one address, `most` at a time."""

    def __init__(self, host: str, port: int, most: int) -> None:
        self._host, self._port = host, port
        self._gate = asyncio.Semaphore(most)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, head: str, body: bytes = b"") -> bytes:
        """The body of the answer to one request."""
        async with self._gate:
            if not self._idle:
                self._idle.append(await asyncio.open_connection(self._host, self._port))
            reader, writer = wire = self._idle.pop()
            size = f"Content-Length: {len(body)}\r\n" if body else ""
            writer.write(f"{head}Host: {self._host}:{self._port}\r\n{size}\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            fields = dict(
                line.split(": ", 1) for line in answer.decode().lower().split("\r\n")[1:-2]
            )
            data = await reader.readexactly(int(fields["content-length"]))
            self._idle.append(wire)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(answer.decode() + data.decode())
        return data

    def close(self) -> None:
        """Let go of all."""
        for _, writer in self._idle:
            writer.close()


class Client:
    """One run of so many pictures."""

    def __init__(self, base: str, folder: Path, key: str) -> None:
        parts = urlsplit(base)
        self._head = f"POST {parts.path} HTTP/1.1\r\nAuthorization: Bearer {key}\r\n"
        self._head += "Content-Type: application/json\r\n"
        self.folder = folder
        self._api = Wires(parts.hostname or "", parts.port or 0, LANES)
        self._files = Wires(parts.hostname or "", parts.port or 0, DOWNLOADS)

    async def run(self, count: int) -> None:
        """All of it, from the first submit to the last file."""
        tasks = [_picture(number) for number in range(count)]
        arrays = [tasks[start : start + FOLD] for start in range(0, count, FOLD)]
        await asyncio.gather(*(self._array(array) for array in arrays))
        self._api.close()
        self._files.close()

    async def _array(self, tasks: list[Item]) -> None:
        await self.submit(tasks)
        names = {task["taskUUID"] for task in tasks}
        files = []
        while names:
            await asyncio.sleep(LOOK)
            asked = [{"taskType": "getResponse", "taskUUID": name} for name in names]
            items = (await self.post(asked))["data"]
            made = [item for item in items if "imageURL" in item]
            names -= {item["taskUUID"] for item in made}
            files.append(asyncio.create_task(self.take(made)))
        await asyncio.gather(*files)

    async def submit(self, tasks: list[Item]) -> None:
        """Send an array of tasks."""
        await self.post(tasks)

    async def take(self, made: list[Item]) -> None:
        """Bring the results that one poll told of."""
        for item, data in zip(made, await self.fetched(made), strict=True):
            (self.folder / item["taskUUID"]).write_bytes(data)

    async def fetched(self, made: list[Item]) -> list[bytes]:
        """The bytes of these results."""
        return await asyncio.gather(*map(self._fetch, made))

    async def post(self, tasks: list[Item]) -> Item:
        """What the provider answers to an array."""
        answer: dict[str, Any] = json.loads(
            await self._api.ask(self._head, json.dumps(tasks).encode())
        )
        return answer

    async def _fetch(self, item: Item) -> bytes:
        parts = urlsplit(item["imageURL"])
        return await self._files.ask(f"GET {parts.path} HTTP/1.1\r\n")


def _picture(number: int) -> Item:
    return {
        "taskType": "imageInference",
        "taskUUID": str(uuid.uuid4()),
        "model": "klingai:kling-image@o3",
        "positivePrompt": f"Frame s{number:05}",
        "width": 1360,
        "height": 768,
        "deliveryMethod": "async",
        "includeCost": True,
        "outputType": "URL",
    }


if __name__ == "__main__":
    where, wanted, kept, secret = sys.argv[1:]
    asyncio.run(Client(where, Path(kept), secret).run(int(wanted)))
