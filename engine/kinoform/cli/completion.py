"""`kinoform completion`: the script that makes a shell complete our words. Knows shells only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from kinoform.cli import main
from kinoform.cli.options import command
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

SCRIPTS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


FIELDS: Fields = {
    **VERSIONED,
    "shell": "string: bash, zsh or fish",
    "script": "string: what the shell should read",
}


@command("completion", prints={"--json": FIELDS})
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def completion(show: Show, options: Options, shell: str) -> None:
    """Print the completion script of a shell.

    bash and zsh: put eval "$(kinoform completion bash)" into ~/.bashrc (or zsh, ~/.zshrc).

    fish: kinoform completion fish > ~/.config/fish/completions/kinoform.fish
    """
    writer = SCRIPTS[shell](main.root(), {}, "kinoform", main.COMPLETE)
    script = writer.source()
    if show.json:
        show.document({"version": 1, "shell": shell, "script": script})
    else:
        show.lines(script)
