"""The rules of choosing between results, by problem code. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "no-such-take": "A choice names a take, a name such as 3f9a_t02, or a digest that the step has.",
    "ambiguous-take": "A choice names one result.",
    "pick-one-step": "A choice is made for one instance at a time.",
    "pick-needs-take": "A choice says which take, unless there is only one.",
    "pick-pinned": "What was pinned stays until --pin is said again.",
    "pick-too-long": "A choice with its reason fits on one line.",
    "pick-without-bytes": "The bytes of what was chosen should be here.",
    "chain-touched": "What begins on the last frame of a clip is bought again when that clip is.",
    "equate-same": "What is equated are two artifacts.",
    "equate-unknown": "equate --undo names what somebody has equated.",
    "restore-without-bytes": "What is to stand again has its bytes here, or where they cost nothing.",
    "retake-local": "One more take is bought; what is made here comes out the same each time.",
    "retake-too-early": "One more take needs a request that is known: what it reads must be made.",
    "take-to-choose": "One more take does not stand for its step before somebody chose it.",
    "waits-for-choice": "What lies behind a review goes on once somebody has chosen.",
    "adopt-not-read": "A file that is adopted can be read.",
    "adopt-nothing": "A step whose result is to be kept has one, and its bytes are here.",
    "adopt-wrong-kind": "A file that is adopted is of the kind that the step makes.",
    "adopt-other-facts": "A file that is adopted should be as large and as long as what the step makes.",
}
