"""What ops read of a bound request."""

from __future__ import annotations

import pytest

from kinoform.core.errors import OpError
from kinoform.core.types import Blob
from kinoform.ops.params import blob, blobs

ONE = Blob(f"sha256:{'1' * 64}", 1, "image/png")
TWO = Blob(f"sha256:{'2' * 64}", 2, "image/png")


def test_a_file_by_itself_is_a_list_of_one() -> None:
    assert blobs({"images": ONE}, "images") == [ONE]
    assert blobs({"images": [ONE, TWO]}, "images") == [ONE, TWO]
    assert blob({"image": ONE}, "image") == ONE


@pytest.mark.parametrize("found", [None, [], "x", [ONE, "x"]])
def test_what_is_no_list_of_files_is_refused(found: object) -> None:
    with pytest.raises(OpError, match="at least one"):
        blobs({"images": found}, "images")


def test_a_list_is_no_file() -> None:
    with pytest.raises(OpError, match="a file"):
        blob({"image": [ONE]}, "image")
