"""Which model an alias with several candidates stands for, in words and as data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.money import dollars, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kinoform.core.choice import Choice, Option
    from kinoform.views.fields import Fields

_WHY = {
    "recorded": "recorded in kinoform.lock",
    "held": "it has results already",
    "first": "the first that can say it",
    "cheapest": "the cheapest",
}


def lines(choices: Iterable[Choice]) -> Iterator[str]:
    """One line for each alias, and one for each other candidate."""
    for choice in choices:
        mine = next((o for o in choice.options if o.model == choice.model), None)
        price = f", {dollars(mine.price)} for all of it" if mine else ""
        yield f"{choice.alias} is {choice.model}: {_WHY[choice.why]}{price}"
        for option in choice.options:
            if option.model != choice.model:
                yield f"  or {option.model}: {_other(option)}"


def _other(option: Option) -> str:
    if option.lacks:
        return f"cannot say {', '.join(option.lacks)}"
    return f"{dollars(option.price)} for all of it"


FIELDS: Fields = {
    "alias": "string: the alias in the pipeline file",
    "model": "string: the candidate that it stands for",
    "why": "string: recorded, held, first or cheapest",
    "options": "list: its candidates, in the order of the file",
    "options[].model": "string: the full model id",
    "options[].price": "money or null: of all that the alias makes; null where nobody knows",
    "options[].held": "integer: how many of its results are here already",
    "options[].lacks": "list of string: names in `with` that it does not have",
}


def documents(choices: Iterable[Choice]) -> list[dict[str, Any]]:
    """The same as data; money is decimal text, null when unknown."""
    return [
        {
            "alias": choice.alias,
            "model": choice.model,
            "why": choice.why,
            "options": [
                {
                    "model": option.model,
                    "price": None if option.price is None else text(option.price),
                    "held": option.held,
                    "lacks": list(option.lacks),
                }
                for option in choice.options
            ],
        }
        for choice in choices
    ]
