"""Whatever is sent to the emulated Runware, the answer is an envelope, and never a failure of ours."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import clip, new_id, picture, running
from kinoform.spec.fields import put

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TASKS = [
    picture(numberResults=2, inputs={"referenceImages": [new_id()]}),
    clip(),
    {"taskType": "getResponse", "taskUUID": new_id()},
    {"taskType": "getTaskDetails", "taskUUID": new_id()},
    {"taskType": "imageUpload", "taskUUID": new_id(), "image": "aGVsbG8="},
    {"taskType": "mediaStorage", "taskUUID": new_id(), "operation": "upload", "media": "x"},
    {"taskType": "mediaStorage", "taskUUID": new_id(), "operation": "delete", "mediaUUID": "x"},
    {"taskType": "accountManagement", "taskUUID": new_id(), "operation": "getDetails"},
    {"taskType": "authentication", "apiKey": "k"},
]
PATHS = sorted(
    {name for task in TASKS for name in task}
    | {"inputs.frameImages", "inputs.video", "safety.mode", "safety", "ttl", "outputType"}
    | {"providerSettings.klingai.multiPrompt", "inputs.elements", "inputs.referenceImages"}
)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer k"}
    with (
        running() as server,
        httpx.Client(base_url=server.base, headers=headers, trust_env=False, timeout=30) as found,
    ):
        yield found


def answered(client: httpx.Client, tasks: Any) -> None:
    answer = client.post("/v1", content=json.dumps(tasks))
    assert answer.status_code in (200, 400, 401, 402), answer.text
    envelope = answer.json()
    assert envelope.keys() <= {"data", "errors"}
    assert envelope.get("errors") != []
    for error in envelope.get("errors", ()):
        assert {"code", "message"} <= error.keys()


@given(st.sampled_from(TASKS), st.sampled_from(PATHS), JSON)
def test_a_task_with_anything_in_any_field(
    client: httpx.Client, task: dict[str, Any], path: str, value: Any
) -> None:
    changed = copy.deepcopy(task)
    put(changed, path, value)
    answered(client, [changed])


@given(JSON)
def test_anything_instead_of_tasks(client: httpx.Client, value: Any) -> None:
    answered(client, value)
