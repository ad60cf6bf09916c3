"""The rules of templates and references, by problem code. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    # templates
    "circular-value": "A value is not made from itself, over however many others.",
    "mixed-template": "${{ }} is the whole value; inside text stands {{ }}.",
    "no-such-partial": "A partial is a file in prompts/, named from there.",
    "none-in-text": "A value that stands in text is not none.",
    "not-text": "What stands in text is text, a number or a truth.",
    "template-failed": "What a template computes must be possible.",
    "template-forbidden": "A template uses only what the language offers.",
    "template-syntax": "Templates are valid Jinja, with the filters and tests that there are.",
    "template-too-large": "A template, a rendered text and a number in it stay below their limits.",
    "template-too-long": "Templates do a bounded amount of work, each and all together.",
    "undefined-name": "A template reads only names that are declared.",
    # references
    "bad-frame": "frame() takes one number of seconds from the beginning of a clip.",
    "no-such-fact": "A fact is asked only of media that have it.",
    "not-a-truth": "`when` is true or false.",
    "not-a-value": "What a request gets is text, a number, a truth, a list, a map or an artifact.",
    "not-at-plan-time": "`when` reads only what is known before anything is made.",
    "which-one": "A reference says which instance of a fanned-out step it means.",
}
