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
    "import": (
        "kinoform.cli.commands.models_import:importing_page",
        "Make a model file of a model page.",
    ),
    "diff": (
        "kinoform.cli.commands.models_diff:diff",
        "Show what moved between two model files.",
    ),
    "choose": (
        "kinoform.cli.commands.models_choose:choose",
        "Let an alias with several candidates stand for one.",
    ),
}

models = LazyGroup(
    "models",
    TABLE,
    help="List, show, choose, import and compare models; judge a request.",
    epilog="Example: kinoform models show runware/klingai:kling-image@o3",
    no_args_is_help=True,
)
