"""Codes of buying: what a provider said, what came of a task, what may be spent."""

from __future__ import annotations

CODES: dict[str, str] = {
    "key-refused": "A provider takes requests only with a key that it knows.",
    "empty-result": "A task that ended well without a result is not sent again by itself.",
    "held": "One process at a time works on a key.",
    "input-expired": "What stands for an upload at a provider must still be there.",
    "moderated": "What a provider's moderation refused is not sent again by itself.",
    "network": "A provider must be reachable.",
    "no-balance": "An account must have enough balance for what is bought.",
    "not-accepted": "`resume` begins nothing: what was never accepted is begun by `run`.",
    "not-fetched": "A result must be fetched before its address expires.",
    "outcome-unknown": "A submit whose outcome is unknown is not sent again before that is settled.",
    "paid-lost": "What was paid for and cannot be had any more stays listed until it is settled.",
    "parked": "A task that takes longer than is waited for is left at the provider.",
    "partial-results": "A task must bring as many results as were asked for.",
    "price-deviates": "A model whose price is more than a tenth above what was said is bought no more.",
    "provider-busy": "A provider must have room for a task.",
    "rate-limited": "A provider's wish for fewer requests is obeyed.",
    "request-refused": "A request must be one that its provider takes.",
}
