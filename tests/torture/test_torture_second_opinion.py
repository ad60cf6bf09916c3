"""Ten thousand requests for each hosted model: two engines, no disagreement. `make torture`."""

from __future__ import annotations

from collections import Counter

import pytest
from drawn_requests import HOSTED, OTHERS, ours, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COUNT = 10_000


@pytest.mark.parametrize("name", HOSTED)
def test_the_other_engine_agrees_on_ten_thousand_requests(name: str) -> None:
    seen: Counter[bool] = Counter()

    @settings(max_examples=COUNT, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def asked(data: st.DataObject) -> None:
        request = data.draw(requests(name))
        verdict = ours(name, request)
        assert verdict == OTHERS[name].is_valid(request)
        seen[verdict] += 1

    asked()
    # Requests that are all wrong, or all right, would prove nothing.
    assert seen.total() >= COUNT
    assert min(seen[True], seen[False]) > COUNT // 20, seen
