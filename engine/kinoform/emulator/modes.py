"""Questions that only the vendors can answer; each has the worse answer unless one is chosen."""

from __future__ import annotations

# name -> (the answer assumed, all answers; none means any number of seconds, the question)
MODES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "mixed_status": ("400", ("200", "400"), "HTTP status of an answer with data and errors"),
    "uuid_after_rejection": (
        "taken",
        ("reusable", "taken"),
        "whether the taskUUID of a refused task may be used again",
    ),
    "conflict_window": ("3600", (), "seconds for which a taskUUID cannot be used again"),
    "refused_billed": ("yes", ("yes", "no"), "whether what moderation refuses is billed"),
    "details_known": ("no", ("yes", "no"), "whether getTaskDetails knows tasks at all"),
    "response_lifetime": ("86400", (), "seconds for which getResponse knows a finished task"),
    "url_lifetime": ("86400", (), "seconds for which a result can be downloaded without ttl"),
    "fresh_url": ("no", ("yes", "no"), "whether getResponse renews an address that has expired"),
    "balance_shape": ("object", ("object", "number"), "how getDetails says the balance"),
}
