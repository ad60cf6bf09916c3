"""`kinoform models`: the catalog. A group of commands below it."""

from __future__ import annotations

from kinoform.cli.lazy import LazyGroup

TABLE = {
    "list": ("kinoform.cli.commands.models_list:listing", "List the models."),
    "show": (
        "kinoform.cli.commands.models_show:details",
        "Show what a model takes, makes and costs.",
    ),
    "check": ("kinoform.cli.commands.models_check:check", "Judge one request exactly as sent."),
}

models = LazyGroup(
    "models",
    TABLE,
    help="List models, show one, judge a request.",
    epilog="Example: kinoform models show runware/klingai:kling-image@o3",
    no_args_is_help=True,
)
