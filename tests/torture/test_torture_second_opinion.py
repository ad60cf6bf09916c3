"""Ten thousand requests for each hosted model: two engines, no disagreement. `make torture`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from drawn_requests import HOSTED, OTHERS, ours, requests
from figures import NAME, limited
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 10_000


@pytest.mark.parametrize("name", HOSTED)
def test_the_other_engine_agrees_on_ten_thousand_requests(
    name: str, record_property: Callable[[str, Any], None]
) -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=COUNT, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def asked(data: st.DataObject) -> None:
        request = data.draw(requests(name))
        verdict = ours(name, request)
        assert verdict == OTHERS[name].is_valid(request)
        seen[verdict] += 1

    with limited(600):
        asked()
    record_property(NAME, f"{name}: {seen[True]} right, {seen[False]} wrong, 0 disagreements")
    # Requests that are all wrong, or all right, would prove nothing.
    assert seen.total() >= COUNT
    assert min(seen[True], seen[False]) > COUNT // 20, seen
