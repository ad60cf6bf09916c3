"""Questions that only the vendors can answer; each has the worse answer unless one is chosen."""

from __future__ import annotations

# name -> (the answer assumed, all answers; none means any number of seconds, the question)
MODES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "mixed_status": ("400", ("200", "400"), "HTTP status of an answer with data and errors"),
    "answer_order": ("any", ("any", "kept"), "whether answers come in the order of their tasks"),
    "uuid_after_rejection": (
        "taken",
        ("reusable", "taken"),
        "whether the taskUUID of a refused task may be used again",
    ),
    "conflict_window": ("3600", (), "seconds for which a taskUUID cannot be used again"),
    "refused_billed": ("yes", ("yes", "no"), "whether what moderation refuses is billed"),
    "refusal_cost": ("unsaid", ("said", "unsaid"), "whether an error says what it cost"),
    "details_known": ("no", ("yes", "no"), "whether getTaskDetails knows tasks at all"),
    "response_lifetime": ("86400", (), "seconds for which getResponse knows a finished task"),
    "url_lifetime": ("86400", (), "seconds for which a result can be downloaded without ttl"),
    "fresh_url": ("no", ("yes", "no"), "whether getResponse renews an address that has expired"),
    "balance_shape": ("object", ("object", "number"), "how getDetails says the balance"),
    "date_header": ("yes", ("yes", "no"), "whether answers have a Date, as HTTP demands"),
    "list_delay": ("30", (), "seconds until the list of tasks shows a new one"),
    "list_filters": ("no", ("yes", "no"), "whether the list obeys model, status and dates"),
    "list_total": ("no", ("yes", "no"), "whether the list says how many there are"),
    "input_echoed": ("no", ("yes", "no"), "whether a task says what it was asked"),
    "idempotency": ("ignored", ("ignored", "honoured"), "what Idempotency-Key does"),
    "no_balance": ("403", ("402", "403"), "HTTP status of a submit without balance"),
    "refund_delay": ("10800", (), "seconds until a failed task is refunded"),
    "sync": ("listed", ("listed", "any"), "which models take enable_sync_mode"),
    "sync_limit": ("120", (), "seconds for which a synchronous submit is held open"),
    "sync_timeout": ("504", ("504", "5004"), "how a synchronous submit ends that took too long"),
    "tier": (
        "none",
        ("none", "bronze", "silver", "gold", "ultra"),
        "whose limits count: tasks a minute and tasks at once",
    ),
}
